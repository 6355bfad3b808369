"""Everything that pretends, and nothing else.

`rehearse` runs an unmodified Pulumi program against pretend clouds and tells what would change.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from rehearsal.errors import ProgramError, RehearsalError
from rehearsal.preview import Diagnostic, Preview, Step

__all__ = ["Diagnostic", "Preview", "ProgramError", "RehearsalError", "Step", "rehearse"]


def rehearse(
    project: Path,
    stack: str,
    state: Path,
    *,
    config: Mapping[str, str] | None = None,
    preview_only: bool = False,
    python: str = sys.executable,
) -> Preview:
    """Run the Pulumi program in the folder `project` as the stack `stack`, against the state file `state`.

    `config` (`NAMESPACE:NAME` or `NAME` to text) goes before Pulumi.STACK.yaml. The state is brought up to date unless
    `preview_only`, in which case what is not yet made is unknown to the program, as in `pulumi preview`. Other stacks
    are looked for beside `state`. `python` runs the program; it must have the same packages.

    Raises RehearsalError for a project, configuration or state that cannot be used or a stack already in rehearsal, and
    ProgramError (one of those, with `.preview`) when the program is wrong; the state is then as it was.
    """
    from rehearsal.engine import rehearse as run

    return run(project, stack, state, config=config, preview_only=preview_only, python=python)
