"""Carry out a runbook durably: the engine schedules, the journal is the truth."""
