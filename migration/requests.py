"""Requests: for each workload of the first wave, the reviewed file that asks for its landing zone.

A request states only what the plan knows. Its budget is the priced part of its targets with a margin; where nothing
has a price there is no request, and the reason is given. The stacks read these files (docs/reference/files.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import tomlkit
from tomlkit.items import Table

from inventory.model import Classification, Environment, Estate, Workload
from migration.disks import KIND as DISKS
from migration.model import COST_ONLY, COSTS_NOTHING, Assessment, Plan, Target

FORMAT: Final = "cloud-unless/request/1"
MARGIN_PERCENT: Final = 20
LONGEST_WORDS: Final = 200
TABLES: Final[Mapping[str, str]] = {
    "virtual-machine": "server",
    "sql-database": "database",
    "sql-managed-instance": "database",
    "postgresql": "database",
    "mysql": "database",
    "file-share": "share",
}
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,150}")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_LINUX = ("linux", "ubuntu", "debian", "centos", "red hat", "rhel", "suse", "sles", "fedora", "rocky", "alma")


@dataclass(frozen=True, slots=True)
class Requests:
    """What to write, by workload id, and for which workloads of the wave no request can be made, and why."""

    texts: Mapping[str, str]
    refused: Mapping[str, str]


def requests_of(plan: Plan, estate: Estate, margin_percent: int = MARGIN_PERCENT) -> Requests:
    """Requests for the workloads of the plan's first wave that have targets in the cloud, as TOML."""
    texts: dict[str, str] = {}
    refused: dict[str, str] = {}
    for workload_id in plan.waves[0].workload_ids if plan.waves else ():
        w, a = estate.workload_by_id[workload_id], plan.assessments[workload_id]
        targets = sorted((t for t in a.targets if t.kind not in COSTS_NOTHING), key=lambda t: (t.kind, t.subject))
        if why := " ".join(_refusals(w, targets, estate)):
            refused[workload_id] = f"{w.name}: {why}"
        else:
            texts[workload_id] = _request(w, a, targets, plan, estate, margin_percent)
    return Requests(texts, refused)


def _refusals(w: Workload, targets: Sequence[Target], estate: Estate) -> Iterator[str]:
    if not _ID.fullmatch(w.id) or _DEVICES.fullmatch(w.id):
        yield f"{w.id!r} cannot be the name of a file everywhere. Give the workload another name."
    if w.environment is Environment.UNKNOWN or w.classification is Classification.UNKNOWN or not w.owner or not w.service:
        yield "its owner, service, environment and data classification must all be known. Complete its entry in the application register."
    if max(len(w.name), len(w.owner), len(w.service)) > LONGEST_WORDS:
        yield f"its name, owner and service must have {LONGEST_WORDS} characters or fewer each. Shorten them in the application register."
    yield from _id_faults([t.subject for t in targets if t.kind in TABLES])
    if all(t.kind in COST_ONLY for t in targets):
        yield "no target in the cloud is counted with it, so there is nothing to ask for."
    elif _priced_pence(targets) == 0:
        yield "none of its targets has a price, so a budget cannot be stated. Write its request by hand once somebody has quoted one."
    for t in targets:
        if t.kind == DISKS and not t.sku:
            yield f"no disk is known for {t.subject}. {t.reason}"
        if t.kind in COST_ONLY:
            continue
        if t.kind not in TABLES:
            yield f"a request cannot ask for {t.kind} ({t.subject}). Write its request by hand, or choose another target."
        elif not t.sku and t.kind != "file-share":
            yield f"no size is known for {t.subject}. {t.reason}"
        elif t.kind == "virtual-machine" and not system_of(_operating_system(t.subject, estate)):
            yield f"nobody can tell whether {t.subject} runs Windows or Linux. Correct its operating system in the inventory."


def _id_faults(ids: Sequence[str]) -> Iterator[str]:
    if odd := sorted({i for i in ids if not _ID.fullmatch(i)}):
        yield f"{', '.join(odd)!r} cannot be an id: small letters, digits, dots and hyphens only. Correct its name in the inventory."
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        yield f"{', '.join(twice)} would be asked for twice. Give a server, database or share of that name another one."


def system_of(operating_system: str) -> str:
    """`windows`, `linux`, or "" where the name of the operating system does not tell."""
    name = operating_system.casefold()
    if "windows" in name:
        return "windows"
    return "linux" if any(n in name for n in _LINUX) else ""


def _operating_system(server_id: str, estate: Estate) -> str:
    held = estate.server_by_id.get(server_id)
    return held.operating_system if held else ""


def _priced_pence(targets: Sequence[Target]) -> int:
    return sum(t.price.monthly_pence for t in targets if t.price)


def _request(w: Workload, a: Assessment, targets: Sequence[Target], plan: Plan, estate: Estate, margin_percent: int) -> str:
    document = tomlkit.document()
    for line in _remarks(targets, plan, margin_percent):
        document.add(tomlkit.comment(one_line(line)))
    for key, value in _head(w, a, plan, -(-_priced_pence(targets) * (100 + margin_percent) // 100)).items():
        if value is not None:
            document.add(key, value)
    for name in dict.fromkeys(TABLES.values()):
        rows = tomlkit.aot()
        for t in targets:
            if TABLES.get(t.kind) == name:
                rows.append(_row(t, _disks(t, w, targets), estate))  # pyright: ignore[reportUnknownMemberType] - AoT is a list of anything
        if rows:
            document.add(name, rows)
    return tomlkit.dumps(document)


def _head(w: Workload, a: Assessment, plan: Plan, budget_pence: int) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "id": w.id,
        "name": w.name,
        "owner": w.owner,
        "service": w.service,
        "wave": plan.waves[0].id,
        "environment": w.environment.value,
        "classification": w.classification.value,
        "region": plan.region,
        "criticality": w.criticality,
        "rto_hours": _short(w.rto_hours),
        "rpo_hours": _short(w.rpo_hours),
        "budget_monthly_pence": budget_pence,
        "exception": a.exception_id,
    }


def _short(hours: float | None) -> float | None:
    return int(hours) if hours is not None and float(hours).is_integer() else hours


def _disks(machine: Target, w: Workload, targets: Sequence[Target]) -> str:
    """The disks to ask for by name: only where they are not those that machines of its environment have anyway."""
    mine = (t.sku for t in targets if t.kind == DISKS and t.subject == machine.subject)
    fast = w.environment is not Environment.PRODUCTION and any(sku.startswith("premium-ssd-p") for sku in mine)
    return "premium-ssd" if fast else ""


def _row(t: Target, disks: str, estate: Estate) -> Table:
    row = tomlkit.table()
    row.add("id", t.subject)
    if t.kind == "virtual-machine":
        row.add("size", t.sku)
        row.add("system", system_of(_operating_system(t.subject, estate)))
    elif TABLES[t.kind] == "database":
        row.add("kind", t.kind)
        row.add("sku", t.sku)
    row.add("storage_gb", t.storage_gb)
    if disks:
        row.add("disks", disks)
    return row


def _remarks(targets: Sequence[Target], plan: Plan, margin_percent: int) -> Iterator[str]:
    unpriced = sorted(f"{t.kind} of {t.subject}" if t.kind in COST_ONLY else t.subject for t in targets if not t.price)
    yield f"The budget is {_pounds(_priced_pence(targets))} a month, the sum of the prices known, and {margin_percent} % more, rounded up."
    if unpriced:
        yield f"PARTIAL: no price is known for {', '.join(unpriced)}. Raise the budget when somebody has quoted them."
    caveats = {c for t in targets if t.price and (c := t.price.caveat(plan.region))}
    yield from sorted(caveats)


def _pounds(pence: int) -> str:
    return f"£{pence / 100:,.2f}"


def one_line(text: str) -> str:
    """The text on one line without control characters: a comment must not become a key."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
