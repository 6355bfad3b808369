"""The findings of the branch that a change is for: what of today's is new, still open or changed, and what is no longer there.

A finding is the same finding as long as its control and its subject are, and what it is about where one control says several things of
one subject: the line it stands on, the place in a list and the verdict may move.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from policies.errors import PoliciesError
from policies.model import Judgement, Verdict
from policies.read.recognise import load, parse_json
from policies.report.findings import FORMAT
from policies.report.lines import Standing, standing

_BAD: Final = frozenset({Verdict.FAIL, Verdict.UNKNOWN})
_SHOWN: Final = 10


class Row(BaseModel):
    """What is read of one judgement in a findings file; the rest is let be."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    control: str
    title: str = ""
    verdict: Verdict
    subject_id: str
    subject_name: str = ""
    file: str = ""
    line: int = 0
    waived_by: str = ""
    about: str = ""


class _Findings(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    judgements: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Base:
    """The fails and unknowns of the base, by fingerprint, waived ones included."""

    rows: dict[str, Row]

    def is_open(self, fingerprint: str) -> bool:
        """Whether the base had it, and nothing waived it there."""
        return fingerprint in self.rows and not self.rows[fingerprint].waived_by


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change does to the findings: those that are new, those that stay, and the base's that it mends."""

    new: tuple[Judgement, ...]
    still: tuple[Judgement, ...]
    fixed: tuple[Row, ...]


def fingerprint(judgement: Judgement) -> str:
    """Which finding this is, whatever line it has moved to and whatever stands beside it: the control, the subject and what of it."""
    return fingerprint_of(judgement.control.id, judgement.subject.id, judgement.about)


def fingerprint_of(control_id: str, subject_id: str, about: str = "") -> str:
    """As `fingerprint`, from the two ids and what tells several apart."""
    named = "\0".join((control_id, subject_id, about) if about else (control_id, subject_id))
    return hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()


def difference(judgements: Iterable[Judgement], base: Base) -> Difference:
    """New and still open: those that block or advise today. Fixed: open in the base, and today none of it, not even waived or deferred."""
    stands = {fingerprint(j): (j, standing(j)) for j in judgements if standing(j) is not None}
    open_now = {f: j for f, (j, how) in stands.items() if how in (Standing.BLOCKING, Standing.ADVICE)}
    return Difference(
        new=tuple(j for f, j in open_now.items() if not base.is_open(f)),
        still=tuple(j for f, j in open_now.items() if base.is_open(f)),
        fixed=tuple(row for f, row in base.rows.items() if base.is_open(f) and f not in stands),
    )


def read_base(file: Path, shown: str = "") -> Base:
    """The base in a findings file that `unless check` wrote. Raises PoliciesError with every fault."""
    name = shown or file.as_posix()
    return parse_base(parse_json(load(file, name), name), name)


def parse_base(held: dict[str, Any], name: str) -> Base:
    """As `read_base`, from what the file holds."""
    if held.get("format") != FORMAT:
        raise PoliciesError(
            f"{name}: its format is {held.get('format', 'not given')!r}, and {FORMAT} is read. "
            "Name what this wrote on the base branch: unless check --format json=FILE."
        )
    try:
        read = _Findings.model_validate(held)
    except ValidationError as wrong:
        told = wrong.errors()[:_SHOWN]
        raise PoliciesError(*(f"{name}, {'.'.join(str(w) for w in e['loc'])}: {e['msg']}. Write the file again." for e in told)) from wrong
    return Base({fingerprint_of(r.control, r.subject_id, r.about): r for r in read.judgements if r.verdict in _BAD})
