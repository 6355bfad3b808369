"""What makes a runbook unfit to be run. Every fault at once, each a sentence with the step's id."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from migration.runbooks.model import Phase, Runbook, Step, Window
from migration.runbooks.timeline import minutes_away
from migration.steps.kinds import KINDS
from migration.steps.model import Kind

LONDON = ZoneInfo("Europe/London")

# What a secret looks like when somebody pastes one: key blocks, cloud keys, signatures, passwords in addresses and settings.
_SECRETS = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), "a private key"),
    (re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"), "an AWS access key"),
    (re.compile(r"(?i)\b(AccountKey|SharedAccessKey|aws_secret_access_key)\s*=\s*\S+"), "a cloud account key"),
    (re.compile(r"(?i)[?&]sig=[A-Za-z0-9%/+]{20,}"), "a shared access signature"),
    (re.compile(r"(?i)(?<![\w/.-])(password|passwd|pwd|secret|api[_-]?key|token)\s*[:=]\s*['\"]?[^\s'\"{}<>]{6,}"), "a password or token"),
    (re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@]+@"), "a password in an address"),
    (re.compile(r"(?<![A-Za-z0-9+/=])(?=[A-Za-z0-9+/]*[0-9])(?=[A-Za-z0-9+/]*[+/])[A-Za-z0-9+/]{86}=="), "an account key"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\."), "a signed token"),
)


def faults(runbook: Runbook, roles: Collection[str], kinds: Mapping[str, Kind[Any]] = KINDS) -> tuple[str, ...]:
    """Every reason why this runbook must not run; empty when it may."""
    if not runbook.steps:
        return (f"{runbook.id}: it has no steps.",)
    found = list(_of_whole(runbook))
    for at, step in enumerate(runbook.steps):
        earlier = {s.id for s in runbook.steps[:at]}
        found += (f"{runbook.id}, step {step.id}: {what}" for what in _of_step(step, earlier, roles, kinds))
    return tuple(found)


def _of_whole(runbook: Runbook) -> Iterator[str]:
    ids = [s.id for s in runbook.steps]
    for twice in sorted({i for i in ids if ids.count(i) > 1}):
        yield f"{runbook.id}, step {twice}: its id is there more than once. Give each step its own."
    order = [list(Phase).index(s.phase) for s in runbook.steps]
    for before, step, now in zip(order, runbook.steps[1:], order[1:], strict=False):
        if now < before:
            yield f"{runbook.id}, step {step.id}: its phase {step.phase} is over by then. Move it up, or correct its phase."
    if runbook.ends < runbook.starts:
        yield f"{runbook.id}: its window ends ({runbook.ends}) before it starts ({runbook.starts}). Correct the plan's wave."
    if sum(s.is_point_of_no_return for s in runbook.steps) > 1:
        yield f"{runbook.id}: it has more than one point of no return. Only the first such step is one."
    if runbook.window:
        yield from (f"{runbook.id}: {what}" for what in _of_window(runbook, runbook.window))


def _of_window(runbook: Runbook, window: Window) -> Iterator[str]:
    """The hours against the wave's days and against the steps that must fit in."""
    if window.closes <= window.opens:
        yield f"its window closes ({window.closes}) before it opens ({window.opens}). Correct [[window]] in targets.toml."
        return
    first, last = (t.astimezone(LONDON).date() for t in (window.opens, window.closes))
    if not runbook.starts <= first <= last <= runbook.ends + timedelta(days=1):
        yield f"its window ({first} to {last}) is outside the wave ({runbook.starts} to {runbook.ends}). Correct [[window]], or plan again."
    away, usable = minutes_away(runbook), (window.usable_until - window.opens).total_seconds() / 60
    if away > usable:
        yield (
            f"its steps from the freeze to the cut over take {away} minutes, and the window has {usable:.0f} before its contingency. "
            "Agree a longer window, or move fewer workloads in one wave."
        )


def _of_step(step: Step, earlier: Collection[str], roles: Collection[str], kinds: Mapping[str, Kind[Any]]) -> Iterator[str]:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", step.id):
        yield "its id may have small letters, digits, dots, dashes and underscores only."
    if step.role not in roles:
        yield f"nobody has the role {step.role!r}. Roles: {', '.join(sorted(roles))}."
    for word, names in (("accountable", (step.accountable,)), ("consulted", step.consulted), ("informed", step.informed)):
        if wrong := sorted(set(names) - set(roles)):
            yield f"{word} is {', '.join(map(repr, wrong))}, a role that nobody has. Roles: {', '.join(sorted(roles))}."
    for needed in step.after:
        if needed not in earlier:
            yield f"it needs {needed}, which is not an earlier step. Move it, or correct the id."
    for text in ("title", "do", "verify", "evidence"):
        if not str(getattr(step, text)).strip():
            yield f"its {text} is empty. Say it in a sentence."
    yield from _of_kind(step, kinds)
    for where, text in _texts(step):
        yield from (f"{where} looks like it holds {what}. Name where the secret is kept instead." for p, what in _SECRETS if p.search(text))


def _of_kind(step: Step, kinds: Mapping[str, Kind[Any]]) -> Iterator[str]:
    kind = kinds.get(step.kind)
    if kind is None:
        yield f"there is no kind of step {step.kind!r}. Kinds: {', '.join(sorted(kinds))}."
        return
    if kind.changes and not step.undo.strip() and not step.no_undo_because.strip():
        yield "it changes something, and has neither an undo nor a reason why there is none (no_undo_because)."
    if step.undo.strip() and step.no_undo_because.strip():
        yield "it has both an undo and a reason why there is none. Keep one."
    if step.undo.strip() and kind.undo is None:
        yield f"steps of the kind {step.kind} cannot be undone by the program. Say why in no_undo_because."
    if step.is_point_of_no_return and not step.no_undo_because.strip():
        yield "it is the point of no return, and does not say why there is no undo (no_undo_because)."
    try:
        kind.parameters.model_validate(dict(step.parameters))
    except ValidationError as wrong:
        for e in wrong.errors():
            yield f"parameter {'.'.join(map(str, e['loc'])) or 'all'}: {e['msg'].removeprefix('Value error, ')}. Correct it."


def _texts(step: Step) -> Iterator[tuple[str, str]]:
    for name in ("id", "title", "do", "verify", "undo", "no_undo_because", "precondition", "evidence", "tell"):
        yield f"its {name}", str(getattr(step, name))
    yield from _strings("its parameter", step.parameters)


def _strings(where: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, inner in cast("Mapping[object, object]", value).items():
            yield from _strings(f"{where} {key}", inner)
    elif isinstance(value, (list, tuple)):
        for inner in cast("list[object]", value):
            yield from _strings(where, inner)
