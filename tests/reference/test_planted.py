from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping
from typing import Any

from inventory.model import Estate, Fault
from inventory.reference import folder

Sheets = Mapping[str, list[dict[str, str]]]
Read = tuple[Estate, tuple[Fault, ...]]
PLANTED: list[dict[str, Any]] = tomllib.loads((folder().parent / "planted.toml").read_text("utf-8"))["planted"]


def test_exactly_the_planted_faults_come_out(read: Read) -> None:
    left = list(read[1])
    for plant in PLANTED:
        if plant["says"]:
            found = [f for f in left if (f.file, f.row, f.column) == (plant["file"], plant["row"], plant["column"])]
            assert len(found) == 1, (plant["id"], [str(f) for f in left])
            assert all(words in f"{found[0].what} {found[0].remedy}" for words in plant["says"]), str(found[0])
            left.remove(found[0])
    assert [str(f) for f in left] == []


def test_every_plant_says_what_the_reader_makes_of_it() -> None:
    assert all(bool(p["says"]) != bool(p["reads"]) for p in PLANTED)
    assert len({p["id"] for p in PLANTED}) == len(PLANTED) >= 20


def test_the_reader_finds_the_whole_estate(read: Read) -> None:
    estate, _ = read
    registered = [w for w in estate.workloads if w.is_registered]
    unclaimed = [w for w in estate.workloads if not w.is_registered]
    assert (len(estate.servers), len(registered), len(unclaimed)) == (320, 130, 19)
    assert (len(estate.personas), len(estate.exceptions), len(estate.interfaces)) == (11, 6, 67)


def test_what_is_read_without_a_fault_is_read_as_planted(read: Read) -> None:
    estate, _ = read
    server, workload = estate.server_by_id, estate.workload_by_id
    database = {d.name: d for d in estate.databases}
    assert server["exsenapp01"].memory_gb == 16 / 1024
    assert server["exwspapp01"].memory_gb is None
    assert server["exjbsrv"].operating_system == ""
    assert server["exconapp01"].operating_system == "Microsoft Windows Server 2016 (64-bit)"
    assert server["tpl-w2019-std"].is_template
    assert server["exhouapp01"].cluster == "CANAL-PROD-01"
    assert workload["air-quality-monitoring"].server_ids == ("exairapp01",)
    assert workload["departmental-access-databases"].owner == ""
    assert workload["call-recording"].support_ends is None
    assert database["Treasury"].size_gb == 2.7
    assert database["Warehouse"].size_gb == 1450
    assert "Citizens\u2019 self-service account" in {c.name for c in estate.cost_lines}
    assert sum(c.amount_pence for c in estate.cost_lines if c.kind == "capital") == 641_300_000
    assert workload["leaflets-and-publications"].server_ids == ("exlftfs01",)
    assert workload["self-service-account"].users == 33_000
    assert workload["street-scene-reporting"].failures_per_year_tolerated == 2


def test_the_cycle_of_housing_systems_is_there(read: Read) -> None:
    links = {(d.from_id, d.to_id) for d in read[0].dependencies}
    assert ("housing-management", "repairs-and-maintenance") in links
    assert ("repairs-and-maintenance", "stock-condition") in links
    assert ("stock-condition", "housing-management") in links


def test_each_plant_stands_where_it_is_written_down() -> None:
    for plant in PLANTED:
        if plant["row"]:
            data = (folder() / plant["file"]).read_bytes().decode("utf-8-sig")
            line = list(csv.reader(io.StringIO(data, newline="")))[int(plant["row"]) - 1]
            assert any(line), plant["id"]
            if len(plant["says"]) == 1 and any(c.isdigit() for c in plant["says"][0]):
                assert any(plant["says"][0] in cell for cell in line), plant["id"]
