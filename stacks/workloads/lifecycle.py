"""How a workload ends: in two reviewed steps, the second refused until the first was applied; and what stays afterwards.

live → decommissioning: nobody has access, nobody reaches it, backups stop and are kept, protection is lifted; it can still go back.
decommissioning → gone: everything goes but its backups, which Azure keeps until their time is over.
gone → its request removed: what Azure has let go of is forgotten; the subscription stays in the decommissioned group.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from stacks.request import Request
from stacks.workloads.backups import is_backed_up, is_in_data_vault
from stacks.workloads.data import Care, care, shares_are_vaulted

# Key vaults are made with soft delete of 90 days and purge protection (stacks/components/vault.py).
KEY_VAULT_DAYS = 90
_ABSENT = ""
_NEXT: Mapping[str, tuple[str, ...]] = {
    _ABSENT: (_ABSENT, "live"),
    "live": ("live", "decommissioning"),
    "decommissioning": ("live", "decommissioning", "gone"),
    "gone": ("gone", _ABSENT),
}
_INSTEAD = {
    ("live", "gone"): 'apply state = "decommissioning" with pulumi up first',
    ("live", _ABSENT): 'put its request back with state = "decommissioning", and run pulumi up',
    ("decommissioning", _ABSENT): 'put its request back with state = "gone", and run pulumi up',
    ("gone", "live"): "what was destroyed cannot be put back; restore it from backup under an id of its own",
    ("gone", "decommissioning"): 'nothing of it is left to close; write state = "gone" again',
    (_ABSENT, "decommissioning"): "nothing of it stands; remove its request",
    (_ABSENT, "gone"): "nothing of it stands; remove its request",
}


def stands(request: Request) -> bool:
    """Whether anything of the workload is to stand: when it is gone, only its backups do."""
    return request.state != "gone" or is_backed_up(request)


@dataclass(frozen=True)
class Kept:
    """What stays when a workload is gone, and until when."""

    what: str
    until: str


def was(outputs: Mapping[str, object]) -> dict[str, str]:
    """Workload id to its state after the last deployment, from what this stack exported then."""
    states = outputs.get("states")
    if isinstance(states, Mapping):
        return {str(k): str(v) for k, v in states.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    # Stacks deployed before there were states exported the networks of their workloads, all of which were live.
    networks = outputs.get("networks")
    return {str(k): "live" for k in networks} if isinstance(networks, Mapping) else {}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def out_of_order(before: Mapping[str, str], requests: Sequence[Request], shown: str) -> Iterator[str]:
    """A sentence for each workload that would take a step before the one that comes first. `shown` is the folder of requests."""
    after = {r.id: r.state for r in requests}
    for workload in sorted({*before, *after}):
        old, new = before.get(workload, _ABSENT), after.get(workload, _ABSENT)
        if new not in _NEXT.get(old, (new,)):
            is_now = f"is asked to be {new}" if new else "has no request any more"
            stood = f"was {old} when this stack was last deployed" if old else "was never deployed"
            yield f"{shown}/{workload}.toml, key state: {workload} {stood} and {is_now}; {_INSTEAD[old, new]}."


def kept(request: Request) -> tuple[Kept, ...]:
    """What stays of a request's workload once it is gone, and until when."""
    if request.decommission_on is None:
        return ()
    vault = Kept("its key vault, soft-deleted", f"{KEY_VAULT_DAYS} days after it was removed")
    shares = request.share if shares_are_vaulted(care(request.care), request.rpo_hours) else ()
    kinds = {"servers": [s for s in request.server if s.count == 1], "desktops": request.desktop, "shares": shares}
    vaults = [("the recovery vault", name) for name, asked in kinds.items() if asked]
    vaults += [("the backup vault", "blobs and databases")] if is_in_data_vault(request) else []
    if not vaults:
        return (vault,)
    last = last_day(request.decommission_on, care(request.care))
    until = f"{last.isoformat()}, and the newest recovery point until somebody deletes it"
    return (*(Kept(f"recovery points of its {what}, in {where} of its resource group", until) for where, what in vaults), vault)


def last_day(stopped: date, held: Care) -> date:
    """The day on which the last recovery point but the newest lapses, when backups stopped on `stopped`."""
    year, month = divmod(stopped.year * 12 + stopped.month - 1 + held.months, 12)
    in_months = date(year, month + 1, min(stopped.day, calendar.monthrange(year, month + 1)[1]))
    return max(in_months, stopped + timedelta(days=max(held.days, held.weeks * 7)))
