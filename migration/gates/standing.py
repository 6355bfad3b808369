"""Whether a gate is open: nothing blocks, the runbook was rehearsed, and two people, one of each role, have signed what is known now.

Pure: what was read and checked comes in, the clock too. Every reason why it is shut is given at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from migration.execution.rehearsal import Rehearsed
from migration.gates.approval import Signed
from migration.gates.file import Gates, Person

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class Gate:
    """One go/no-go of one run: whose step it is, who answers for it, the digests that an approval must name, and its rehearsal if any.

    After the point of no return there is nothing left to rehearse: `needs_rehearsal` is False.
    """

    run_id: str
    step: str
    role: str
    accountable: str
    runbook: str
    evidence: str
    rehearsed: Rehearsed | None
    needs_rehearsal: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """`counted` approvals are good; `refused` says of each other one why it counts for nothing; `missing` what keeps the gate shut.

    `against` are good decisions of no-go: one suffices.
    """

    counted: tuple[Signed, ...]
    against: tuple[Signed, ...]
    refused: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether the run may pass."""
        return not self.missing and not self.against


def standing(gate: Gate, gates: Gates, approvals: Iterable[tuple[Signed, bool]], now: datetime) -> Standing:
    """Judge the gate. `approvals` come each with whether its signature is that of the person whom it names."""
    good: list[Signed] = []
    refused: list[str] = []
    for signed, is_theirs in approvals:
        if signed.approval.gate != gate.step:
            continue
        why = _refusal(signed, is_theirs, gate, gates, now)
        if why:
            refused.append(f"{signed.file or signed.approval.person}: {why}")
        else:
            good.append(signed)
    last = _last_of_each(good)
    counted = tuple(s for s in last if s.approval.is_go)
    against = tuple(s for s in last if not s.approval.is_go)
    missing = (*_blocked(gates, now), *_unrehearsed(gate, gates, now), *_unsigned(gate, counted))
    return Standing(counted, against, tuple(refused), missing)


def _refusal(signed: Signed, is_theirs: bool, gate: Gate, gates: Gates, now: datetime) -> str:
    """Why an approval counts for nothing; "" when it counts."""
    a = signed.approval
    person = next((p for p in gates.person if p.id == a.person), None)
    if person is None:
        return f"gates.toml has no person {a.person}."
    if not is_theirs:
        return f"its signature is not that of {person.name}'s key over this text. It was changed, or somebody else signed it."
    if a.run_id != gate.run_id:
        return "it is of another run. Approve this one."
    if a.runbook != gate.runbook or a.evidence != gate.evidence:
        return "it was given on another state of the run than the one that is there now. Look again, and approve again."
    if not a.made_at <= now < a.expires_at:
        return f"it is good from {a.made_at.isoformat()} until {a.expires_at.isoformat()}, and not now. Approve again."
    if a.expires_at - a.made_at > timedelta(hours=gates.approval_valid_hours):
        return f"it would be good for longer than {gates.approval_valid_hours} hours (approval_valid_hours). Approve again."
    return _no_right(person, a.role, a.acting_for, gate, gates, now)


def _no_right(person: Person, role: str, acting_for: str, gate: Gate, gates: Gates, now: datetime) -> str:
    """Why the person may not decide here; "" when they may."""
    day = now.astimezone(LONDON).date()
    if role not in (gate.role, gate.accountable):
        return f"the role {role} decides nothing here: it takes {_both(gate)}."
    if day > person.until:
        return f"{person.name} could decide until {person.until}. Renew the entry in gates.toml, or let somebody else decide."
    if not acting_for:
        return "" if role in person.roles else f"{person.name} does not have the role {role}."
    if any(d.of == acting_for and d.to == person.id and d.role == role and d.holds(day) for d in gates.delegation):
        of = next(p for p in gates.person if p.id == acting_for)
        return "" if day <= of.until else f"{of.name}, for whom {person.name} decides, could decide until {of.until} themselves."
    return f"no delegation in force lets {person.name} decide for {acting_for} as {role}."


def _last_of_each(good: Sequence[Signed]) -> tuple[Signed, ...]:
    """The last decision of each person."""
    last: dict[str, Signed] = {}
    for signed in sorted(good, key=lambda s: (s.approval.made_at, s.approval.number)):
        last[signed.approval.person] = signed
    return tuple(last[p] for p in sorted(last))


def _blocked(gates: Gates, now: datetime) -> Iterator[str]:
    for b in gates.blocker:
        if b.blocks(now):
            until = f" until {b.ends.isoformat()}" if b.ends else ""
            what = "A change freeze is in force" if b.kind == "change-freeze" else "A major fault is open"
            yield f"{what}{until}: {b.what} ({b.id}, by {b.by}). Wait, or have it lifted in gates.toml."


def _unrehearsed(gate: Gate, gates: Gates, now: datetime) -> Iterator[str]:
    if not gate.needs_rehearsal:
        return
    if gate.rehearsed is None:
        yield "This very runbook has not been rehearsed there and back. Do it: unless runbook rehearse WAVE --stand-ins FILE."
    elif now - gate.rehearsed.ended > timedelta(days=gates.rehearsal_valid_days):
        ended = gate.rehearsed.ended.astimezone(LONDON).date()
        yield f"Its last rehearsal ({gate.rehearsed.run}, {ended}) is older than {gates.rehearsal_valid_days} days. Rehearse it again."


def _unsigned(gate: Gate, counted: Sequence[Signed]) -> Iterator[str]:
    """Two people, one in each of the two roles; where the two roles are one, two people in that."""
    held = [(s.approval.person, s.approval.role) for s in counted]
    if any(a != b and r == gate.role and q == gate.accountable for a, r in held for b, q in held):
        return
    for role in dict.fromkeys((gate.role, gate.accountable)):
        if not any(r == role for _, r in held):
            yield f"Nobody has approved as {role}. Approve it: unless runbook approve RUN --as PERSON."
    if held and all(any(r == role for _, r in held) for role in (gate.role, gate.accountable)):
        yield f"It takes two people ({_both(gate)}), and one has approved."


def _both(gate: Gate) -> str:
    return f"one as {gate.role} and one as {gate.accountable}" if gate.role != gate.accountable else f"two as {gate.role}"
