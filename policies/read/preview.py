"""`pulumi preview --json`, and the rehearsal's preview of the same shape."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from policies.errors import PoliciesError
from policies.model import Subject
from policies.read.resources import State, subject_of

_MADE: Final = frozenset({"create", "create-replacement"})
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
    unseen = preview.change_summary.get("same", 0) - sum(s.op == "same" for s in preview.steps)
    if unseen > 0:
        raise PoliciesError(
            f"{name}: leaves out {unseen} unchanged resources, so what is missing beside the others cannot be judged. "
            "Preview with: pulumi preview --json --show-sames."
        )
    kept = [s for s in preview.steps if s.op not in _GONE]
    lacking = [s.urn or s.op for s in kept if s.new_state is None]
    if lacking:
        raise PoliciesError(
            *(f"{name}: the step for {u} has no newState, so it cannot be judged. Write the preview again." for u in lacking)
        )
    states: dict[str, State] = {}
    for new in (s.new_state for s in kept if s.new_state is not None and not s.new_state.external):
        if states.setdefault(new.urn, new).inputs != new.inputs:
            raise PoliciesError(f"{name}: gives {new.urn} two different new states. Write the preview again.")
    made = {s.new_state.urn for s in kept if s.new_state is not None and s.op in _MADE}
    return tuple(subject_of(states[urn], is_new=urn in made) for urn in sorted(states))
