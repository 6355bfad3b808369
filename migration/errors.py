"""Errors of this room.

::

    MigrationError        a person can mend it: `faults` are plain sentences, all of them at once
    └─ UnansweredError    somebody who was asked did not answer, so that nobody can tell
"""

from __future__ import annotations


class MigrationError(Exception):
    """Something is wrong with an assessment, a plan or a runbook; `faults` say what, where and what to do."""

    def __init__(self, *faults: str) -> None:
        """Keep every fault."""
        super().__init__("\n".join(faults))
        self.faults = faults


class UnansweredError(MigrationError):
    """A service elsewhere did not answer, or not with what was asked: what it would have said, nobody can tell."""
