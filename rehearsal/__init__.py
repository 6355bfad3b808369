"""Everything that pretends, and nothing else.

`rehearse` runs an unmodified Pulumi program against pretend clouds and tells what would change; `refresh` and `destroy` do what
Pulumi's commands of those names do, against the same clouds.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rehearsal.errors import ProgramError, RehearsalError
from rehearsal.pack_settings import PolicyPack
from rehearsal.preview import Diagnostic, Preview, Step, Violation

__all__ = [
    "Diagnostic",
    "PolicyPack",
    "Preview",
    "ProgramError",
    "RehearsalError",
    "Step",
    "Violation",
    "destroy",
    "refresh",
    "rehearse",
]


def rehearse(  # noqa: PLR0913 - one parameter for each option
    project: Path,
    stack: str,
    state: Path,
    *,
    config: Mapping[str, str] | None = None,
    preview_only: bool = False,
    most: int | None = None,
    python: str = sys.executable,
    packs: Sequence[PolicyPack] = (),
) -> Preview:
    """Run the Pulumi program in the folder `project` as the stack `stack`, against the state file `state`: preview or up.

    `config` (`NAMESPACE:NAME` or `NAME` to text) goes before Pulumi.STACK.yaml. The state is brought up to date unless
    `preview_only`, in which case what is not yet made is unknown to the program, as in `pulumi preview`. Other stacks
    are looked for beside `state`, and what the pretend cloud holds (cloud.py). A run that would delete and replace more than
    `most` resources is refused before anything changes. `python` runs the program; it must have the same packages.
    Policy `packs` judge what is asked for, as Pulumi has them do it; a breach of a mandatory policy is an error.

    Raises RehearsalError for a project, configuration or state that cannot be used or a stack already in rehearsal, and
    ProgramError (one of those, with `.preview`) when the program is wrong; the state is then as it was.
    """
    from rehearsal.engine import rehearse as run

    return run(project, stack, state, config=config, preview_only=preview_only, most=most, python=python, packs=packs)


def refresh(project: Path, state: Path, *, preview_only: bool = False) -> Preview:
    """Read what the pretend cloud holds into the state file `state`: what differs is an update, what is gone a delete.

    Each difference is also told in a diagnostic. With `preview_only` nothing is written: that is the drift. Raises RehearsalError
    when the stack has no state yet, or the state or the cloud's file cannot be read.
    """
    from rehearsal.upkeep import refresh as run

    return run(project, state, preview_only=preview_only)


def destroy(project: Path, state: Path, *, preview_only: bool = False, most: int | None = None) -> Preview:
    """Delete every resource of the state file `state` from the pretend cloud, what stands on others first.

    Raises RehearsalError when the stack has no state, and naming every resource that is protected, more than `most`
    resources, and what the cloud refuses to delete; nothing is then changed.
    """
    from rehearsal.upkeep import destroy as run

    return run(project, state, preview_only=preview_only, most=most)
