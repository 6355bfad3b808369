from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from migration.errors import MigrationError
from migration.knowledge import Knowledge, extract_lifecycles, extract_prices, extract_sizes, load_knowledge
from migration.knowledge.load import FILES, FOLDER
from migration.knowledge.recognise import Support, engine, operating_system, support
from migration.knowledge.words import says

SHARED = Path(__file__).parents[3] / "../shared/data"
CUTOVER = date(2027, 6, 30)


@pytest.mark.parametrize("name", sorted(FILES))
def test_no_knowledge_file_is_stale_today(name: str, knowledge: Knowledge) -> None:
    note = next(n for n in knowledge.files if n.file == f"{name}.toml")
    assert date.today() <= note.stale_after, f"{note.file} is stale: look at its sources again, then move stale_after on"  # noqa: DTZ011


def test_every_knowledge_file_is_loaded_and_has_a_source() -> None:
    assert {p.stem for p in FOLDER.glob("*.toml")} == set(FILES)
    for file in FOLDER.glob("*.toml"):
        held = tomllib.loads(file.read_text("utf-8"))
        assert held["source"].strip(), file
        assert held["format"] == f"cloud-unless/{file.stem}/1"


def test_every_entry_with_a_source_has_a_date(knowledge: Knowledge) -> None:
    for entry in _entries(knowledge):
        if getattr(entry, "source", ""):
            assert getattr(entry, "date", None) or hasattr(entry, "stale_after") or hasattr(entry, "on"), entry


def _entries(held: Any) -> list[Any]:
    if is_dataclass(held):
        return [held, *_inside(getattr(held, f.name) for f in fields(held))]
    if isinstance(held, Mapping):
        return _inside(cast("Mapping[Any, Any]", held).values())
    return _inside(cast("tuple[Any, ...]", held)) if isinstance(held, tuple) else []


def _inside(parts: Iterable[Any]) -> list[Any]:
    return [entry for part in parts for entry in _entries(part)]


def test_no_candidate_series_is_announced_for_retirement(knowledge: Knowledge) -> None:
    assert not {s.name for s in knowledge.series} & set(knowledge.retiring)
    assert {"Av2", "Dv2", "Dsv2", "Bv1", "Fsv2"} <= set(knowledge.retiring)


def test_every_candidate_size_has_a_price_and_no_price_is_nought(knowledge: Knowledge) -> None:
    priced = {sku for sku, _ in knowledge.prices}
    assert not {s.name for series in knowledge.series for s in series.sizes} - priced
    assert all(p.monthly_pence > 0 and p.source and p.on for p in knowledge.prices.values())


def test_every_price_is_its_dollars_times_the_hours_and_the_rate() -> None:
    held = tomllib.loads((FOLDER / "prices.toml").read_text("utf-8"))
    rate = extract_prices.Decimal(held["usd_to_gbp"])
    wrong = [row for row in held["prices"] if extract_prices.pence(extract_prices.Decimal(row[2]), rate) != row[3]]
    assert not wrong
    assert held["hours"] == 730


def test_licences_cost_the_same_everywhere_and_machines_do_not(knowledge: Knowledge) -> None:
    windows = knowledge.prices["windows-server-4-vcpu", "global"]
    assert windows.caveat("uksouth") == ""
    assert "not uksouth" in knowledge.prices["Standard_D4s_v5", "polandcentral"].caveat("uksouth")


@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("Microsoft Windows Server 2008 R2 (64-bit)", Support.ENDED),
        ("Microsoft Windows Server 2012 (64-bit)", Support.ENDED),
        ("Microsoft Windows Server 2012 R2 (64-bit)", Support.ENDED),
        ("Microsoft Windows Server 2003 Standard (32-bit)", Support.ENDED),
        ("Microsoft Windows Server 2003 (64-bit)", Support.ENDED),
        ("Microsoft Windows XP Professional (32-bit)", Support.ENDED),
        ("Microsoft Windows 7 (64-bit)", Support.ENDED),
        ("Microsoft Windows Server 2016 (64-bit)", Support.EXTENDED),
        ("Microsoft Windows Server 2019 (64-bit)", Support.SUPPORTED),
        ("Windows Server 2022 Standard", Support.SUPPORTED),
        ("WINDOWS  SERVER 2025 Datacenter", Support.SUPPORTED),
        ("Microsoft Windows Server 2016 or later (64-bit)", Support.UNKNOWN),
        ("Microsoft Windows 11 (64-bit)", Support.UNKNOWN),
        ("Windows", Support.UNKNOWN),
        ("Red Hat Enterprise Linux 5 (64-bit)", Support.ENDED),
        ("Red Hat Enterprise Linux 7 (64-bit)", Support.EXTENDED),
        ("RHEL 8.6", Support.SUPPORTED),
        ("Red Hat Enterprise Linux Server release 9.4", Support.SUPPORTED),
        ("CentOS 7 (64-bit)", Support.ENDED),
        ("CentOS 4/5/6/7 (64-bit)", Support.UNKNOWN),
        ("CentOS 4/5 or later (64-bit)", Support.UNKNOWN),
        ("SUSE Linux Enterprise 11 (64-bit)", Support.ENDED),
        ("SUSE Linux Enterprise 12 (64-bit)", Support.UNKNOWN),
        ("SLES 15 SP7", Support.SUPPORTED),
        ("Ubuntu Linux (64-bit)", Support.UNKNOWN),
        ("Ubuntu 24.04.2 LTS", Support.SUPPORTED),
        ("Ubuntu 20.04", Support.EXTENDED),
        ("Debian GNU/Linux 12 (64-bit)", Support.EXTENDED),
        ("FreeBSD (64-bit)", Support.UNKNOWN),
        ("Oracle Solaris 10 (64-bit)", Support.ENDED),
        ("Other 2.6.x Linux (64-bit)", Support.UNKNOWN),
        ("Other 3.x or later Linux (64-bit)", Support.UNKNOWN),
        ("", Support.UNKNOWN),
        ("Windows Server 2023", Support.UNKNOWN),
        ("VAX/VMS", Support.UNKNOWN),
    ],
)
def test_names_as_rvtools_and_people_write_them_stand_as_their_makers_say(name: str, standing: Support, knowledge: Knowledge) -> None:
    assert support(operating_system(name, knowledge), CUTOVER, knowledge.warn_days).support is standing


@pytest.mark.parametrize(
    ("name", "version", "release"),
    [
        ("SQL Server", "2014", "2014"),
        ("Microsoft SQL Server", "2008 R2 SP3", "2008-r2"),
        ("SQL Server", "13.0.6300.2", "2016"),
        ("SQL Server", "10.50.6000", "2008-r2"),
        ("MSSQL", "2019 Standard", "2019"),
        ("Oracle", "19c", "19"),
        ("Oracle Database", "11.2.0.4", "11.2"),
        ("PostgreSQL", "9.6.24", "9.6"),
        ("PostgreSQL", "13", "13"),
        ("MySQL", "5.7.30-log", "5.7"),
        ("MariaDB", "10.6.12", "10.6"),
        ("IBM Db2", "11.5", "11.5"),
    ],
)
def test_engines_are_recognised_by_name_version_or_build(name: str, version: str, release: str, knowledge: Knowledge) -> None:
    assert [r.release for r in engine(name, version, knowledge).releases] == [release]


def test_words_are_found_whole_in_any_case_with_hyphens_and_plurals() -> None:
    assert says("Traffic-Signals", ("traffic signal",)) == "traffic signals"
    assert says("replacement", ("place",)) == ""
    assert says("", ("place",)) == ""
    assert says("Chrome", ("hr",)) == ""
    assert says("The council's licence", ()) == ""


def _copy(tmp_path: Path) -> Path:
    for file in FOLDER.glob("*.toml"):
        shutil.copy(file, tmp_path)
    return tmp_path


def test_every_mistake_in_every_file_is_said_at_once_and_plainly(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    (folder / "saas.toml").write_text("format = ", encoding="utf-8")
    (folder / "licences.toml").unlink()
    ties = folder / "ties.toml"
    ties.write_text(ties.read_text("utf-8").replace('effect = "blocks"', 'effekt = "blocks"', 1), encoding="utf-8")
    with pytest.raises(MigrationError) as wrong:
        load_knowledge(folder)
    said = "\n".join(wrong.value.faults)
    assert "saas.toml is not readable as TOML" in said
    assert "licences.toml cannot be read" in said
    assert "ties.toml, key tie.0.effekt" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("file", "old", "new", "says_so"),
    [
        ("names.toml", '"windows-server/2012-r2"]', '"windows-server/2012-r9"]', "which lifecycles.toml does not have"),
        ("names.toml", "windows xp", "windows (xp", "is not a regular expression"),
        ("sizes.toml", 'name = "Dsv5"', 'name = "Dsv2"', "which retires on 2028-05-01"),
        ("prices.toml", "cloud-unless/prices/1", "cloud-unless/prices/9", "format is 'cloud-unless/prices/9'"),
        ("efforts.toml", "stale_after = 2027-11-22", "stale_after = 2020-01-01", "stale_after must be later"),
    ],
)
def test_what_does_not_hold_together_is_refused(file: str, old: str, new: str, says_so: str, tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    held = (folder / file).read_text("utf-8")
    assert old in held
    (folder / file).write_text(held.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(MigrationError) as wrong:
        load_knowledge(folder)
    assert says_so in "\n".join(wrong.value.faults)


def _source(name: str) -> Path:
    file = SHARED / name
    if not file.is_file():
        pytest.skip(f"{name} is not at hand")
    return file


def test_the_lifecycles_are_what_their_source_says() -> None:
    made = extract_lifecycles.text(_source("lifecycles/products.json"))
    assert made == (FOLDER / "lifecycles.toml").read_text("utf-8")


def test_the_sizes_are_what_their_source_says() -> None:
    made = extract_sizes.text(_source("prices/azure-vm-sizes-2026-01-31.json"))
    assert made == (FOLDER / "sizes.toml").read_text("utf-8")


def test_the_prices_of_the_snapshot_are_what_it_says(tmp_path: Path) -> None:
    carried = tmp_path / "pricing.json"
    carried.write_text('{"compute": {"azure_linux": {"standardd4sv4": {"uksouth": 0}}}, "updated": 1740936978}', encoding="utf-8")
    made = tomllib.loads(extract_prices.text(_source("prices/azure-polandcentral-2026-01-26.azpx"), carried))
    held = tomllib.loads((FOLDER / "prices.toml").read_text("utf-8"))
    assert made["prices"] == [row for row in held["prices"] if row[4] == "az"]
    assert {k: made[k] for k in ("date_of", "source_of", "usd_to_gbp")} == {k: held[k] for k in ("date_of", "source_of", "usd_to_gbp")}
