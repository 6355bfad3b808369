"""Where each entry of the exception register stands on a day: in force or not, for how long, and which of its controls fail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from policies.catalogue import all_controls, known_controls
from policies.evaluate import judge_all
from policies.knowledge import register_rules
from policies.model import Judgement, Subject, Verdict
from policies.register import Entry, Register


class State(StrEnum):
    """Whether an entry waives anything, and if not, why not."""

    IN_FORCE = "in force"
    ENDS_SOON = "ends soon"
    EXPIRED = "expired"
    RENEWED = "renewed"
    NOT_YET = "not yet in force"
    NOT_APPROVED = "not approved"
    WITHOUT_END = "without end"


@dataclass(frozen=True, slots=True)
class Standing:
    """One entry on one day. `days_left` counts to its last day, which is still one; None when it is not in force.

    `fails` and `unknown` are ids of the controls over the entry that fail, and of the mandatory ones that cannot tell; `blocks` says
    that a mandatory one fails.
    """

    id: str
    state: State
    days_left: int | None
    controls: tuple[str, ...]
    subjects: tuple[str, ...]
    requester: str
    approver: str
    approved_on: date | None
    expires_on: date | None
    review_on: date | None
    renews: tuple[str, ...]
    in_azure: int
    fails: tuple[str, ...]
    unknown: tuple[str, ...]
    blocks: bool


def standings(register: Register, others: Iterable[Subject], on: date) -> tuple[Standing, ...]:
    """Every entry, sorted by id. `others` are the workloads whose contracts bound entries, as far as they are known."""
    controls = [c for c in all_controls() if "exception" in c.types]
    judged: dict[str, list[Judgement]] = {e.id: [] for e in register.entries}
    for j in judge_all(others, controls, register, on, known_controls()):
        judged[j.subject.id].append(j)
    renewed = {i for e in register.entries if e.is_approved and e.approved_on and e.approved_on <= on for i in e.renews}
    return tuple(_standing(e, judged[e.id], renewed, on) for e in register.entries)


def sound(register: Register, on: date) -> Register:
    """The register, in which entries that fail a mandatory control of their own, or cannot be told, waive nothing.

    For front ends that show people no verdict on the register itself, where such an entry would waive unseen. Workloads and their
    contracts are not known there.
    """
    mandatory = {c.id for c in all_controls() if c.mandatory}
    found = {s.id: (*(c for c in s.fails if c in mandatory), *s.unknown) for s in standings(register, (), on)}
    return replace(register, unsound={i: controls for i, controls in found.items() if controls})


def _standing(entry: Entry, judged: Sequence[Judgement], renewed: set[str], on: date) -> Standing:
    failing = [j for j in judged if j.answer.verdict is Verdict.FAIL]
    left = (entry.expires_on - on).days if entry.expires_on is not None and entry.in_force(on) else None
    return Standing(
        id=entry.id,
        state=_state(entry, left, on, is_renewed=entry.id in renewed),
        days_left=left,
        controls=entry.controls,
        subjects=entry.subjects,
        requester=entry.requester,
        approver=entry.approver,
        approved_on=entry.approved_on,
        expires_on=entry.expires_on,
        review_on=entry.review_on,
        renews=entry.renews,
        in_azure=len(entry.azure),
        fails=tuple(j.control.id for j in failing),
        unknown=tuple(j.control.id for j in judged if j.answer.verdict is Verdict.UNKNOWN and j.control.mandatory),
        blocks=any(j.control.mandatory for j in failing),
    )


def _state(entry: Entry, left: int | None, on: date, *, is_renewed: bool) -> State:
    if left is not None:
        return State.RENEWED if is_renewed else State.ENDS_SOON if left <= register_rules()["warn_days"] else State.IN_FORCE
    if not entry.is_approved or entry.approved_on is None:
        return State.NOT_APPROVED
    if entry.expires_on is None:
        return State.WITHOUT_END
    if entry.expires_on < on:
        return State.RENEWED if is_renewed else State.EXPIRED
    return State.NOT_YET
