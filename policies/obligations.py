"""Obligations: what a check could not tell because it waits on another resource's output, and must be told from deployed state.

`unless check --defer` records them instead of being blocked by them; `unless check --state` judges exactly them again. One ends only when
its control passes, or no longer applies, on known values. One that nobody judges again in time fails by a control of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from policies.answers import cannot_tell, fails
from policies.errors import PoliciesError
from policies.model import UNKNOWN, Control, Judgement, Portfolio, Subject, Verdict

FORMAT: Final = "cloud-unless/obligations/1"
RECHECKED: Final = "obligation-is-rechecked-in-time"
_AGAIN: Final = "Restore the file from its backup: what it holds must be judged again, so it is never written anew."
_MET: Final = (Verdict.PASS, Verdict.NOT_APPLICABLE)
_STEPS: Final = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True, slots=True)
class Obligation:
    """A mandatory control that could not tell of a resource (`subject` is its URN) since the day `since`.

    `path` is the input that was unknown, `waits_on` the URNs of the resources whose outputs it is made from.
    """

    control: str
    subject: str
    type: str
    name: str
    path: str
    waits_on: tuple[str, ...]
    since: date


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    control: str
    subject: str
    type: str
    name: str
    path: str
    waits_on: tuple[str, ...]
    since: date


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str
    obligations: tuple[_Entry, ...]


def read_obligations(file: Path, shown: str) -> tuple[Obligation, ...]:
    """The obligations of a file, none where there is no file yet. Raises PoliciesError with every fault."""
    if file.is_symlink() and not file.exists():
        raise PoliciesError(f"{shown}: is a link to a file that is not there, so what is owed cannot be read. {_AGAIN}")
    if not file.exists():
        return ()
    try:
        held = _File.model_validate(json.loads(file.read_text("utf-8-sig")))
    except ValidationError as wrong:
        faults = [f"{shown}, key {'.'.join(map(str, e['loc']))}: {e['msg']}. {_AGAIN}" for e in wrong.errors()[:20]]
        raise PoliciesError(*faults) from wrong
    except (OSError, ValueError, RecursionError) as wrong:
        raise PoliciesError(f"{shown}: cannot be read as obligations ({wrong}). {_AGAIN}") from wrong
    if held.format != FORMAT:
        raise PoliciesError(f"{shown}: holds obligations of format {held.format!r}; {FORMAT} is read. {_AGAIN}")
    return _sorted(Obligation(**e.model_dump()) for e in held.obligations)


def as_data(owed: Iterable[Obligation]) -> dict[str, Any]:
    """The obligations as JSON types."""
    return {"format": FORMAT, "obligations": [{**asdict(o), "since": o.since.isoformat()} for o in _sorted(owed)]}


def subjects_of(owed: Iterable[Obligation], shown: str) -> list[Subject]:
    """Each as a subject: whether it is judged again in time is a control's to judge."""
    rows = ((o, {**asdict(o), "since": o.since.isoformat()}) for o in owed)
    return [Subject("obligation", "obligation", f"{o.control}: {o.subject}", o.name, row, file=shown) for o, row in rows]


def defer(judgements: Iterable[Judgement], by_id: Mapping[str, Subject]) -> tuple[Judgement, ...]:
    """The judgements, of which those that only wait on another resource's output are deferred."""
    return tuple(replace(j, deferred=True) if j.blocks and _waits(j, by_id) else j for j in judgements)


def _waits(judgement: Judgement, by_id: Mapping[str, Subject]) -> bool:
    return judgement.answer.verdict is Verdict.UNKNOWN and bool(awaited(judgement.subject, judgement.answer.path, by_id))


def awaited(subject: Subject, path: str, by_id: Mapping[str, Subject]) -> tuple[str, ...]:
    """The URNs of the resources at hand whose outputs the unknown value at `path` is made from; none where it is known or a secret."""
    steps = _STEPS.findall(path)
    here: Any = subject.inputs
    for step in steps:
        if here is UNKNOWN:
            break
        here = _inside(here, step)
    if here is not UNKNOWN or not steps:
        return ()
    return tuple(u for u in subject.waits_on.get(steps[0], ()) if u in by_id)


def _inside(here: object, step: str) -> Any:
    if isinstance(here, Mapping):
        return cast("Mapping[str, Any]", here).get(step)
    if isinstance(here, list) and step.isdigit():
        held = cast("list[Any]", here)
        return held[int(step)] if int(step) < len(held) else None
    return None


def owed_after(
    judgements: Iterable[Judgement], held: Iterable[Obligation], by_id: Mapping[str, Subject], on: date
) -> tuple[Obligation, ...]:
    """What is owed after a check: what was, without what is met now, and what was deferred. What was owed keeps its day."""
    owed = {(o.control, o.subject): o for o in held}
    for j in judgements:
        key = (j.control.id, j.subject.id)
        if j.answer.verdict in _MET:
            owed.pop(key, None)
        elif j.deferred and key not in owed:
            waits_on = awaited(j.subject, j.answer.path, by_id)
            owed[key] = Obligation(*key, j.subject.type, j.subject.name, j.answer.path, waits_on, on)
    return _sorted(owed.values())


def recheck(owed: Sequence[Obligation], judged: Sequence[Judgement], portfolio: Portfolio, controls: Sequence[Control]) -> list[Judgement]:
    """For each obligation its judgement on deployed state, for those of the stacks that are at hand.

    One whose resource is gone fails; one whose control is gone, or that met no judgement, could not be told.
    """
    found = {(j.control.id, j.subject.id): j for j in judged}
    known = {c.id: c for c in controls}
    stacks = {stack_of(s.id) for s in portfolio.subjects if s.kind == "resource"}
    mine = [o for o in owed if stack_of(o.subject) in stacks]
    return [found.get((o.control, o.subject)) or _lost(o, portfolio, known) for o in mine]


def _lost(owed: Obligation, portfolio: Portfolio, known: Mapping[str, Control]) -> Judgement:
    subject = portfolio.by_id.get(owed.subject) or Subject("resource", owed.type, owed.subject, owed.name, {})
    control = known.get(owed.control)
    if control is None:
        told = f"Could not tell: there is no control {owed.control} any more, and {owed.name} was to be judged by it since {owed.since}."
        return Judgement(known[RECHECKED], subjects_of([owed], "")[0], cannot_tell(told))
    if owed.subject not in portfolio.by_id:
        told = (
            f"{owed.name} is not in the state, though it was to be judged there since {owed.since}: it was never made, was renamed or is "
            "gone. Deploy it, or take its obligation out of the file in a reviewed change."
        )
        return Judgement(control, subject, fails(told))
    return Judgement(control, subject, cannot_tell(f"Could not tell: {control.id} no longer judges resources of the type {subject.type}."))


def stack_of(urn: str) -> str:
    """Stack and project of a URN."""
    return "::".join(urn.split("::", 2)[:2])


def _sorted(owed: Iterable[Obligation]) -> tuple[Obligation, ...]:
    return tuple(sorted(owed, key=lambda o: (o.subject, o.control)))
