"""One check from files to judgements: what `unless check` does, and what a program calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

from policies.azure_policy.built_ins import BuiltIns
from policies.azure_policy.judge import judge_policies
from policies.catalogue import all_controls, known_controls
from policies.errors import PoliciesError
from policies.evaluate import evaluate, judge_all
from policies.model import Control, Judgement, Portfolio, Subject, Verdict
from policies.obligations import Obligation, defer, owed_after, recheck, subjects_of
from policies.read.recognise import EXPORT, Reading, read_all
from policies.register import Register, read_register
from policies.schema.judge import judge_types, summary
from policies.schema.type_files import TypeFiles
from policies.unjudged import not_judged, says
from policies.waivers import only_then, waive_all

_OWN: Final = ("exception", "obligation")  # what the council wrote of its own judgements, which is nothing to judge by itself


@dataclass(frozen=True, slots=True)
class ByTypes:
    """Azure's type files, and whether the resources judged are all that there are, as in a rehearsal.

    `built_ins` are Azure's own policy definitions, by which planned assignments are judged.
    """

    files: TypeFiles
    is_all: bool = False
    built_ins: BuiltIns | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """The judgements, what they rest on (one line each, what was not there included) and the day they count for.

    `not_judged` says in sentences what was to be judged and was not; `owed` are the obligations that are left; `register` holds the
    exceptions, in force or not.
    """

    judgements: tuple[Judgement, ...]
    judged: tuple[str, ...]
    on: date
    found_anything: bool
    not_judged: tuple[str, ...] = ()
    owed: tuple[Obligation, ...] = ()
    register: Register = field(default_factory=Register)

    @property
    def breaks(self) -> bool:
        """Whether a mandatory control is known to fail and nothing waives it."""
        return any(j.blocks and j.answer.verdict is Verdict.FAIL for j in self.judgements)

    @property
    def cannot_tell(self) -> bool:
        """Whether a mandatory control could not tell, or something was not judged, or there was nothing to judge: never a pass."""
        return (
            not self.found_anything
            or bool(self.not_judged)
            or any(j.blocks and j.answer.verdict is Verdict.UNKNOWN for j in self.judgements)
        )


@dataclass(frozen=True, slots=True)
class Owing:
    """The obligations of earlier checks, the name of their file, and whether this check may add to them instead of being blocked."""

    held: tuple[Obligation, ...]
    name: str
    defers: bool = False


def check(  # noqa: PLR0913 - what a check may rest on, each by its name
    files: Sequence[tuple[Path, str]],
    register: tuple[Path, str] | None,
    on: date,
    absent: Sequence[str] = (),
    controls: Sequence[Control] | None = None,
    by_types: ByTypes | None = None,
    *,
    unjudged: Sequence[str] = (),
    owing: Owing | None = None,
    today: date | None = None,
) -> Check:
    """Judge files (path, and name in findings) and the exception register on a day.

    `absent` says in sentences what was looked for and not there, `unjudged` what was to be judged and could not be. With `by_types` inputs
    are judged by Azure's own types too. Where the day is not `today`, exceptions that are not in force today let nothing through, and
    obligations wait until today. Raises PoliciesError with the faults of every file.
    """
    today = today or on
    readings, held = _read(files, register)
    subjects = _each_once([s for r in readings for s in r.subjects])
    chosen = controls if controls is not None else all_controls()
    judgements = judge_all(subjects, chosen, held, on, known_controls())
    typed, told = _typed(subjects, by_types, held, on)
    owing = owing or Owing((), "")
    by_id = {s.id: s for s in subjects}
    judgements = (*(defer(judgements, by_id) if owing.defers else judgements), *typed)
    owed = owed_after(judgements, owing.held, by_id, on) if owing.defers else owing.held
    judgements = told_apart((*judgements, *_waiting(owed, owing.name, chosen, held, max(on, today))))
    lines = [*(str(r) for r in readings), *_register_line(register, held), *_owed_line(owed, owing), *told, *absent]
    found = any(j.subject.kind not in _OWN and says(j) for j in judgements)
    lacking = (*unjudged, *not_judged(readings, judgements), *only_then(judgements, held, on, today))
    return Check(judgements, tuple(lines), on, found, lacking, owed, held)


def check_state(
    files: Sequence[tuple[Path, str]], register: tuple[Path, str] | None, on: date, owing: Owing, today: date | None = None
) -> Check:
    """Judge on deployed state (stack exports) what earlier checks deferred, and nothing else.

    Obligations of other stacks are left; `today` counts as for `check`. Raises PoliciesError with the faults of every file, one that is no
    deployed state included.
    """
    today = today or on
    readings, held = _read(files, register)
    strange = [f"{r.name}: is a {r.kind}, not deployed state. Export it: pulumi stack export." for r in readings if r.kind != EXPORT]
    if strange:
        raise PoliciesError(*strange)
    portfolio = Portfolio(tuple(_each_once([s for r in readings for s in r.subjects])), on, {c.id: c.severity for c in known_controls()})
    wanted = {o.control for o in owing.held}
    judged = waive_all(evaluate(portfolio, [c for c in all_controls() if c.id in wanted]), held, on)
    again = waive_all(recheck(owing.held, judged, portfolio, known_controls()), held, on)
    owed = owed_after(again, owing.held, portfolio.by_id, on)
    met = len(owing.held) - len(owed)
    told = f"{owing.name}: {len(again)} {'obligation' if len(again) == 1 else 'obligations'} judged again, {met} met"
    lines = [*(str(r) for r in readings), *_register_line(register, held), told]
    waiting = _waiting(owed, owing.name, all_controls(), held, max(on, today))
    judgements = told_apart((*again, *waiting))
    lacking = (*(u for r in readings for u in r.unread), *only_then(judgements, held, on, today))
    return Check(judgements, (*lines, *_owed_line(owed, owing)), on, bool(again) or not owing.held, lacking, owed, held)


def _read(files: Sequence[tuple[Path, str]], register: tuple[Path, str] | None) -> tuple[tuple[Reading, ...], Register]:
    """What the files and the register hold. Raises PoliciesError with the faults of all of them."""
    faults: list[str] = []
    readings, held = (), Register()
    try:
        readings = read_all(files)
    except PoliciesError as wrong:
        faults.extend(wrong.faults)
    try:
        held = read_register(*register) if register else Register()
    except PoliciesError as wrong:
        faults.extend(wrong.faults)
    if faults:
        raise PoliciesError(*faults)
    return readings, held


def _waiting(owed: Sequence[Obligation], name: str, controls: Sequence[Control], held: Register, on: date) -> list[Judgement]:
    """Whether what is owed has waited too long."""
    return [*waive_all(evaluate(Portfolio(tuple(subjects_of(owed, name)), on), controls), held, on)]


def told_apart(judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """Sorted by control and subject; what is said twice of the same thing is numbered, so that each can be told from every other."""
    ordered = sorted(judgements, key=lambda j: (j.control.id, j.subject.id, j.about, j.answer.path, j.answer.reason))
    seen: Counter[tuple[str, str, str]] = Counter()
    told: list[Judgement] = []
    for j in ordered:
        key = (j.control.id, j.subject.id, j.about)
        seen[key] += 1
        told.append(j if seen[key] == 1 else replace(j, about=f"{j.about}#{seen[key]}"))
    return tuple(told)


def _owed_line(owed: Sequence[Obligation], owing: Owing) -> list[str]:
    if not owed:
        return []
    return [f"{owing.name}: {len(owed)} {'obligation waits' if len(owed) == 1 else 'obligations wait'} to be judged on deployed state"]


def _typed(subjects: Sequence[Subject], by: ByTypes | None, held: Register, on: date) -> tuple[list[Judgement], list[str]]:
    """What Azure's types and policies say of the resources, and a line on each."""
    if by is None:
        return [], []
    found = judge_types(subjects, by.files, is_all=by.is_all)
    told = [summary(found, by.files)]
    if by.built_ins is not None:
        by_policies = judge_policies(subjects, by.files, by.built_ins, on, is_all=by.is_all)
        found, told = (*found, *by_policies.judgements), [*told, by_policies.told]
    return [*waive_all(found, held, on)], told


def _each_once(subjects: Sequence[Subject]) -> list[Subject]:
    """Raises PoliciesError when two files describe the same subject: a preview and an export of one stack cannot both be judged."""
    seen: dict[tuple[str, str], Subject] = {}
    twice: set[str] = set()
    for s in subjects:
        if (s.kind, s.id) in seen:
            twice.add(s.id.split("::")[0].removeprefix("urn:pulumi:") if s.kind == "resource" else s.kind)
        seen[s.kind, s.id] = s
    if twice:
        raise PoliciesError(*(f"{t}: two files describe it. Name one of them." for t in sorted(twice)))
    return [*seen.values()]


def _register_line(register: tuple[Path, str] | None, held: Register) -> list[str]:
    if register is None:
        return []
    return [f"{register[1]}: exception register, {len(held.entries)} {'entry' if len(held.entries) == 1 else 'entries'}"]
