"""What the files say badly, or of things that nobody has, ends as unknown and never as ready: from the import to the plan."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

SERVERS = """\
Server name,Cores,Memory (GB),Storage (GB),Operating system
app-01,2,8,100,Windows Server 2022
app-02,16,64,500,Windows Server 2022
"""
HEAD = (
    "Application,Business owner,Service area,Servers,Environment,Data classification,Personal data,Criticality,Intent,"
    "Supplier support ends\n"
)
WHOLE = "Head,Housing,{servers},Production,Official,No,Low,{intent},{ends}\n"


def _app(name: str, servers: str, intent: str = "Keep", ends: str = "") -> str:
    return f"{name},{WHOLE.format(servers=servers, intent=intent, ends=ends)}"


@pytest.fixture
def assessed(tmp_path: Path, unless: Run) -> Callable[..., dict[str, Any]]:
    def run(register: str, **files: str) -> dict[str, Any]:
        held = {"servers.csv": SERVERS, "applications.csv": HEAD + register, **{f"{k}.csv": v for k, v in files.items()}}
        for name, text in held.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        for words in (("init",), ("import", *held), ("assess",)):
            assert unless(*words).returncode in (0, 1)
        return {w["workload_id"]: w for w in json.loads((tmp_path / ".unless/assessments.json").read_text("utf-8"))["assessments"]}

    return run


def _why(workload: dict[str, Any], effect: str) -> list[str]:
    return [f["reason"] for f in workload["findings"] if f["effect"] == effect]


def test_a_workload_of_which_a_server_is_unknown_is_not_ready(assessed: Callable[..., dict[str, Any]]) -> None:
    alpha = assessed(_app("Alpha", "app-01; ghost9"))["alpha"]
    assert alpha["readiness"] == "unknown"
    assert _why(alpha, "unknown") == ["Alpha names server ghost9, which the inventory does not have."]


def test_a_workload_that_leans_on_a_stranger_is_not_ready(assessed: Callable[..., dict[str, Any]]) -> None:
    links = "From application,To application,Strength\nAlpha,Mainframe,Strong\n"
    alpha = assessed(_app("Alpha", "app-01"), dependencies=links)["alpha"]
    assert alpha["readiness"] == "unknown"
    assert _why(alpha, "unknown") == ["Alpha needs mainframe (strong, declared), which is not in the estate."]


def test_a_cell_that_cannot_be_read_is_not_an_empty_one(assessed: Callable[..., dict[str, Any]]) -> None:
    alpha = assessed(_app("Alpha", "app-01", ends="31/13/2026"))["alpha"]
    assert alpha["readiness"] == "unknown"
    assert _why(alpha, "unknown") == ["What is written of Alpha in column Supplier support ends cannot be read."]


def test_a_server_shared_with_what_stays_behind_is_counted_where_it_goes(assessed: Callable[..., dict[str, Any]]) -> None:
    held = assessed(_app("Alpha", "app-02", intent="Retire") + _app("Beta", "app-02"))
    assert held["alpha"]["disposition"] == "retire"
    machines = [t for t in held["beta"]["targets"] if t["kind"] == "virtual-machine"]
    assert [t["subject"] for t in machines] == ["app-02"]
    assert machines[0]["alternatives"]  # nobody measured it, so what was given to it is named and not chosen


def test_a_plan_says_that_the_calendar_is_not_whole(assessed: Callable[..., dict[str, Any]], unless: Run, tmp_path: Path) -> None:
    assessed(_app("Alpha", "app-01"), calendar="Freeze,Starts,Ends\nAnnual billing,24/02/2027,31/02/2027\nElection,2027-05-03,2027-05-07\n")
    told = unless("plan").stderr.decode()
    notes = json.loads((tmp_path / ".unless/plan.json").read_text("utf-8"))["notes"]
    assert notes[0].startswith("The calendar has 1 fault: a freeze may be missing, and a wave may stand in one.")
    assert "a freeze may be missing" in " ".join(told.split())


def test_a_report_does_not_call_safe_what_nobody_judged(assessed: Callable[..., dict[str, Any]], unless: Run, tmp_path: Path) -> None:
    assessed(_app("Alpha", "app-01"))
    for words in (("plan",), ("check",), ("report",)):
        unless(*words)
    page = (tmp_path / ".unless/report.html").read_text("utf-8")
    assert "No deployment was judged" in page
    assert "Nothing stops the deployment" not in page
