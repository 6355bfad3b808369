from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SERVERS = """\
Server name,Power,Cores,Memory (GB),Operating system
PAY-1,on,4,16,Microsoft Windows Server 2022 (64-bit)
OLD-1,on,2,4,Microsoft Windows Server 2003 (32-bit)
BLIND-1,on,,,
"""
APPLICATIONS = """\
Application,Business owner,Environment,Data classification,Personal data,Intent,Hardware or location ties,Servers
Zebra,Head of Zebras,Production,Official,No,Keep,,PAY-1
Signals,Head of Highways,Production,Official,No,Keep,scada,OLD-1
"""
REGISTER = """\
format = "cloud-unless/exceptions/1"

[[exception]]
id = "EX-1"
controls = ["workload-goes-to-the-cloud"]
subjects = ["signals"]
rationale = "Controllers in the street."
options = [{ name = "Stay", five_year_cost_pence = 100 }, { name = "Move", five_year_cost_pence = 200 }]
requester = "Highways systems manager"
approver = "Chief Information Officer"
approved_on = 2026-01-01
expires_on = %s
"""


def unless(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "console", *words], cwd=project, capture_output=True, text=True, check=False, encoding="utf-8"
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "servers.csv").write_text(SERVERS, encoding="utf-8")
    (tmp_path / "applications.csv").write_text(APPLICATIONS, encoding="utf-8")
    assert unless(tmp_path, "init").returncode == 0
    assert unless(tmp_path, "import", "servers.csv", "applications.csv").returncode == 0
    return tmp_path


def _assess(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return unless(project, "assess", "--on", "2026-11-22", "--cutover", "2027-06-30", *words)


def test_a_workload_is_assessed_listed_and_explained(project: Path) -> None:
    done = _assess(project)
    assert done.returncode == 0, done.stderr
    assert "3 workloads assessed" in done.stdout
    assert "not the whole cost" in done.stdout or "Prices known" in done.stdout
    listed = json.loads(unless(project, "assess", "list", "--readiness", "not-ready", "--json").stdout)
    assert [row["workload_id"] for row in listed] == ["signals"]
    shown = unless(project, "assess", "show", "signals").stdout
    assert "not ready, rehost" in shown
    assert "BLOCKS" in shown
    assert "servers.csv, row 3, column Operating system" in shown
    assert "workload-goes-to-the-cloud" in shown
    assert "polandcentral" in shown
    assert "No price" in shown or "Whole cost" in shown


def test_json_is_json_and_nothing_else(project: Path) -> None:
    rows = json.loads(_assess(project, "--json").stdout)
    assert rows[-1]["workloads"] == 3
    assert rows[-1]["disposition"] == "all"
    one = json.loads(unless(project, "assess", "show", "zebra", "--json").stdout)
    assert one["workload_id"] == "zebra"
    assert one["targets"][0]["subject"] == "pay-1"


def test_a_server_is_explained_by_the_workloads_that_it_serves(project: Path) -> None:
    _assess(project)
    assert "zebra: " in unless(project, "assess", "show", "pay-1").stdout


def test_the_exception_register_of_the_settings_decides_who_stays(project: Path) -> None:
    register = project / "policies" / "exceptions.toml"
    register.parent.mkdir()
    register.write_text(REGISTER % "2028-01-01", encoding="utf-8")
    assert _assess(project).returncode == 0
    held = {a["workload_id"]: a for a in json.loads((project / ".unless/assessments.json").read_text("utf-8"))["assessments"]}
    assert (held["signals"]["disposition"], held["signals"]["exception_id"]) == ("retain", "EX-1")
    register.write_text(REGISTER % "2026-06-30", encoding="utf-8")
    assert _assess(project).returncode == 0
    held = {a["workload_id"]: a for a in json.loads((project / ".unless/assessments.json").read_text("utf-8"))["assessments"]}
    assert held["signals"]["disposition"] == "rehost"
    assert any("it expired on 2026-06-30" in f["reason"] for f in held["signals"]["findings"])


def test_a_register_that_cannot_be_read_is_said_plainly_and_nothing_is_written(project: Path) -> None:
    register = project / "policies" / "exceptions.toml"
    register.parent.mkdir()
    register.write_text("[[exception\n", encoding="utf-8")
    done = _assess(project)
    assert done.returncode == 1
    assert "exceptions.toml" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / ".unless/assessments.json").exists()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("assess", "--on", "2027-01-01", "--cutover", "2026-01-01"), 1, "is before the assessment"),
        (("assess", "--on", "tomorrow"), 2, "tomorrow"),
        (("assess", "list"), 1, "Run: unless assess"),
        (("assess", "show", "zebra"), 1, "Run: unless assess"),
        (("assess", "--workspace", "nowhere"), 1, "is not a workspace"),
    ],
)
def test_a_mistake_is_a_plain_sentence_and_its_exit_code(words: tuple[str, ...], code: int, says: str, project: Path) -> None:
    done = unless(project, *words)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_names_that_nobody_has_are_refused(project: Path) -> None:
    _assess(project)
    assert unless(project, "assess", "show", "[bold]x").returncode == 1
    assert unless(project, "assess", "list", "--readiness", "so-so").returncode == 2
    assert unless(project, "assess", "list", "--disposition", "refurbish").returncode == 2


def test_an_estate_without_workloads_is_said_plainly(tmp_path: Path) -> None:
    unless(tmp_path, "init")
    done = unless(tmp_path, "assess")
    assert done.returncode == 1
    assert "Run: unless import" in done.stderr


def test_an_overrule_is_shown_wherever_the_workload_is_and_a_wrong_one_is_a_fault(project: Path) -> None:
    (project / "policies").mkdir(exist_ok=True)
    file = project / "policies" / "overrules.toml"
    file.write_text(
        """format = "cloud-unless/overrules/1"
[[overrule]]
workload = "signals"
readiness = "ready"
because = "The controllers were replaced last week."
by = "A. Architect, Lead Architect"
on = 2026-01-01
until = 2026-12-31
""",
        encoding="utf-8",
    )
    done = unless(project, "assess", "--on", "2026-11-22")
    assert (done.returncode, "1 overruled by people" in done.stdout) == (0, True)
    told = "Overruled by A. Architect, Lead Architect on 2026-01-01 until 2026-12-31: The controllers were replaced last week."
    assert told in unless(project, "assess", "show", "signals").stdout
    assert told in unless(project, "assess", "list", "--overruled").stdout
    assert "zebra" not in unless(project, "assess", "list", "--overruled").stdout
    assert unless(project, "plan", "--on", "2026-11-22").returncode == 0
    assert told in unless(project, "plan", "show", "signals").stdout
    late = unless(project, "assess", "--on", "2027-01-01")
    assert late.returncode == 1
    assert "It ended on 2026-12-31, so the assessment stands as the rules make it." in late.stderr
    assert json.loads(unless(project, "assess", "list", "--json").stdout)
    file.write_text("format = ", encoding="utf-8")
    broken = unless(project, "assess")
    assert broken.returncode == 1
    assert "policies/overrules.toml: is not readable as TOML" in broken.stderr


def test_a_workload_is_explained_line_by_line(project: Path) -> None:
    assert _assess(project).returncode == 0
    told = unless(project, "assess", "explain", "signals").stdout
    assert "not ready becomes ready with conditions" in told
    assert "rounded down to one decimal" in told
    assert "Weights: none changes the readiness or the disposition." in told
    held = json.loads(unless(project, "assess", "explain", "signals", "--json").stdout)
    whole = sum(line["weight"] for line in held["lines"])
    assert held["score"] == int(1000 * sum(line["points"] for line in held["lines"]) / whole) / 10
    listed = json.loads(unless(project, "assess", "list", "--json", "--sort", "rank").stdout)
    assert next(row["score"] for row in listed if row["workload_id"] == "signals") == held["score"]
    assert [row["readiness"] for row in listed] == ["ready with conditions", "unknown", "not ready"]
    assert unless(project, "assess", "list", "--sort", "colour").returncode == 2
    wrong = unless(project, "assess", "explain", "signal")
    assert (wrong.returncode, "Near it are: signals" in wrong.stderr) == (1, True)


def test_a_councils_weights_count_and_its_faults_stop_the_assessment(project: Path) -> None:
    file = project / "policies" / "weights.toml"
    file.parent.mkdir(exist_ok=True)
    entry = 'format = "cloud-unless/council-weights/1"\n[[weight]]\ngroup = "%s"\nweight = 90\nbecause = "So"\nby = "A"\non = 2026-11-01\n'
    file.write_text(entry % "systems", encoding="utf-8")
    assert _assess(project).returncode == 0
    held = json.loads(unless(project, "assess", "explain", "signals", "--json").stdout)
    assert [line["weight"] for line in held["lines"] if line["group"] == "systems"] == [90]
    file.write_text(entry % "sistems", encoding="utf-8")
    done = _assess(project)
    assert done.returncode == 1
    assert "policies/weights.toml, entry 1 (sistems): no group has this name." in done.stderr


def test_an_exception_that_lacks_something_is_a_fault_and_the_rest_is_assessed(project: Path) -> None:
    file = project / "policies" / "exceptions.toml"
    file.parent.mkdir(exist_ok=True)
    held = (REGISTER % "2028-01-01").replace('approver = "Chief Information Officer"\n', "")
    file.write_text(held, encoding="utf-8")
    done = _assess(project)
    assert done.returncode == 1
    assert "3 workloads assessed" in done.stdout
    assert "policies/exceptions.toml, column exception: Exception EX-1 was never approved." in done.stderr
    told = unless(project, "assess", "show", "signals").stdout
    assert "Whether Signals stays is not decided: exception EX-1 was never approved." in told
    assert "Lost: Exception EX-1 does not count: it was never approved." in told
