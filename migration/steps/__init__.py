"""The steps that a runbook is made of: do, verify, undo. To add one: a module with a `Kind`, named in `kinds`."""
