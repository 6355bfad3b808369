"""Errors of this room.

::

    RehearsalError        a person can mend it: `faults` are plain sentences, all of them at once
      ProgramError        the program ran and was wrong; `preview` holds what it had asked for by then
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rehearsal.preview import Preview


class RehearsalError(Exception):
    """Something is wrong with a rehearsal; `faults` say what, where and what to do."""

    def __init__(self, *faults: str) -> None:
        """Keep every fault."""
        super().__init__("\n".join(faults))
        self.faults = faults


class ProgramError(RehearsalError):
    """The program cannot be deployed as it is. Nothing was kept of the run."""

    def __init__(self, preview: Preview) -> None:
        """Keep every fault and what was found before them."""
        super().__init__(*preview.faults)
        self.preview = preview
