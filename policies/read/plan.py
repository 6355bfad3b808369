"""`plan.json` becomes workloads, datasets, interfaces and the plan itself. A key that is not there is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from policies.errors import PoliciesError
from policies.model import UNKNOWN, Subject

FORMAT: Final = "cloud-unless/plan/1"
# Keys that controls may read; one that an older plan lacks is unknown.
_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "workload": (
        "is_registered",
        "owner",
        "product",
        "environment",
        "classification",
        "support_ends",
        "contract_ends",
        "saas_product",
        "readiness",
        "disposition",
        "exception_id",
        "wave",
        "criticality",
        "rto_hours",
        "rpo_hours",
        "failures_per_year_tolerated",
        "public_facing",
        "accessibility_reviewed_on",
    ),
    "dataset": (
        "workload_id",
        "owner",
        "steward",
        "classification",
        "retention_years",
        "shared_with",
        "sharing_agreement_ends",
        "export_route",
    ),
    "interface": ("from_id", "to", "data", "standard", "medium", "direction"),
}


class _Named(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    id: str = Field(min_length=1)
    name: str = ""


class _Plan(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    workloads: tuple[_Named, ...]
    datasets: tuple[_Named, ...] = ()
    interfaces: tuple[_Named, ...] = ()
    waves: tuple[_Named, ...] = ()


def subjects_of_plan(held: dict[str, Any], name: str) -> tuple[Subject, ...]:
    """The plan's subjects, in the plan's order within each kind. `name` is the file that findings point at.

    Raises PoliciesError when the plan is of another version; pydantic's ValidationError on a wrong shape.
    """
    if held.get("format") != FORMAT:
        raise PoliciesError(f"{name}: is a plan of format {held.get('format')!r}; {FORMAT} is read. Write it again: unless plan.")
    plan = _Plan.model_validate(held)
    ends: dict[str, Any] = {w.id: w.model_dump().get("ends") for w in plan.waves}
    return (
        *(_subject("workload", w, name, ends) for w in plan.workloads),
        *(_subject("dataset", d, name) for d in plan.datasets),
        *(_subject("interface", i, name) for i in plan.interfaces),
        Subject("plan", "plan", "plan", "plan", {"on": held.get("on"), "unplanned": held.get("unplanned", {})}, file=name),
    )


def _subject(kind: str, record: _Named, file: str, ends: Mapping[str, Any] | None = None) -> Subject:
    held = record.model_dump()
    inputs: dict[str, Any] = dict.fromkeys(_KEYS[kind], UNKNOWN) | held
    if ends is not None:
        wave = inputs["wave"]
        inputs["wave_ends"] = UNKNOWN if wave is UNKNOWN else ends.get(str(wave or ""))
    return Subject(kind, kind, record.id, record.name or record.id, inputs, file=file)
