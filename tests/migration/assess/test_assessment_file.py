from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.model import Classification, Database, Estate, Power, Server, Workload
from migration.assess import Terms, assess_estate, read, write
from migration.errors import MigrationError


@pytest.fixture
def estate() -> Estate:
    return Estate(
        servers=(Server("s-1", "S-1", power=Power.ON, cpu_cores=4, memory_gb=16, storage_gb=10, operating_system="Debian 12"),),
        databases=(Database("d-1", "D", "s-1", "a", "SQL Server", "2019"),),
        workloads=(Workload("b", "Bé"), Workload("a", "A", owner="o", classification=Classification.OFFICIAL, server_ids=("s-1",))),
    )


def test_what_is_written_is_read_back_the_same_and_sorted(tmp_path: Path, estate: Estate, terms: Terms) -> None:
    made = assess_estate(estate, terms)
    write(tmp_path / "assessments.json", reversed(made), estate, terms)
    assert read(tmp_path / "assessments.json") == made
    assert [a.workload_id for a in made] == ["a", "b"]
    assert [p.name for p in tmp_path.iterdir()] == ["assessments.json"]


def test_the_file_has_the_form_that_the_reference_gives(tmp_path: Path, estate: Estate, terms: Terms) -> None:
    write(tmp_path / "assessments.json", assess_estate(estate, terms), estate, terms)
    held = json.loads((tmp_path / "assessments.json").read_text("utf-8"))
    assert next(iter(held)) == "format"
    assert held["format"] == "cloud-unless/assessments/1"
    assert held["on"] == "2026-11-22"
    assert held["region"] == "uksouth"
    assert held["estate_digest"].startswith("sha256:")
    first = held["assessments"][0]
    wanted = {
        "workload_id",
        "name",
        "on",
        "readiness",
        "disposition",
        "disposition_reason",
        "exception_id",
        "overruled",
        "monthly_pence",
        "unpriced",
        "options",
        "score",
        "band",
    }
    assert wanted | {"targets", "findings"} == set(first)
    assert set(first["findings"][0]) == {"assessor", "workload_id", "subject", "effect", "reason", "remedy", "effort_days", "evidence"}
    assert {"subject", "kind", "sku", "region", "storage_gb", "price", "reason", "alternatives", "offers"} == set(first["targets"][0])
    assert held["assessments"][1]["name"] == "Bé"


def test_the_digest_changes_when_the_estate_does(tmp_path: Path, estate: Estate, terms: Terms) -> None:
    digests: list[str] = []
    for one in (estate, replace(estate, servers=(replace(estate.servers[0], memory_gb=32),))):
        write(tmp_path / "assessments.json", (), one, terms)
        digests.append(json.loads((tmp_path / "assessments.json").read_text("utf-8"))["estate_digest"])
    assert len(set(digests)) == 2


def test_a_failed_write_leaves_the_old_file_as_it_was(tmp_path: Path, estate: Estate, terms: Terms) -> None:
    file = tmp_path / "assessments.json"
    file.write_text("old", encoding="utf-8")
    (broken,) = assess_estate(replace(estate, workloads=estate.workloads[:1]), terms)
    with pytest.raises(TypeError):
        write(file, [replace(broken, monthly_pence=object())], estate, terms)  # type: ignore[arg-type]
    assert file.read_text("utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["assessments.json"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not a file of assessments"),
        ("[]", "is not a file of assessments"),
        ('{"format": "cloud-unless/plan/1"}', "its format is 'cloud-unless/plan/1'"),
        ('{"format": "cloud-unless/assessments/1"}', "is not a file of assessments"),
        ('{"format": "cloud-unless/assessments/1", "assessments": [{"workload_id": "a"}]}', "is not a file of assessments"),
        (None, "cannot be read"),
    ],
)
def test_what_is_not_a_file_of_assessments_is_said_with_what_to_do(text: str | None, says: str, tmp_path: Path) -> None:
    file = tmp_path / "assessments.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(MigrationError) as wrong:
        read(file)
    (fault,) = wrong.value.faults
    assert says in fault
    assert fault.endswith("Run: unless assess")
