"""Errors of this room.

::

    InventoryError        a person can mend it: `faults` are plain sentences, all of them at once
"""

from __future__ import annotations


class InventoryError(Exception):
    """Something is wrong with the estate or its files; `faults` say what, where and what to do."""

    def __init__(self, *faults: str) -> None:
        """Keep every fault."""
        super().__init__("\n".join(faults))
        self.faults = faults
