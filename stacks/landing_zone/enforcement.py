"""Whether a policy assignment acts yet: report first, refuse from a day that was announced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from stacks.landing_zone.architecture_settings import Enforcement, Mode
from stacks.landing_zone.settings import LandingZoneSettings
from stacks.library.architecture import Architecture, Assigned, GroupPlan
from stacks.library.model import key


@dataclass(frozen=True)
class Stages:
    """What the settings say of enforcement. `on` is the day on which it is judged: a setting, never the clock."""

    said: Mapping[str, Enforcement] = field(default_factory=dict[str, Enforcement])
    on: date | None = None
    all_report: bool = False

    def enforces(self, group: GroupPlan, assigned: Assigned) -> bool:
        """Whether the assignment acts at this group: as the settings say of it there, else of it anywhere, else as its source says."""
        if self.all_report:
            return False
        named = (slot(group, assigned), key(assigned.name))
        found = next((self.said[n] for n in named if n in self.said), None)
        if found is None:
            return assigned.enforces
        if found.report_until is not None:
            return self.on is not None and self.on > found.report_until
        return found.mode is Mode.ENFORCE


def slot(group: GroupPlan, assigned: Assigned) -> str:
    """An assignment at one group, as settings name it: corp/no-public-ip; the council's own group is `council`."""
    return f"{key(group.id) or 'council'}/{key(assigned.name)}"


def stages(settings: LandingZoneSettings) -> Stages:
    """The stages of the settings; `watch_only` is the short way of saying `report`."""
    watched = {key(name): Enforcement(mode=Mode.REPORT) for name in settings.watch_only}
    return Stages({**watched, **{key(n): e for n, e in settings.enforcement.items()}}, settings.judged_on)


def stage_faults(settings: LandingZoneSettings, architecture: Architecture) -> list[tuple[str, str]]:
    """(key, what is wrong) for every name that nothing has, name said twice, and day that cannot be judged."""
    faults = [("watch_only", f"it names {n}, {what}") for n in settings.watch_only if (what := unknown(n, architecture))]
    faults += [(f"enforcement.{n}", f"it names {n}, {what}") for n in settings.enforcement if (what := unknown(n, architecture))]
    faults += [
        (f"enforcement.{n}", "this assignment is named twice, in other capitals; keep one.") for n in named_twice(settings.enforcement)
    ]
    both = sorted({key(n) for n in settings.watch_only} & {key(n) for n in settings.enforcement})
    faults += [(f"enforcement.{n}", "watch_only names it too; take it out there.") for n in both]
    dated = [n for n, e in settings.enforcement.items() if e.report_until]
    if dated and settings.judged_on is None:
        faults.append(("judged_on", f"{', '.join(dated)} reports until a day; say on which day that is judged, such as 2026-12-01."))
    return faults


def named_twice(names: Iterable[str]) -> list[str]:
    """Names that mean the same assignment as one before them: Azure compares them without case."""
    held = list(names)
    return [n for i, n in enumerate(held) if key(n) in {key(before) for before in held[:i]}]


def unknown(name: str, architecture: Architecture) -> str:
    """What to say of a name that no assignment has, or ""."""
    slots = {slot(g, a) for g, a in architecture.slots}
    if key(name) in slots or key(name) in {key(n) for n in architecture.assignment_names}:
        return ""
    return f"which no assignment is called; there are {', '.join(architecture.assignment_names)}."
