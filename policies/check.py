"""One check from files to judgements: what `unless check` does, and what a program calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policies.azure_policy.built_ins import BuiltIns
from policies.azure_policy.judge import judge_policies
from policies.catalogue import all_controls, known_controls
from policies.errors import PoliciesError
from policies.evaluate import judge_all
from policies.model import Control, Judgement, Subject, Verdict
from policies.read.recognise import read_all
from policies.register import Register, read_register
from policies.schema.judge import judge_types, summary
from policies.schema.type_files import TypeFiles
from policies.unjudged import not_judged, says
from policies.waivers import waive


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

    `not_judged` says in sentences which resources were read and met no control that could say anything of them.
    """

    judgements: tuple[Judgement, ...]
    judged: tuple[str, ...]
    on: date
    found_anything: bool
    not_judged: tuple[str, ...] = ()

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


def check(
    files: Sequence[tuple[Path, str]],
    register: tuple[Path, str] | None,
    on: date,
    absent: Sequence[str] = (),
    controls: Sequence[Control] | None = None,
    by_types: ByTypes | None = None,
) -> Check:
    """Judge files (path, and name in findings) and the exception register on a day.

    `absent` says in sentences what was looked for and not there. With `by_types` inputs are judged by Azure's own types too. Raises
    PoliciesError with the faults of every file.
    """
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
    subjects = _each_once([s for r in readings for s in r.subjects])
    judgements = judge_all(subjects, controls if controls is not None else all_controls(), held, on, known_controls())
    typed, told = _typed(subjects, by_types, held, on)
    judgements = tuple(sorted((*judgements, *typed), key=lambda j: (j.control.id, j.subject.id)))
    lines = [*(str(r) for r in readings), *_register_line(register, held), *told, *absent]
    found = any(j.subject.kind != "exception" and says(j) for j in judgements)
    return Check(judgements, tuple(lines), on, found, not_judged(readings, judgements))


def _typed(subjects: Sequence[Subject], by: ByTypes | None, held: Register, on: date) -> tuple[list[Judgement], list[str]]:
    """What Azure's types and policies say of the resources, and a line on each."""
    if by is None:
        return [], []
    found = judge_types(subjects, by.files, is_all=by.is_all)
    told = [summary(found, by.files)]
    if by.built_ins is not None:
        by_policies = judge_policies(subjects, by.files, by.built_ins, on, is_all=by.is_all)
        found, told = (*found, *by_policies.judgements), [*told, by_policies.told]
    return [waive(j, held, on) for j in found], told


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
