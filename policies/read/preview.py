"""`pulumi preview --json`, and the rehearsal's preview of the same shape."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from policies.errors import PoliciesError
from policies.model import Subject
from policies.read.resources import State, subject_of

_MADE: Final = frozenset({"create", "create-replacement"})
_OWN: Final = ("update", "import")
_GONE: Final = frozenset({"delete", "delete-replaced", "discard", "discard-replaced", "read-discard", "remove-pending-replace"})


class _Step(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    op: str
    urn: str = ""
    new_state: State | None = Field(default=None, alias="newState")


class _Diagnostic(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    severity: str = ""
    message: str = ""


class _Preview(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    steps: tuple[_Step, ...] = ()
    change_summary: dict[str, int] = Field(default_factory=dict[str, int], alias="changeSummary")
    diagnostics: tuple[_Diagnostic, ...] | None = None


def subjects_of_preview(held: dict[str, Any], name: str) -> tuple[Subject, ...]:
    """The resources as they will be: the new state of every step that is not a delete, one for each URN.

    Resources that are only read are another's and are not judged. Raises PoliciesError when the preview failed or a
    step has no new state, since what is missing cannot be judged; pydantic's ValidationError on a wrong shape.
    """
    preview = _Preview.model_validate(held)
    errors = [d.message.strip() for d in preview.diagnostics or () if d.severity == "error"]
    if errors:
        raise PoliciesError(f"{name}: is of a preview that failed ({errors[0][:200]}). Mend that, preview again and check the new file.")
    if unseen := _unseen(preview, name):
        raise PoliciesError(*unseen)
    kept = [s for s in preview.steps if s.op not in _GONE]
    lacking = [s.urn or s.op for s in kept if s.new_state is None]
    if lacking:
        raise PoliciesError(
            *(f"{name}: the step for {u} has no newState, so it cannot be judged. Write the preview again." for u in lacking)
        )
    states: dict[str, State] = {}
    for new in (s.new_state for s in kept if s.new_state is not None and not _is_anothers(s)):
        if states.setdefault(new.urn, new).inputs != new.inputs:
            raise PoliciesError(f"{name}: gives {new.urn} two different new states. Write the preview again.")
    made = {s.new_state.urn for s in kept if s.new_state is not None and s.op in _MADE}
    return tuple(subject_of(states[urn], is_new=urn in made) for urn in sorted(states))


def _is_anothers(step: _Step) -> bool:
    """Whether a step's resource is only read. What a step makes or changes is the stack's own, whatever its state says."""
    return step.new_state is not None and step.new_state.external and step.op not in (*_MADE, *_OWN)


def _unseen(preview: _Preview, name: str) -> list[str]:
    """A fault for what the preview counts and does not show. The engine counts a read that finds nothing changed as `same`."""
    shown, counted = Counter(s.op for s in preview.steps), preview.change_summary
    unchanged = counted.get("same", 0) - shown["same"] - max(0, shown["read"] - counted.get("read", 0))
    faults = [
        f"{name}: counts {counted[op]} to {op} and shows {shown[op]}, so the rest cannot be judged. Write the preview again."
        for op in ("create", *_OWN)
        if counted.get(op, 0) > shown[op]
    ]
    if unchanged > 0:
        faults.append(
            f"{name}: leaves out {unchanged} unchanged resources, so what is missing beside the others cannot be judged. "
            "Preview with: pulumi preview --json --show-sames."
        )
    return faults
