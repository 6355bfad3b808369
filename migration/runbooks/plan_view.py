"""What a runbook takes from `plan.json`: checked on the way in, all mistakes at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from migration.errors import MigrationError
from migration.runbooks.knowledge import kept_days


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class PlanTarget(_Part):
    """Where one server, database or share goes."""

    subject: str
    kind: str
    sku: str = ""
    region: str = ""
    reason: str = ""


class PlanWorkload(_Part):
    """A workload of the plan."""

    id: str
    name: str
    owner: str = ""
    supplier: str = ""
    saas_product: str = ""
    disposition: str | None = None
    server_ids: tuple[str, ...] = ()
    targets: tuple[PlanTarget, ...] = ()


class PlanWave(_Part):
    """A wave of the plan; its id names files."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    starts: date
    ends: date = Field(lt=date(9000, 1, 1))
    workload_ids: tuple[str, ...]
    server_ids: tuple[str, ...] = ()

    @property
    def decommission_on(self) -> date:
        """The first day on which the old places may be wiped."""
        return self.ends + timedelta(days=kept_days())


class PlanServer(_Part):
    """A server of the plan."""

    id: str
    name: str
    operating_system: str = ""


class PlanShare(_Part):
    """A share of the plan."""

    id: str
    name: str
    server_id: str = ""
    workload_id: str = ""
    path: str = ""
    size_gb: float | None = None
    files: int | None = None


class PlanDatabase(_Part):
    """A database of the plan."""

    id: str
    name: str
    workload_id: str = ""
    engine: str = ""
    version: str = ""


class _Document(_Part):
    workloads: tuple[PlanWorkload, ...]
    waves: tuple[PlanWave, ...]
    servers: tuple[PlanServer, ...] = ()
    shares: tuple[PlanShare, ...] = ()
    databases: tuple[PlanDatabase, ...] = ()


@dataclass(frozen=True, slots=True)
class WaveView:
    """One wave with everything of it, and the digest of the plan it is from."""

    wave: PlanWave
    workloads: tuple[PlanWorkload, ...]
    servers: Mapping[str, PlanServer]
    databases: Mapping[str, PlanDatabase]
    shares: tuple[PlanShare, ...]
    share_ids_of_plan: frozenset[str]
    wave_ids_of_plan: frozenset[str]
    workload_ids_of_plan: frozenset[str]
    plan_digest: str


def view(document: Mapping[str, Any], wave_id: str) -> WaveView:
    """The wave of a plan (the JSON of `plan.json`). Raises MigrationError naming every mistake, or the waves that there are."""
    try:
        plan = _Document.model_validate(document)
    except ValidationError as wrong:
        where = (f"plan.json, {'.'.join(map(str, e['loc']))}: {e['msg']}. Run: unless plan" for e in wrong.errors())
        raise MigrationError(*where) from wrong
    wave = next((w for w in plan.waves if w.id == wave_id), None)
    if wave is None:
        there = ", ".join(w.id for w in plan.waves) or "none"
        raise MigrationError(f"The plan has no wave {wave_id}. Its waves: {there}.")
    by_id = {w.id: w for w in plan.workloads}
    missing = [i for i in wave.workload_ids if i not in by_id]
    if missing:
        raise MigrationError(*(f"plan.json, wave {wave_id}: there is no workload {i}. Run: unless plan" for i in missing))
    ids = set(wave.workload_ids)
    content = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str).encode("utf-8")
    return WaveView(
        wave=wave,
        workloads=tuple(by_id[i] for i in wave.workload_ids),
        servers={s.id: s for s in plan.servers},
        databases={d.id: d for d in plan.databases},
        shares=tuple(s for s in plan.shares if s.workload_id in ids),
        share_ids_of_plan=frozenset(s.id for s in plan.shares),
        workload_ids_of_plan=frozenset(w.id for w in plan.workloads),
        wave_ids_of_plan=frozenset(w.id for w in plan.waves),
        plan_digest="sha256:" + hashlib.sha256(content).hexdigest(),
    )
