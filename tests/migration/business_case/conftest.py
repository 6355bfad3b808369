"""A case file as an estate, a plan and the council's assumptions."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inventory.model import CostLine, Estate, Workload
from migration.business_case import CaseFile, read_case
from migration.model import Assessment, Disposition, Effect, Finding, Plan, Price, Readiness, Target, Wave

ON = date(2026, 11, 22)


@dataclass(frozen=True)
class Given:
    estate: Estate
    plan: Plan
    case: CaseFile
    expect: dict[str, Any]


@pytest.fixture
def given(tmp_path: Path) -> Callable[[dict[str, Any]], Given]:
    def read(held: dict[str, Any]) -> Given:
        file = tmp_path / "case.toml"
        file.write_text(held["case"], "utf-8")
        rows: list[dict[str, Any]] = held.get("workload", [])
        costs: list[dict[str, Any]] = held.get("cost", [])
        estate = Estate(
            workloads=tuple(_workload(r) for r in rows),
            cost_lines=tuple(CostLine(c["id"], c["id"], c["kind"], c["pence"], year=c["year"]) for c in costs),
        )
        plan = Plan(ON, "", {r["id"]: assessment_of(r) for r in rows}, (), tuple(wave_of(n, r) for n, r in enumerate(rows, 1)), {})
        return Given(estate, plan, read_case(file, "case.toml", estate), held.get("expect", {}))

    return read


@pytest.fixture
def given_file(given: Callable[[dict[str, Any]], Given]) -> Callable[[Path], Given]:
    return lambda path: given(tomllib.loads(path.read_text("utf-8")))


def _workload(r: dict[str, Any]) -> Workload:
    dates = {k: r[k] for k in ("support_ends", "contract_ends") if k in r}
    return Workload(r["id"], r.get("name", r["id"].capitalize()), service="Revenues", server_ids=(f"{r['id']}-1",), **dates)


def assessment_of(r: dict[str, Any]) -> Assessment:
    price = Price("size", "uksouth", r["cloud_pence"], ON, "a test")
    target = Target(f"{r['id']}-1", "virtual-machine", "size", "uksouth", 80, price, "")
    days = r.get("effort_days")
    findings = () if days is None else (Finding("ties", r["id"], r["id"], Effect.CONDITION, "Work.", "Do it.", days),)
    state = (Readiness.READY, Disposition.REHOST, "")
    return Assessment(r["id"], ON, *state, findings, (target,), r["cloud_pence"], tuple(r.get("unpriced", ())))


def wave_of(n: int, r: dict[str, Any]) -> Wave:
    return Wave(f"wave-{n}", r["starts"], r["ends"], (f"group-{n}",), (r["id"],), (f"{r['id']}-1",))
