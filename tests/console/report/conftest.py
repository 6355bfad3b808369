"""Inputs of a report: a small council with one of everything, and a large one with hostile names."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from console.report.inputs import Assessments, Carbon, Inputs, Plan, Run, Verdicts
from inventory.model import CostLine, Estate, ExceptionEntry, Freeze, Server, Workload

ON = date(2026, 11, 22)
HOSTILE = "<script>alert('x')</script>\"'><img src=http://evil.example/x onerror=alert(1)>{{ 7 * 7 }}\u202e"
READINESS = ("ready", "ready with conditions", "not ready", "unknown")
DISPOSITIONS = ("rehost", "replatform", "repurchase", "retire", "retain")
EFFECTS = {"ready with conditions": "condition", "not ready": "blocks", "unknown": "unknown"}


def _assessment(n: int, name: str) -> dict[str, Any]:
    readiness, disposition = READINESS[n % 4], DISPOSITIONS[n % 5]
    price = {
        "sku": "D2",
        "region": ("uksouth", "polandcentral", "global")[n % 3],
        "monthly_pence": 5000 + n,
        "on": "2026-01-26",
        "source": "a list",
    }
    moves = disposition in ("rehost", "replatform")
    target = {
        "subject": f"s{n}",
        "kind": "virtual-machine",
        "sku": "D2",
        "region": "uksouth",
        "storage_gb": 9,
        "price": price,
        "reason": "p95",
    }
    disk = target | {"kind": "managed-disk", "price": None}
    finding = {"assessor": "operating-system", "workload_id": f"w{n}", "subject": f"s{n}", "effect": EFFECTS.get(readiness, "none")}
    return {
        "workload_id": f"w{n}",
        "name": name,
        "on": "2026-11-22",
        "readiness": readiness,
        "disposition": disposition,
        "disposition_reason": "It runs.",
        "exception_id": "EX-1" if disposition == "retain" and n % 2 else "",
        "monthly_pence": None,
        "unpriced": [f"s{n}"],
        "targets": [target, disk] if moves else [],
        "findings": [
            finding | {"reason": f"{name} runs Windows Server 2012.", "remedy": "Upgrade it. Then: unless assess", "effort_days": 5.0}
        ],
    }


def _plan(n: int, names: list[str]) -> dict[str, Any]:
    planned = [i for i in range(n) if READINESS[i % 4].startswith("ready") and DISPOSITIONS[i % 5] in ("rehost", "replatform")]
    half = max(len(planned) // 2, 1)
    parts = [p for p in (planned[:half], planned[half:]) if p]
    starts = ("2027-01-04", "2027-04-05")
    ends = ("2027-01-17", "2027-04-18")
    waves = [
        {"id": f"wave-{k + 1}", "starts": starts[k], "ends": ends[k], "group_ids": [f"group-w{i}" for i in part]}
        | {"workload_ids": [f"w{i}" for i in part], "server_ids": [f"s{i}" for i in part]}
        for k, part in enumerate(parts)
    ]
    return {
        "format": "cloud-unless/plan/1",
        "on": "2026-11-22",
        "estate_digest": "sha256:1",
        "region": "uksouth",
        "notes": ["The calendar says nothing after 2027-03-31: wave-2 may meet a freeze that nobody has written down yet."],
        "groups": [
            {"id": f"group-w{i}", "workload_ids": [f"w{i}"], "server_ids": [f"s{i}"], "because": [], "crossings": [f"{names[i]} depends."]}
            for i in planned
        ],
        "waves": waves,
        "unplanned": {f"w{i}": "Not ready: It cannot." for i in range(n) if i not in planned},
    }


def _judgements(names: list[str]) -> list[dict[str, Any]]:
    verdicts = ("pass", "fail", "unknown", "not applicable", "fail")
    return [
        {
            "control": f"control-{i % 7}",
            "title": f"Control {i % 7} holds",
            "severity": ("critical", "high", "medium", "low")[i % 4],
            "rule": ("secure by design", "buy off-the-shelf by default", "cloud, unless")[i % 3],
            "mandatory": True,
            "verdict": verdicts[i % 5],
            "reason": f"{name} is not as it should be.",
            "remedy": "Mend it.",
            "subject_kind": "resource" if i % 2 else "workload",
            "subject_id": f"w{i}",
            "subject_name": name,
            "waived_by": "EX-1" if i % 5 == 4 else "",
            "blocks": verdicts[i % 5] in ("fail", "unknown") and i % 5 != 4,
        }
        for i, name in enumerate(names)
    ]


def _ranged(low: float, high: float) -> dict[str, Any]:
    return {"low": {"value": low, "because": ["least"]}, "high": {"value": high, "because": ["most"]}}


def _carbon(n: int, mark: str) -> dict[str, Any]:
    sides = {"now_kwh": _ranged(1000, 9000), "now_kg": _ranged(124, 2052), "after_kwh": _ranged(300, 1200), "after_kg": _ranged(37, 274)}
    return {
        "format": "cloud-unless/carbon-figures/1",
        "whole": {"workloads": n, **sides},
        "comparable": {"workloads": n // 2, **sides},
        "not_known": {"now": 1, "after": n - n // 2},
        "sources": [{"id": i, "what": f"A grid{mark}", "source": f"a page{mark}", "read_on": "2026-11-25"} for i in ("least", "most")],
        "left_out": [f"Networks{mark}."],
    }


def council(n: int, mark: str = "") -> Inputs:
    """Everything a report can show, with `n` workloads whose names end with `mark`."""
    names = [f"Workload {i}{mark}" for i in range(n)]
    estate = Estate(
        servers=tuple(Server(f"s{i}", f"s{i}") for i in range(n)),
        workloads=tuple(Workload(f"w{i}", names[i], service=f"Service{mark}", is_registered=i % 9 != 0) for i in range(n)),
        freezes=(
            Freeze("billing", f"Annual billing{mark}", date(2027, 2, 24), date(2027, 3, 31)),
            Freeze("easter", "Easter", date(2027, 3, 26), date(2027, 4, 1)),
            Freeze("admissions", "School admissions", date(2027, 3, 1), date(2027, 4, 30), f"Education{mark}"),
        ),
        cost_lines=(
            CostLine("c1", "Servers", "capital", 35_800_000, f"Servers{mark}"),
            CostLine("c2", "Electricity", "revenue", 12_345_600, "Data centre"),
        ),
        exceptions=(
            ExceptionEntry(
                "EX-1", ("w4",), ("workload-goes-to-the-cloud",), f"It must{mark}.", "A", "B", date(2026, 1, 1), date(2027, 1, 31)
            ),
            ExceptionEntry("EX-2", ("w9",), ("x",), "It had to.", "A", "B", date(2025, 1, 1), date(2026, 1, 31)),
            ExceptionEntry("EX-3", ("w14",), ("x",), "It should.", "A"),
        ),
    )
    assessments = {"format": "cloud-unless/assessments/1", "on": "2026-11-22", "region": "uksouth", "estate_digest": "sha256:1"}
    findings = {"format": "cloud-unless/findings/1", "on": "2026-11-22", "judged": [f"plan.json{mark}"], "judgements": _judgements(names)}
    return Inputs(
        council=f"Exampleborough{mark}",
        on=ON,
        estate=estate,
        assessments=Assessments.model_validate(assessments | {"assessments": [_assessment(i, name) for i, name in enumerate(names)]}),
        plan=Plan.model_validate(_plan(n, names)),
        verdicts=Verdicts.model_validate(findings),
        carbon=Carbon.model_validate(_carbon(n, mark)),
        faults=((f"servers{mark}.csv", f"Row 7, column Memory: {mark} is no number. Correct it."),),
        runs=(
            Run(
                f"run-1{mark}",
                "wave-1",
                "stopped",
                20,
                7,
                "2027-01-04T08:00:00+00:00",
                "2027-01-04T09:30:00+00:00",
                (f"It stopped{mark}.",),
            ),
        ),
    )


@pytest.fixture
def small() -> Inputs:
    return council(20)


@pytest.fixture
def hostile() -> Inputs:
    return council(20, HOSTILE)


@pytest.fixture
def large() -> Inputs:
    return council(1000, " with a name as long as the names of applications in real registers are, and then some")


@pytest.fixture
def nothing() -> Inputs:
    return Inputs("Exampleborough", ON)
