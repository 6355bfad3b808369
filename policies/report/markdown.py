"""The findings as one comment on a merge request: what the change brings, what it mends, what is still open, who waived what until when.

Every text that may come from a file (names, reasons, places, ids of exceptions) stands in a code span, in which neither Markdown nor HTML
nor a mention means anything. A comment has a limit: whole entries are left out with a count, never a part of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from policies.check import Check
from policies.model import Control, Judgement
from policies.report.base import Base, Row, difference
from policies.report.lines import Standing, by_weight, one_line, place, standing
from policies.report.text import sum_of_it

# "Body is too long (maximum is 65536 characters)": GitHub's answer, as cited in telia-oss/github-pr-resource#259 (read 2026-11-25).
# Azure DevOps takes 150,000. Counted in bytes of UTF-8, which are never fewer than characters.
LIMIT_BYTES: Final = 65_536
MARK: Final = "<!-- unless check -->"
_KEPT_BYTES: Final = 400
_TICKS: Final = re.compile("`+")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line that is shown whole or not at all, and the lines on its control that stand before the first such line."""

    line: str
    head: str = ""


@dataclass(frozen=True, slots=True)
class _Section:
    title: str
    entries: tuple[_Entry, ...]


def markdown(done: Check, base: Base | None = None, limit_bytes: int = LIMIT_BYTES) -> str:
    """The comment, no longer than the limit. It begins with MARK, by which a pipeline finds its own comment again."""
    sections = [s for s in _sections(done, base) if s.entries]
    head = f"{MARK}\n## {_verdict(done)}\n\n{_sum(done, base)}\n"
    return _within(head, sections, limit_bytes - _KEPT_BYTES)


def code(text: str) -> str:
    """A text as a code span on one line: a fence longer than any run of backticks in it."""
    held = one_line(text)
    fence = "`" * (max((len(run) for run in _TICKS.findall(held)), default=0) + 1)
    padding = " " if not held.strip() or held.startswith(("`", " ")) or held.endswith(("`", " ")) else ""
    return f"{fence}{padding}{held}{padding}{fence}"


def _verdict(done: Check) -> str:
    if done.breaks:
        return "Golden rules: broken"
    return "Golden rules: could not tell" if done.cannot_tell else "Golden rules: kept"


def _sum(done: Check, base: Base | None) -> str:
    if base is None:
        return sum_of_it(done.judgements)
    found = difference(done.judgements, base)
    return f"{len(found.new)} new, {len(found.fixed)} mended, {len(found.still)} still open. {sum_of_it(done.judgements)}"


def _sections(done: Check, base: Base | None) -> Iterator[_Section]:
    bad = sorted((j for j in done.judgements if standing(j) is not None), key=lambda j: (not j.blocks, by_weight(j)))
    yield _Section("Not judged", tuple(_Entry(f"- {code(sentence)}") for sentence in done.not_judged))
    if base is None:
        yield _open("Open", [j for j in bad if standing(j) in (Standing.BLOCKING, Standing.ADVICE)])
    else:
        found = difference(bad, base)
        yield _open("New", found.new)
        yield _Section("Mended", tuple(_mended(row) for row in found.fixed))
        yield _open("Still open", found.still)
    yield _Section("Deferred until it is deployed", tuple(_Entry(_of_control(j)) for j in bad if standing(j) is Standing.DEFERRED))
    yield _Section("Waived", tuple(_waived(j, done.on) for j in bad if standing(j) is Standing.WAIVED))
    yield _Section("What was judged", tuple(_Entry(f"- {code(line)}") for line in done.judged))


def _open(title: str, judgements: Iterable[Judgement]) -> _Section:
    return _Section(title, tuple(_Entry(_line(j), _head(j.control)) for j in judgements))


def _mended(row: Row) -> _Entry:
    about = f" {code(row.about)}" if row.about else ""
    return _Entry(f"- {code(row.control)} {code(row.subject_name or row.subject_id)}{about}")


def _head(control: Control) -> str:
    advice = "" if control.mandatory else "; advice"
    return (
        f"\n**{control.id}**: {_plain(control.title)} ({control.severity.value}; {control.rule.value}{advice})  \n"
        f"Remedy: {_plain(control.remedy)}  \n"
        f"Clauses: {', '.join(code(c) for c in control.clauses) or 'none'}\n\n"
    )


def _line(judgement: Judgement) -> str:
    subject = judgement.subject
    where = f" at {code(place(subject.file, judgement.line))}" if subject.file else ""
    waiver = f" {code(judgement.waiver)}" if judgement.waiver else ""
    return f"- {judgement.answer.verdict.value.upper()} {code(subject.name)}{where}: {code(judgement.answer.reason)}{waiver}"


def _of_control(judgement: Judgement) -> str:
    return f"- {code(judgement.control.id)} {_line(judgement).removeprefix('- ')}"


def _waived(judgement: Judgement, on: date) -> _Entry:
    told = f"{_of_control(replace(judgement, waiver=''))}, waived by {code(judgement.waived_by)}"
    if judgement.waived_until is None:
        return _Entry(told)
    left = (judgement.waived_until - on).days
    return _Entry(f"{told} until {judgement.waived_until.isoformat()} ({left} {'day' if left == 1 else 'days'} left)")


def _plain(text: str) -> str:
    """A sentence of our own as it reads: what Markdown or HTML would take for markup is escaped."""
    return re.sub(r"([\\`*_\[\]|<>&@#~])", r"\\\1", one_line(text))


def _within(text: str, sections: Iterable[_Section], room_bytes: int) -> str:
    """The text and as many entries as there is room for, in order; what is left out is counted at the end."""
    left = room_bytes - _size(text)
    parts, hidden = [text], 0
    for section in sections:
        heading = f"\n### {section.title} ({len(section.entries)})\n\n"
        left -= _size(heading)
        parts.append(heading)
        told = ""
        for entry in section.entries:
            shown = f"{entry.head if entry.head != told else ''}{entry.line}\n"
            if _size(shown) > left:
                hidden += 1
                continue
            left -= _size(shown)
            told = entry.head
            parts.append(shown)
    if hidden:
        parts.append(f"\n{hidden} more are not shown here, for want of room. All are in the other reports of this run.\n")
    return re.sub("\n{3,}", "\n\n", "".join(parts))


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
