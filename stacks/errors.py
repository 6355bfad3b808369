"""Errors of this room.

::

    StacksError        a person can mend it: `faults` are plain sentences, all of them at once
"""

from __future__ import annotations


class StacksError(Exception):
    """Something is wrong with a stack, its settings or a request; `faults` say what, where and what to do."""

    def __init__(self, *faults: str) -> None:
        """Keep every fault."""
        super().__init__("\n".join(faults))
        self.faults = faults
