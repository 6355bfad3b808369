"""A case file as an estate, its assessments and the terms of a plan."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inventory.model import (
    Classification,
    Database,
    Dependency,
    DependencyKind,
    Environment,
    Estate,
    Freeze,
    Server,
    Share,
    Strength,
    Workload,
)
from migration.model import Assessment, Disposition, Effect, Finding, Price, Readiness, Target
from migration.plan import PlanTerms

ON = date(2026, 11, 22)


@dataclass(frozen=True)
class Case:
    estate: Estate
    assessments: dict[str, Assessment]
    terms: PlanTerms
    expect: dict[str, Any]


@pytest.fixture
def read_case() -> Callable[[Path], Case]:
    return _case


def _case(path: Path) -> Case:
    held = tomllib.loads(path.read_text("utf-8"))
    rows: list[dict[str, Any]] = held.get("workload", [])
    server_ids = sorted({s for r in rows for s in r.get("servers", [])} | {d["server"] for d in held.get("database", [])})
    estate = Estate(
        servers=tuple(Server(s, s, operating_system="Ubuntu Linux (64-bit)") for s in server_ids),
        workloads=tuple(_workload(r) for r in rows),
        dependencies=tuple(_dependency(d) for d in held.get("dependency", [])),
        freezes=tuple(
            Freeze(f"freeze-{n}", f.get("name", f"Freeze {n}"), f["starts"], f["ends"], f.get("service", ""))
            for n, f in enumerate(held.get("freeze", []))
        ),
        databases=tuple(Database(d["id"], d["id"], d["server"], d["workload"]) for d in held.get("database", [])),
        shares=tuple(Share(s["id"], s["id"], s["server"], s["workload"]) for s in held.get("share", [])),
    )
    terms: dict[str, Any] = {"on": ON, "region": "uksouth", "estate_digest": "sha256:0"} | held.get("terms", {})
    return Case(estate, {r["id"]: _assessment(r) for r in rows if r.get("assessed", True)}, PlanTerms(**terms), held["expect"])


def _workload(r: dict[str, Any]) -> Workload:
    return Workload(
        id=r["id"],
        name=r.get("name", r["id"]),
        owner="An owner",
        service=r.get("service", "Corporate"),
        environment=Environment(r.get("environment", "production")),
        classification=Classification.OFFICIAL,
        criticality=r.get("criticality", "medium"),
        server_ids=tuple(r.get("servers", [])),
        saas_product=r.get("saas_product", ""),
    )


def _dependency(d: dict[str, Any]) -> Dependency:
    kind = DependencyKind(d.get("kind", "declared"))
    return Dependency(d["from"], d["to"], kind, Strength(d.get("strength", "strong")), d.get("port"), d.get("description", ""))


def _assessment(r: dict[str, Any]) -> Assessment:
    readiness = Readiness(r.get("readiness", "ready"))
    effect = Effect.UNKNOWN if readiness is Readiness.UNKNOWN else Effect.BLOCKS
    findings = tuple(Finding("an-assessor", r["id"], r["id"], effect, reason) for reason in r.get("findings", []))
    price = Price("Standard_D2s_v5", "uksouth", 4533, ON, "a price list")
    targets = tuple(Target(s, "virtual-machine", "Standard_D2s_v5", "uksouth", 128, price, "its p95") for s in r.get("servers", []))
    reason = r.get("disposition_reason", "It runs as it is.")
    return Assessment(
        workload_id=r["id"],
        on=ON,
        readiness=readiness,
        disposition=Disposition(r.get("disposition", "rehost")),
        disposition_reason=reason,
        findings=findings,
        targets=targets,
        monthly_pence=4533 * len(targets),
        exception_id=r.get("exception", ""),
    )
