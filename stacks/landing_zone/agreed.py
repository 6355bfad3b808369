"""What of the exception register Azure is to overlook: every entry that names a policy assignment, checked before anything is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from stacks.config import StackConfig
from stacks.errors import StacksError
from stacks.exceptions import AzureExemption, Entry, read_exceptions
from stacks.landing_zone.enforcement import slot, unknown
from stacks.landing_zone.settings import LandingZoneSettings
from stacks.library.architecture import SCOPE, Architecture, Assigned, GroupPlan
from stacks.library.model import key

_LONDON = ZoneInfo("Europe/London")
# An exemption's name has at most 64 characters (Microsoft.Authorization/policyExemptions, ARM template reference, read 2026-11-25);
# ours ends in a dash and eight characters.
_LONGEST_ID = 55
_Slot = tuple[GroupPlan, Assigned]


@dataclass(frozen=True)
class Exemption:
    """One exemption in Azure. `scope_group` is the management group it is for, None for a subscription or resource group."""

    last_day: date
    entry: Entry
    said: AzureExemption
    group: str
    assignment: str
    scope: str
    scope_group: str | None

    @property
    def until(self) -> str:
        """The last moment of its last day in London, as Azure writes it."""
        ends = datetime.combine(self.last_day, time(23, 59, 59), _LONDON)
        return ends.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Agreed:
    """Exemptions that are in force, and ids of entries that are no longer and so are not made."""

    exemptions: tuple[Exemption, ...] = ()
    expired: tuple[str, ...] = ()

    def as_text(self) -> list[dict[str, str]]:
        """Who waived what, where, until when: for an output."""
        return [
            {
                "exception": e.entry.id,
                "assignment": f"{e.group or 'council'}/{e.assignment}",
                "scope": e.scope,
                "references": ", ".join(e.said.references),
                "approver": e.entry.approver,
                "until": e.until,
            }
            for e in self.exemptions
        ]


def agreed(config: StackConfig, settings: LandingZoneSettings, architecture: Architecture | None, faults: list[str]) -> Agreed:
    """Read the register; what is wrong with its exemptions goes to `faults`. A register that nobody named and nobody wrote is none."""
    file = config.folder / settings.exceptions
    if architecture is None or (not file.exists() and "exceptions" not in settings.model_fields_set):
        return Agreed()
    try:
        entries = [e for e in read_exceptions(file, settings.exceptions).values() if e.azure]
    except StacksError as wrong:
        faults.extend(wrong.faults)
        return Agreed()
    if not entries:
        return Agreed()
    if settings.judged_on is None:
        faults.append(
            config.fault("judged_on", "the register has exemptions in Azure; say on which day they are judged, such as 2026-12-01.")
        )
        return Agreed()
    expired = [e for e in entries if e.expires_on and e.expires_on < settings.judged_on]
    found: list[Exemption] = []
    for entry in (e for e in entries if e not in expired):
        where = f"{settings.exceptions}, entry {entry.id}"
        wrong = [*_entry_faults(entry, settings.longest_exemption_days, settings.judged_on)]
        made, more = _exemptions(entry, settings, architecture)
        faults += [f"{where}, {what}" for what in (*wrong, *more)]
        found += made
    return Agreed(tuple(found), tuple(e.id for e in expired))


def _entry_faults(entry: Entry, longest: int, on: date) -> Iterator[str]:
    if not entry.is_approved:
        yield "key approver: Azure overlooks nothing that only its requester approved; have somebody else approve it."
    if entry.approved_on is None or entry.approved_on > on:
        yield f"key approved_on: it is not approved yet on {on}; wait, or correct the day."
    if entry.expires_on is None:
        yield "key expires_on: an exemption in Azure must end; give its last day."
    elif entry.approved_on and (entry.expires_on - entry.approved_on).days > longest:
        yield (
            f"key expires_on: it lasts {(entry.expires_on - entry.approved_on).days} days, and {longest} is the most "
            "(setting longest_exemption_days); end it sooner, and renew it then."
        )
    if len(entry.id) > _LONGEST_ID:
        yield f"key id: Azure takes at most {_LONGEST_ID} characters of it; shorten it."


def _exemptions(entry: Entry, settings: LandingZoneSettings, architecture: Architecture) -> tuple[list[Exemption], list[str]]:
    made: list[Exemption] = []
    faults: list[str] = []
    for i, said in enumerate(entry.azure):
        where = f"key azure[{i}]"
        held = [(g, a) for g, a in architecture.slots if key(said.assignment) in (slot(g, a), key(a.name))]
        if what := unknown(said.assignment, architecture):
            faults.append(f"{where}.assignment: it names {said.assignment}, {what}")
        elif len(held) > 1:
            names = ", ".join(slot(g, a) for g, a in held)
            faults.append(f"{where}.assignment: {said.assignment} stands at several groups; name one of {names}.")
        else:
            one, wrong = _exemption(entry, said, held[0], settings, architecture)
            faults += [f"{where}{what}" for what in wrong]
            made += [one]
    twice = len({(e.group, key(e.assignment), key(e.scope)) for e in made}) < len(made)
    return made, [*faults, *(["key azure: it names one assignment and scope twice; join the two."] if twice else [])]


def _exemption(
    entry: Entry, said: AzureExemption, at: _Slot, settings: LandingZoneSettings, architecture: Architecture
) -> tuple[Exemption, list[str]]:
    group, assigned = at
    scope_group, scope = _scope(said.scope, settings, architecture)
    faults = [*_scope_faults(said, at, scope_group, scope, settings, architecture), *reference_faults(said, assigned, architecture)]
    if said.category == "mitigated" and not entry.compensating_controls:
        faults.append(".category: it says mitigated, and the entry names no compensating_controls; name them, or write waiver.")
    # Without a last day the entry is refused, so that this one is never made.
    return Exemption(entry.expires_on or date.max, entry, said, group.id, assigned.name, scope, scope_group), faults


def _scope(said: str, settings: LandingZoneSettings, architecture: Architecture) -> tuple[str | None, str]:
    """The management group that is named, if one is, and the scope's id in Azure; "" for what is neither group nor subscription."""
    if said.startswith("/"):
        return None, said
    group_id = "" if key(said) == "council" else said
    group = next((g for g in architecture.groups if key(g.id) == key(group_id)), None)
    if group is not None:
        return group.id, f"{SCOPE}{architecture.full_id(settings.council.id, group.id)}"
    is_subscription = len(said) == 36 and said.count("-") == 4
    return None, f"/subscriptions/{said}" if is_subscription else ""


def _scope_faults(
    said: AzureExemption, at: _Slot, scope_group: str | None, scope: str, settings: LandingZoneSettings, architecture: Architecture
) -> Iterator[str]:
    if not scope:
        names = ", ".join(g.id or "council" for g in architecture.groups)
        yield f".scope: there is no management group {said.scope}, nor is it a subscription's id; there are {names}."
        return
    placed = {subscription.lower(): group for group, subscription in settings.placements()}
    stands = scope_group if scope_group is not None else placed.get(scope.split("/")[2].lower())
    # A subscription that this stack does not place may stand anywhere: Azure says whether the assignment reaches it.
    if stands is not None and at[0].id not in _above(stands, architecture):
        yield f".scope: {said.assignment} is assigned at {at[0].id or 'council'}, which does not reach {said.scope}; take this out."


def _above(group: str, architecture: Architecture) -> tuple[str, ...]:
    """The group and those above it."""
    parents: Mapping[str, str] = {g.id: g.parent for g in architecture.groups if g.id}
    found = [group]
    while found[-1] in parents:
        found.append(parents[found[-1]])
    return tuple(found)


def reference_faults(said: AzureExemption, assigned: Assigned, architecture: Architecture) -> Iterator[str]:
    """References of a set that is built into Azure are Azure's to judge: its definitions are not at hand here."""
    if said.references and not assigned.definition.is_set:
        yield f".references: {assigned.name} assigns one definition, not a set; take references out."
        return
    sets = [s for g in architecture.groups if g.id == assigned.definition.group for s in g.sets]
    held = next((s for s in sets if key(s.name) == key(assigned.definition.name)), None)
    if held is not None:
        there = {key(str(more.get("policyDefinitionReferenceId", ""))) for _, more in held.members}
        for name in said.references:
            if key(name) not in there:
                yield f".references: the set {held.name} has no reference {name}; it has {', '.join(sorted(there))}."
