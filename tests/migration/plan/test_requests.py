from __future__ import annotations

import dataclasses
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.model import Classification, Environment, Estate, Server, Workload
from migration.model import Assessment, Disposition, Plan, Price, Readiness, Target
from migration.plan import PlanTerms, make_plan
from migration.request_files import write_requests
from migration.requests import requests_of, system_of
from stacks.request import read_requests

ON = date(2026, 11, 22)
HOSTILE = '"\n[[server]]\nid = "evil"\n# \x00\x07\x7f\u202e {{ name }} <script>'


def _price(pence: int, region: str = "uksouth") -> Price:
    return Price("a-size", region, pence, ON, "a price list")


def _world(*targets: Target, **changes: Any) -> tuple[Plan, Estate]:
    w = Workload(
        "planning",
        "Planning",
        owner="Head of Planning",
        service="Planning",
        environment=Environment.PRODUCTION,
        classification=Classification.OFFICIAL,
        criticality="medium",
        rto_hours=8.0,
        rpo_hours=0.5,
        server_ids=("app-01",),
    )
    estate = Estate(
        servers=(Server("app-01", "APP-01", operating_system="Ubuntu Linux (64-bit)"),), workloads=(dataclasses.replace(w, **changes),)
    )
    [held] = estate.workloads
    a = Assessment(held.id, ON, Readiness.READY, Disposition.REHOST, "It runs.", (), targets)
    return make_plan(estate, {held.id: a}, PlanTerms(ON, "uksouth")), estate


VM = Target("app-01", "virtual-machine", "Standard_D2s_v5", "uksouth", 128, _price(4533), "p95")
DATABASE = Target("app-db", "postgresql", "Standard_D2ds_v5", "uksouth", 32, _price(1001), "size")
SHARE = Target("app-docs", "file-share", "Premium", "uksouth", 1024, None, "size")


def _text(*targets: Target, **changes: Any) -> str:
    plan, estate = _world(*targets, **changes)
    requests = requests_of(plan, estate)
    assert not requests.refused
    return requests.texts["planning"]


def test_a_request_holds_every_target_in_its_own_table() -> None:
    held = tomllib.loads(_text(VM, DATABASE, SHARE))
    assert held.pop("server") == [{"id": "app-01", "size": "Standard_D2s_v5", "system": "linux", "storage_gb": 128}]
    assert held.pop("database") == [{"id": "app-db", "kind": "postgresql", "sku": "Standard_D2ds_v5", "storage_gb": 32}]
    assert held.pop("share") == [{"id": "app-docs", "storage_gb": 1024}]
    assert held == {
        "format": "cloud-unless/request/1",
        "id": "planning",
        "name": "Planning",
        "owner": "Head of Planning",
        "service": "Planning",
        "wave": "wave-1",
        "environment": "production",
        "classification": "official",
        "region": "uksouth",
        "criticality": "medium",
        "rto_hours": 8,
        "rpo_hours": 0.5,
        "budget_monthly_pence": 6641,  # 4533 + 1001 and 20 %, rounded up
        "exception": "",
    }


def test_two_databases_of_one_instance_are_asked_for_once_and_its_storage_not_at_all() -> None:
    storage = Target("app-db", "database-storage", "postgresql-storage-gb", "uksouth", 32, _price(99), "by the gigabyte")
    other = Target("app-db-2", "database-on-instance", "app-db", "uksouth", 0, None, "stands on it")
    held = tomllib.loads(_text(VM, DATABASE, storage, other))
    assert [d["id"] for d in held["database"]] == ["app-db"]
    assert held["budget_monthly_pence"] == 6760  # 4533 + 1001 + 99 and 20 %, rounded up


def test_a_budget_without_every_price_says_that_it_is_partial() -> None:
    assert "# PARTIAL: no price is known for app-docs." in _text(VM, SHARE)
    assert "PARTIAL" not in _text(VM)


def test_a_price_of_another_region_says_so() -> None:
    elsewhere = dataclasses.replace(VM, price=_price(4533, "polandcentral"))
    assert "# Price of a-size is for polandcentral, not uksouth" in _text(elsewhere)


@pytest.mark.parametrize(
    ("targets", "changes", "why"),
    [
        ((), {}, "no target in the cloud is counted with it"),
        ((SHARE,), {}, "none of its targets has a price"),
        ((VM, dataclasses.replace(DATABASE, kind="app-service")), {}, "cannot ask for app-service (app-db)"),
        ((VM, dataclasses.replace(SHARE, kind="file-share-premium")), {}, "cannot ask for file-share-premium (app-docs)"),
        ((VM, dataclasses.replace(SHARE, kind="file-share-by-hand")), {}, "cannot ask for file-share-by-hand (app-docs)"),
        ((VM, dataclasses.replace(VM, subject="app-02")), {}, "whether app-02 runs Windows or Linux"),
        ((VM,), {"owner": ""}, "owner, service, environment and data classification must all be known"),
        ((VM,), {"service": ""}, "must all be known"),
        ((VM,), {"name": "x" * 201}, "200 characters or fewer"),
        ((VM, dataclasses.replace(DATABASE, subject="app-01")), {}, "app-01 would be asked for twice"),
        ((VM, dataclasses.replace(SHARE, subject='a"b')), {}, "cannot be an id"),
        ((dataclasses.replace(VM, sku=""),), {}, "no size is known for app-01"),
        ((dataclasses.replace(VM, kind="licence"),), {}, "no target in the cloud is counted with it"),
        ((VM,), {"environment": Environment.UNKNOWN}, "must all be known"),
        ((VM,), {"classification": Classification.UNKNOWN}, "must all be known"),
        ((VM,), {"id": "../../etc/cron"}, "cannot be the name of a file"),
        ((VM,), {"id": "con"}, "cannot be the name of a file"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_with_the_reason(targets: tuple[Target, ...], changes: dict[str, Any], why: str) -> None:
    plan, estate = _world(*targets, **changes)
    requests = requests_of(plan, estate)
    assert not requests.texts
    [sentence] = requests.refused.values()
    assert why in sentence


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
@settings(deadline=None)
def test_any_name_comes_back_as_it_was(name: str) -> None:
    held = tomllib.loads(_text(SHARE, VM, name=name + HOSTILE, owner=name, service=HOSTILE))
    assert held["name"] == name + HOSTILE
    assert held["owner"] == name
    assert held["service"] == HOSTILE
    assert [s["id"] for s in held["server"]] == ["app-01"]


def test_a_hostile_subject_stays_in_its_comment() -> None:
    text = _text(VM, dataclasses.replace(VM, kind="managed-disk", subject=HOSTILE, price=None))
    assert [s["id"] for s in tomllib.loads(text)["server"]] == ["app-01"]
    assert "# PARTIAL: no price is known for" in text


@pytest.mark.parametrize(
    ("environment", "sku", "asked"),
    [
        (Environment.TEST, "premium-ssd-p15", "premium-ssd"),
        (Environment.TEST, "standard-ssd-e10", None),
        (Environment.PRODUCTION, "premium-ssd-p15", None),
    ],
)
def test_disks_are_asked_for_where_they_are_not_those_of_the_environment(
    environment: Environment, sku: str, asked: str | None, tmp_path: Path
) -> None:
    disk = dataclasses.replace(VM, kind="managed-disk", sku=sku, price=None)
    write_requests(tmp_path, {"planning": _text(VM, disk, environment=environment)}, "leeds")
    [request] = read_requests(tmp_path, "requests")
    assert [s.disks for s in request.server] == [asked]


def test_a_machine_for_which_no_disk_is_fast_enough_is_not_asked_for() -> None:
    plan, estate = _world(VM, dataclasses.replace(VM, kind="managed-disk", sku="", price=None, reason="No disk: too fast."))
    assert "no disk is known for app-01. No disk: too fast." in str(requests_of(plan, estate).refused)


def test_the_stacks_read_what_the_plan_writes(tmp_path: Path) -> None:
    disk = dataclasses.replace(VM, kind="managed-disk", sku="128 GB", price=None)
    licence = dataclasses.replace(VM, kind="licence", sku="windows-server-2-vcpu", price=_price(433, "global"))
    write_requests(tmp_path, {"planning": _text(VM, DATABASE, SHARE, disk, licence)}, "leeds")
    [request] = read_requests(tmp_path, "requests")
    assert (request.id, request.wave, request.budget_monthly_pence) == ("planning", "wave-1", 7161)  # 5967 and 20 %, rounded up
    assert [part.id for part in (*request.server, *request.database, *request.share)] == ["app-01", "app-db", "app-docs"]


def test_only_the_first_wave_is_asked_for() -> None:
    estate = _world(VM)[1]
    [first] = estate.workloads
    second = dataclasses.replace(first, id="waste", name="Waste", server_ids=("app-02",))
    both = dataclasses.replace(estate, workloads=(first, second))
    held = {w.id: Assessment(w.id, ON, Readiness.READY, Disposition.REHOST, "", (), (VM,)) for w in both.workloads}
    plan = make_plan(both, held, PlanTerms(ON, "uksouth", workloads_per_wave=1))
    assert len(plan.waves) == 2
    assert set(requests_of(plan, both).texts) == {"planning"}


def test_files_of_the_plan_are_written_brought_up_to_date_and_removed(tmp_path: Path) -> None:
    folder = tmp_path / "stacks" / "requests"
    assert write_requests(folder, {"a": "x = 1\n", "b": "x = 1\n"}, "leeds").written == ("a.toml", "b.toml")
    again = write_requests(folder, {"a": "x = 2\n", "b": "x = 1\n"}, "leeds")
    assert (again.written, again.same) == (("a.toml",), ("b.toml",))
    gone = write_requests(folder, {"a": "x = 2\n"}, "leeds")
    assert gone.removed == ("b.toml",)
    assert [p.name for p in folder.iterdir()] == ["a.toml"]
    assert tomllib.loads((folder / "a.toml").read_text("utf-8")) == {"x": 2}


def test_what_a_person_edited_or_wrote_is_kept(tmp_path: Path) -> None:
    write_requests(tmp_path, {"a": "x = 1\n", "b": "x = 1\n"}, "leeds")
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text((tmp_path / name).read_text("utf-8") + "y = 2\n", "utf-8")
    (tmp_path / "c.toml").write_bytes(b"\xff\xfe not text")
    (tmp_path / "mine.toml").write_text("x = 9\n", "utf-8")
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    again = write_requests(tmp_path, {"a": "x = 3\n", "c": "x = 3\n"}, "leeds")
    assert again.kept == ("a.toml", "b.toml", "c.toml")
    assert not again.written
    assert not again.removed
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_files_of_another_council_are_left_alone(tmp_path: Path) -> None:
    write_requests(tmp_path, {"a": "x = 1\n"}, "leeds")
    other = write_requests(tmp_path, {"b": "x = 1\n"}, "hull")
    assert (other.removed, other.kept) == ((), ())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.toml", "b.toml"]


def test_a_checkout_that_turned_the_ends_of_lines_is_not_an_edit(tmp_path: Path) -> None:
    write_requests(tmp_path, {"a": "x = 1\n"}, "leeds")
    held = (tmp_path / "a.toml").read_bytes()
    (tmp_path / "a.toml").write_bytes(held.replace(b"\n", b"\r\n"))
    assert write_requests(tmp_path, {}, "leeds").removed == ("a.toml",)


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("Microsoft Windows Server 2016 (64-bit)", "windows"),
        ("Red Hat Enterprise Linux 7", "linux"),
        ("SUSE Linux", "linux"),
        ("Other (32-bit)", ""),
        ("", ""),
        ("Solaris 10", ""),
    ],
)
def test_the_system_is_told_by_its_name_or_not_at_all(name: str, system: str) -> None:
    assert system_of(name) == system
