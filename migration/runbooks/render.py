"""The runbook for people: Markdown and one self-contained, printable HTML page, from the same object that is executed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from migration.runbooks.faults import LONDON
from migration.runbooks.knowledge import Role, roles
from migration.runbooks.model import Phase, Runbook, Step
from migration.runbooks.timeline import AWAY, timeline

HERE = Path(__file__).parent / "templates"
BY_HAND = ("human-task", "go-no-go")


@dataclass(frozen=True, slots=True)
class _Phase:
    name: str
    steps: tuple[Step, ...]
    total: str


def as_markdown(runbook: Runbook) -> str:
    """The runbook as Markdown; text from the plan cannot add markup."""
    return _render("runbook.md.j2", runbook, escape=False)


def as_html(runbook: Runbook) -> str:
    """The runbook as one HTML page without scripts or outside files; everything in it is escaped."""
    return _render("runbook.html.j2", runbook, escape=True)


def _render(name: str, runbook: Runbook, *, escape: bool) -> str:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(HERE), undefined=StrictUndefined, autoescape=escape, keep_trailing_newline=True
    )
    environment.filters["md"] = plain_markdown
    environment.filters["code"] = in_code
    return environment.get_template(name).render(**names(runbook))


def names(runbook: Runbook) -> dict[str, Any]:
    """What every reading of a runbook says, by name."""
    numbers = {step.id: at for at, step in enumerate(runbook.steps, start=1)}
    held = roles()
    used = [r for r in held.values() if any(r.id in (s.role, s.accountable, *s.consulted, *s.informed) for s in runbook.steps)]
    phases = [(p, tuple(s for s in runbook.steps if s.phase is p)) for p in Phase]
    return {
        "runbook": runbook,
        "numbers": numbers,
        "line": runbook.point_of_no_return,
        "titles": {r.id: r.title for r in held.values()},
        "by_hand": BY_HAND,
        "total": hours(runbook.steps),
        "phases": [_Phase(p.value, steps, hours(steps)) for p, steps in phases if steps],
        "roles": [_duties(r, runbook, numbers) for r in used],
        "slots": [(numbers[t.step.id], t, clock(t.at)) for t in timeline(runbook)],
        "away": hours(tuple(s for s in runbook.steps if s.phase in AWAY)),
        "told": [s for s in runbook.steps if s.informed],
        "clock": clock,
    }


def _duties(role: Role, runbook: Runbook, numbers: Mapping[str, int]) -> dict[str, Any]:
    """Which steps a role does, answers for, is asked about and is told of (RACI), by their numbers."""
    of = {
        "responsible": [numbers[s.id] for s in runbook.steps if s.role == role.id],
        "accountable": [numbers[s.id] for s in runbook.steps if s.accountable == role.id],
        "consulted": [numbers[s.id] for s in runbook.steps if role.id in s.consulted],
        "informed": [numbers[s.id] for s in runbook.steps if role.id in s.informed],
    }
    return {"title": role.title, "does": role.does, **{word: _ranges(n) for word, n in of.items()}}


def _ranges(numbers: Sequence[int]) -> str:
    """Numbers in order as people write them: 1, 3-5."""
    made: list[list[int]] = []
    for n in numbers:
        if made and made[-1][-1] == n - 1:
            made[-1].append(n)
        else:
            made.append([n])
    return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in made)


def clock(at: datetime | None) -> str:
    """A time as the council's clocks say it; "" when it is not agreed yet."""
    return f"{at.astimezone(LONDON):%a %d %b %Y %H:%M %Z}" if at else ""


def hours(steps: tuple[Step, ...]) -> str:
    """The sum of the estimates, one after another, as people say it."""
    hours, minutes = divmod(sum(s.minutes for s in steps), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def plain_markdown(text: object) -> str:
    """Text in which nothing is markup: what Markdown or HTML would read is escaped, bare addresses included."""
    escaped = re.sub(r"([\\`*_\[\]<>|#]|&(?=#?\w+;))", r"\\\1", flat(text))
    return re.sub(r"(?i)(https?|ftp|www)(?=://|\.)", r"\1\\", escaped)


def in_code(text: object) -> str:
    """Text between backticks that cannot end them, nor a table's cell."""
    return flat(text).replace("`", "'").replace("|", "/")


def flat(text: object) -> str:
    """One line; what does not print, marks that turn the direction of reading included, becomes a space."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
