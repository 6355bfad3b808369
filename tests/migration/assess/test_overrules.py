"""Overrules: what a person decides counts, is shown beside what the rules say, and ends on its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from inventory.model import Estate, Server, Workload
from migration.assess import Terms, assess, read, write
from migration.errors import MigrationError
from migration.model import Disposition, Readiness
from migration.overrules import read_overrules

DAY = date(2026, 11, 22)
ESTATE = Estate(
    servers=(Server("pay-1", "pay-1", cpu_cores=2, memory_gb=8, operating_system="Windows Server 2008 R2"),),
    workloads=(Workload("payroll", "Payroll", server_ids=("pay-1",)), Workload("rates", "Rates")),
)
ENTRY = {
    "workload": '"payroll"',
    "readiness": '"ready with conditions"',
    "because": '"Its supplier confirms Windows Server 2025"',
    "by": '"A. Architect, Lead Architect"',
    "on": "2026-11-01",
    "until": "2026-11-22",
}


def written(folder: Path, *entries: dict[str, str], head: str = 'format = "cloud-unless/overrules/1"\n') -> Path:
    file = folder / "overrules.toml"
    parts = ["[[overrule]]\n" + "".join(f"{k} = {v}\n" for k, v in e.items()) for e in entries]
    file.write_text(head + "".join(parts), encoding="utf-8")
    return file


def overruled(terms: Terms, folder: Path, **changed: str) -> Terms:
    return replace(terms, overrules=read_overrules(written(folder, {**ENTRY, **changed}), "overrules.toml", ESTATE, terms.on).held)


def test_the_readiness_is_the_persons_and_the_findings_stay(terms: Terms, tmp_path: Path) -> None:
    payroll = ESTATE.workloads[0]
    ruled, made = assess(payroll, ESTATE, terms), assess(payroll, ESTATE, overruled(terms, tmp_path))
    assert ruled.readiness is Readiness.NOT_READY
    assert made.readiness is Readiness.CONDITIONS
    assert made.findings == ruled.findings
    assert made.overruled == (
        "Overruled by A. Architect, Lead Architect on 2026-11-01 until 2026-11-22: Its supplier confirms Windows Server 2025. "
        "By the rules it is not ready, rehost."
    )
    assert ruled.overruled == ""


def test_the_disposition_is_the_persons_and_targets_follow(terms: Terms, tmp_path: Path) -> None:
    made = assess(ESTATE.workloads[0], ESTATE, overruled(terms, tmp_path, disposition='"retire"'))
    assert made.disposition is Disposition.RETIRE
    assert {t.kind for t in made.targets} == {"none"}
    assert "A. Architect, Lead Architect decided so" in made.disposition_reason
    assert "By the rules it would be rehost" in made.disposition_reason


@pytest.mark.parametrize("given", ["replatform", "rehost", "repurchase", "relocate"])
def test_any_disposition_can_be_assessed(terms: Terms, tmp_path: Path, given: str) -> None:
    made = assess(ESTATE.workloads[0], ESTATE, overruled(terms, tmp_path, disposition=f'"{given}"'))
    assert made.disposition.value == given
    assert made.targets


def test_it_is_written_and_read_back(terms: Terms, tmp_path: Path) -> None:
    made = assess(ESTATE.workloads[0], ESTATE, overruled(terms, tmp_path))
    write(tmp_path / "assessments.json", [made], ESTATE, terms)
    assert read(tmp_path / "assessments.json") == (made,)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"workload": '"payrol"'}, "payrol: No workload of the estate has this id."),
        ({"until": "2026-11-21"}, "payroll: It ended on 2026-11-21"),
        ({"until": "2026-10-01", "on": "2026-10-02"}, "payroll: It ends on 2026-10-01, before it begins on 2026-10-02."),
        ({"disposition": '"retain"'}, "payroll: An overrule cannot give retain."),
        ({"disposition": '"refactor"'}, "payroll: An overrule cannot give refactor."),
        ({"readiness": '"unknown"'}, "payroll: Nobody can decide that something is unknown."),
    ],
)
def test_what_is_wrong_counts_for_nothing_and_the_rest_counts(tmp_path: Path, changed: dict[str, str], told: str) -> None:
    file = written(tmp_path, {**ENTRY, **changed}, {**ENTRY, "workload": '"rates"'})
    made = read_overrules(file, "overrules.toml", ESTATE, DAY)
    assert list(made.held) == ["rates"]
    assert str(made.faults[0]).startswith(f"overrules.toml, row 1, column overrule: {told}")


def test_one_that_begins_tomorrow_is_no_fault_and_does_not_count_yet(tmp_path: Path) -> None:
    made = read_overrules(written(tmp_path, {**ENTRY, "on": "2026-11-23", "until": "2027-01-01"}), "overrules.toml", ESTATE, DAY)
    assert (made.held, made.faults) == ({}, ())


def test_two_of_one_workload_and_one_of_nothing_are_faults(tmp_path: Path) -> None:
    nothing = {k: v for k, v in ENTRY.items() if k != "readiness"} | {"workload": '"rates"'}
    made = read_overrules(written(tmp_path, ENTRY, ENTRY, nothing), "overrules.toml", ESTATE, DAY)
    assert list(made.held) == ["payroll"]
    assert [f.what.split(": ")[1] for f in made.faults] == ["The workload is overruled twice.", "It overrules nothing."]


def test_every_fault_of_the_form_is_told_at_once(tmp_path: Path) -> None:
    entry = {**ENTRY, "until": '"soon"', "colour": '"red"', "by": '" "'}
    del entry["because"]
    with pytest.raises(MigrationError) as wrong:
        read_overrules(written(tmp_path, entry), "overrules.toml", ESTATE, DAY)
    told = "\n".join(wrong.value.faults)
    for key in ("because", "until", "colour", "by"):
        assert f"overrules.toml, entry 1 (payroll), key {key}: " in told
    assert "it is not a date. Write the date as 2027-03-31, without quotation marks." in told


@pytest.mark.parametrize(
    ("head", "told"), [("format = 1\n", "its format is 1"), ("format = \n", "not readable as TOML"), ("", "not given")]
)
def test_another_file_is_refused(tmp_path: Path, head: str, told: str) -> None:
    with pytest.raises(MigrationError, match=told):
        read_overrules(written(tmp_path, head=head), "overrules.toml", ESTATE, DAY)
