"""Waivers: an overlay on fails and unknowns, by an entry of the register that is in force that day. The verdict stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from policies.model import Judgement, Subject, Verdict
from policies.register import Entry, Register


def london_day(now: datetime) -> date:
    """The calendar day in Europe/London at an aware moment: the day on which approvals and expiries count."""
    return now.astimezone(ZoneInfo("Europe/London")).date()


Shared = frozenset[tuple[str, str]]


def waive_all(judgements: Iterable[Judgement], register: Register, on: date) -> tuple[Judgement, ...]:
    """All the judgements of one run with their waivers. A name that several of them go by waives none: it does not say which is meant."""
    told = tuple(judgements)
    if not register.entries:
        return told
    shared = _shared(told, register)
    return tuple(waive(j, register, on, shared) for j in told)


def _shared(judgements: Iterable[Judgement], register: Register) -> Shared:
    """Of the controls and names that entries give, those by which several subjects go, or which is another's id."""
    named = {(control, name) for e in register.entries for control in e.controls for name in e.subjects}
    by_name: dict[tuple[str, str], set[str]] = {}
    ids: set[tuple[str, str]] = set()
    for j in judgements:
        control, subject = j.control.id, j.subject
        if j.answer.verdict is not Verdict.NOT_APPLICABLE and (control, subject.name) in named:
            by_name.setdefault((control, subject.name), set()).add(subject.id)
        if (control, subject.id) in named:
            ids.add((control, subject.id))
    return frozenset(k for k, held in by_name.items() if len(held) > 1 or (k in ids and k[1] not in held))


def waive(judgement: Judgement, register: Register, on: date, shared: Shared = frozenset()) -> Judgement:
    """The judgement with its waiver, when an entry in force names its control and its subject.

    `shared` are controls with names that say nothing, since several subjects go by them. Entries of the register cannot waive what is said
    of the register itself. An entry that names both but is not in force waives nothing, and the judgement says why.
    """
    if judgement.answer.verdict not in (Verdict.FAIL, Verdict.UNKNOWN) or judgement.subject.kind == "exception":
        return judgement
    subject = judgement.subject
    naming = [e for e in register.entries if e.names(judgement.control.id, subject)]
    vague = [e.id for e in naming if subject.id not in e.subjects and (judgement.control.id, subject.name) in shared]
    for entry in naming:
        if entry.in_force(on) and entry.id not in register.unsound and entry.id not in vague:
            told = f"Exception {entry.id} waives this until {entry.expires_on}."
            return replace(judgement, waived_by=entry.id, waiver=told, waived_until=entry.expires_on)
    return replace(judgement, waiver=" ".join(_vague(e, subject) if e.id in vague else _why_not(e, register, on) for e in naming))


def _vague(entry: Entry, subject: Subject) -> str:
    return (
        f"Exception {entry.id} does not waive this: several are called {subject.name}. Name the one that is meant by its id, {subject.id}."
    )


def only_then(judgements: Iterable[Judgement], register: Register, on: date, today: date) -> tuple[str, ...]:
    """A sentence for each exception that waives something on the day judged, and nothing today: what it excused then must not pass now."""
    dead = {e.id for e in register.entries if not e.in_force(today)}
    used = sorted({j.waived_by for j in judgements} & dead)
    return tuple(
        f"Exception {i} is in force on {on}, the day that is judged, and not today, {today}: what it waives is not let through. "
        "Judge as on today, or renew it."
        for i in used
    )


def _why_not(entry: Entry, register: Register, on: date) -> str:
    if entry.expires_on is not None and entry.expires_on < on:
        return f"Exception {entry.id} no longer waives this: it expired on {entry.expires_on}."
    if not entry.is_approved or entry.approved_on is None:
        return f"Exception {entry.id} does not waive this: nobody other than its requester has approved it."
    if entry.expires_on is None:
        return f"Exception {entry.id} does not waive this: it has no date on which it expires."
    if entry.approved_on > on:
        return f"Exception {entry.id} does not waive this yet: it is approved from {entry.approved_on}."
    return f"Exception {entry.id} waives nothing: it fails {', '.join(register.unsound[entry.id])}."
