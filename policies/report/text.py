"""The findings for people, control by control: what blocks, what is deferred, advice, what is waived, then the sum of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from policies.model import Control, Judgement
from policies.report.findings import summary
from policies.report.lines import Standing, by_weight, place, standing
from policies.report.lines import one_line as _line

_PARTS: Final = {
    "Blocking": Standing.BLOCKING,
    "Deferred until it is deployed: unless check --state FILE": Standing.DEFERRED,
    "Advice": Standing.ADVICE,
    "Waived": Standing.WAIVED,
}


def report(
    judgements: Sequence[Judgement], judged: Sequence[str], most: int | None = None, not_judged: Sequence[str] = ()
) -> Iterator[str]:
    """The report line by line, with at most `most` judgements of one control.

    `judged` says what was read and what was not there, `not_judged` what was read and met no control.
    """
    bad = [j for j in judgements if standing(j) is not None]
    for title, stands in _PARTS.items():
        yield from _part(title, [j for j in bad if standing(j) is stands], most)
    if not_judged:
        yield from (f"Not judged ({len(not_judged)})", *(_line(f"  {line}") for line in not_judged), "")
    yield from ("Judged:", *(_line(f"  {line}") for line in judged), "", sum_of_it(judgements))


def sum_of_it(judgements: Sequence[Judgement]) -> str:
    """One sentence that counts the verdicts."""
    counts = summary(judgements)
    if not judgements:
        return "Nothing was judged, so nothing can be said."
    deferred = f"{counts['deferred']} deferred, " if counts["deferred"] else ""
    return (
        f"{len(judgements)} judgements: {counts['pass']} pass, {counts['fail']} fail, {counts['unknown']} unknown, "
        f"{counts['not applicable']} not applicable; {counts['waived']} waived, {deferred}{counts['blocking']} blocking."
    )


def _part(title: str, judgements: Sequence[Judgement], most: int | None) -> Iterator[str]:
    if not judgements:
        return
    ordered = sorted(judgements, key=by_weight)
    yield f"{title} ({len(ordered)})"
    for _, held in groupby(ordered, key=lambda j: j.control.id):
        yield from _control([*held], most)
    yield ""


def _control(judgements: Sequence[Judgement], most: int | None) -> Iterator[str]:
    control: Control = judgements[0].control
    yield f"  {control.id}: {control.title} [{control.severity.value}; {control.rule.value}]"
    for j in judgements[:most]:
        yield _line(f"    {j.answer.verdict.value.upper()}  {j.subject.name} ({j.subject.type}){_place(j)}: {j.answer.reason}")
        if j.waiver:
            yield _line(f"          {j.waiver}")
    if most is not None and len(judgements) > most:
        yield f"    … and {len(judgements) - most:,} more: unless check --all, or --json"
    yield f"    Remedy: {control.remedy}"
    if control.clauses:
        yield f"    Clauses: {', '.join(control.clauses)}"


def _place(judgement: Judgement) -> str:
    where = place(judgement.subject.file, judgement.line)
    return f" {where}" if where else ""
