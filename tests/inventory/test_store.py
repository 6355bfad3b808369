from __future__ import annotations

import multiprocessing
import sqlite3
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from inventory import derive as derive_module
from inventory import store as store_module
from inventory import tables
from inventory.database import HEAD, open_engine
from inventory.errors import InventoryError
from inventory.importing import ImportResult, estate_from_files, import_files, read_files
from inventory.reconcile import reconcile
from inventory.records import estate_digest
from inventory.store import Store, open_store

TODAY = date(2026, 11, 22)
SERVERS = "Server name,Cores,Memory (GB),Environment\n"
APPLICATIONS = "Application,Business owner,Service area,Servers\n"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{(tmp_path / 'estate.sqlite').as_posix()}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as held:
        yield held


def _import(store: Store, folder: Path, files: dict[str, str], on: date = TODAY) -> ImportResult:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return import_files(store, [folder / n for n in files], on)


def test_what_is_loaded_is_what_was_reconciled_sources_and_all(store: Store, tmp_path: Path) -> None:
    files = {
        "servers.csv": SERVERS + "web01,2,4,Live\nweb02,1,1,\n",
        "applications.csv": APPLICATIONS + "Rents,Head,Housing,web01\n",
        "utilisation.csv": "Server,Month,CPU p95 (%)\nweb01,2026-09,20\n",
        "dependencies.csv": "From application,To application,Port\nRents,web02,1433\n",
        "calendar.csv": "Freeze,Starts,Ends\nBilling,2027-02-24,2027-03-31\n",
    }
    _import(store, tmp_path, files)
    expected, _ = estate_from_files([tmp_path / n for n in files], TODAY)
    held = store.load()
    assert held == expected
    assert [s.sources for s in held.servers] == [s.sources for s in expected.servers]
    assert held.dependencies[0].sources["port"].column == "Port"
    assert estate_digest(held) == estate_digest(expected)


def test_the_public_workbook_survives_the_store_and_imports_again_to_no_change(store: Store, estates: Path) -> None:
    first = import_files(store, [estates / "SizingWorkshop-RVTools.xlsx"], TODAY)
    before = store.load()
    again = import_files(store, [estates / "SizingWorkshop-RVTools.xlsx"], TODAY + timedelta(days=9))
    assert first.counts["servers"]["added"] == 805
    assert again.files[0].is_unchanged
    assert again.counts["servers"] == {"added": 0, "changed": 0, "unchanged": 805, "removed": 0}
    assert store.load() == before
    assert {s.read_on for x in store.load().servers for s in x.sources.values()} == {TODAY}


def test_a_corrected_file_replaces_what_it_said_and_what_vanished_is_gone(store: Store, tmp_path: Path) -> None:
    _import(store, tmp_path, {"servers.csv": SERVERS + "web01,2,4,\nweb02,1,1,\nweb03,1,1,\n"})
    changed = _import(store, tmp_path, {"servers.csv": SERVERS + "web01,8,4,\nweb03,1,1,\n"}, TODAY + timedelta(days=1))
    assert changed.counts["servers"] == {"added": 0, "changed": 1, "unchanged": 1, "removed": 1}
    assert {s.id: s.cpu_cores for s in store.load().servers} == {"web01": 8, "web03": 1}
    assert list(store.files().values()) == [TODAY + timedelta(days=1)]


def test_a_fault_goes_when_the_file_that_mends_it_comes(store: Store, tmp_path: Path) -> None:
    first = _import(store, tmp_path, {"applications.csv": APPLICATIONS + "Rents,Head,Housing,web01\n"})
    assert "No file names a server web01" in str(first.faults[0])
    second = _import(store, tmp_path, {"servers.csv": SERVERS + "web01,2,4,\n"})
    assert second.faults == ()
    assert second.other_faults == {}
    assert store.load().workloads[0].server_ids == ("web01",)


def test_faults_of_cells_stay_with_their_file_until_it_is_imported_again(store: Store, tmp_path: Path) -> None:
    _import(store, tmp_path, {"servers.csv": SERVERS + "web01,x,4,\n"})
    other = _import(store, tmp_path, {"costs.csv": "Cost line,Kind,Amount (£)\nChairs,capital,5\n"})
    assert other.faults == ()
    assert list(other.other_faults) == ["servers.csv"]
    assert len(store.faults()["servers.csv"]) == 1
    same = import_files(store, [tmp_path / "servers.csv"], TODAY)
    assert same.files[0].is_unchanged
    assert len(same.faults) == 1


def test_a_file_that_cannot_be_read_leaves_what_it_said_before(store: Store, tmp_path: Path) -> None:
    _import(store, tmp_path, {"servers.csv": SERVERS + "web01,2,4,\n"})
    before = store.load()
    broken = _import(store, tmp_path, {"servers.csv": "Colour,Hue\nred,1\n"})
    assert broken.faults
    assert store.load() == before


@pytest.mark.parametrize(
    "again",
    [
        SERVERS + 'web01,2,4,\nweb02,2,"4 "GB" or so",\nand, then, no, more, rows\n',
        SERVERS,
        SERVERS + ",2,4,\n,2,4,\n",
        "",
        "Colour,Hue\nred,1\n",
    ],
    ids=["not to its end", "headings only", "no good row", "empty", "another table"],
)
def test_what_is_not_whole_does_not_replace_what_is_held(store: Store, tmp_path: Path, again: str) -> None:
    _import(store, tmp_path, {"servers.csv": SERVERS + "web01,2,-4,\n" + "".join(f"web{n},2,4,\n" for n in range(2, 100))})
    before = store.load()
    broken = _import(store, tmp_path, {"servers.csv": again})
    assert store.load() == before
    assert broken.counts["servers"] == {"added": 0, "changed": 0, "unchanged": 99, "removed": 0}
    assert broken.files[0].is_refused
    assert "what it said on 2026-11-22 was kept. Mend it and import it again" in " ".join(map(str, broken.faults))
    assert store.faults()["servers.csv"] == broken.faults
    mended = _import(store, tmp_path, {"servers.csv": SERVERS + "web01,2,4,\n"})
    assert mended.faults == ()
    assert mended.counts["servers"]["removed"] == 98
    assert store.faults() == {"servers.csv": ()}


def test_what_is_not_whole_is_better_than_nothing_the_first_time(store: Store, tmp_path: Path) -> None:
    text = SERVERS + 'web01,2,4,\nweb02,2,"4 "GB" or so",\nand, then, no, more, rows\n'
    result = _import(store, tmp_path, {"servers.csv": text})
    assert [s.id for s in store.load().servers] == ["web01"]
    assert "Reading stops here" in str(result.faults[0])


def test_a_register_that_lists_no_exception_any_more_takes_the_old_ones_back(store: Store, tmp_path: Path) -> None:
    register = 'format = "cloud-unless/exceptions/1"\n'
    _import(store, tmp_path, {"exceptions.toml": register + '[[exception]]\nid = "EX-1"\nsubjects = ["a"]\n'})
    assert len(store.load().exceptions) == 1
    assert _import(store, tmp_path, {"exceptions.toml": register}).faults == ()
    assert store.load().exceptions == ()


def test_faults_of_a_name_that_was_mistyped_go_with_the_next_import(store: Store, tmp_path: Path) -> None:
    import_files(store, [tmp_path / "ghost.csv"], TODAY)
    assert "There is no such file" in str(store.faults()["ghost.csv"][0])
    _import(store, tmp_path, {"servers.csv": SERVERS + "web01,2,4,\n"})
    assert list(store.faults()) == ["servers.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need leave that ordinary users do not have there")
def test_links_that_lead_nowhere_or_to_themselves_are_faults(store: Store, tmp_path: Path) -> None:
    for name, target in (("loop", "loop"), ("nowhere.csv", "gone.csv")):
        (tmp_path / name).symlink_to(tmp_path / target)
    result = import_files(store, [tmp_path / "loop", tmp_path / "nowhere.csv", tmp_path / ("x" * 5000)], TODAY, beside=tmp_path)
    assert ["leads nowhere" in str(f) for f in result.faults] == [True, True, False]
    assert "cannot be read" in str(result.faults[2])


def test_a_failure_halfway_leaves_the_store_as_it_was(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _import(store, tmp_path, {"servers.csv": SERVERS + "web01,2,4,\n"})
    before = store.load()

    def breaks(*_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(derive_module, "_update", breaks)
    with pytest.raises(RuntimeError):
        _import(store, tmp_path, {"servers.csv": SERVERS + "web09,2,4,\n"})
    monkeypatch.undo()
    assert store.load() == before
    assert _import(store, tmp_path, {"servers.csv": SERVERS + "web09,2,4,\n"}).counts["servers"]["added"] == 1


def test_a_file_can_be_taken_back(store: Store, tmp_path: Path) -> None:
    _import(store, tmp_path, {"a.csv": SERVERS + "web01,2,4,\n", "b.csv": SERVERS + "web02,2,4,\n"})
    store.forget("a.csv")
    assert [s.id for s in store.load().servers] == ["web02"]
    with pytest.raises(InventoryError, match=r"No file a\.csv was imported\. Imported are: b\.csv\."):
        store.forget("a.csv")


def test_a_file_is_read_anew_when_the_headings_that_we_know_have_changed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _import(store, tmp_path, {"servers.csv": SERVERS + "web01,2,4,\n"})
    monkeypatch.setattr(store_module, "_reader", lambda: "another")
    assert not import_files(store, [tmp_path / "servers.csv"], TODAY).files[0].is_unchanged


def test_a_folder_is_read_whole_and_what_is_no_ones_table_is_passed_over(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.csv").write_text(SERVERS + "web01,2,4,\n", encoding="utf-8")
    (folder / "notes.txt").write_text("Colour\nred\n", encoding="utf-8")
    (folder / "settings.toml").write_text("a = 1\n", encoding="utf-8")
    (folder / "~$a.xlsx").write_bytes(b"lock")
    (folder / "readme.md").write_text("# hello", encoding="utf-8")
    result = import_files(store, [folder], TODAY)
    assert [f.file for f in result.files] == ["a.csv"]
    assert result.faults == ()


def test_an_empty_folder_is_a_fault(store: Store, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    assert "This folder holds no file to read" in str(import_files(store, [tmp_path / "files"], TODAY).faults[0])


def test_two_different_files_of_one_name_are_a_fault_and_one_file_named_twice_is_not(store: Store, tmp_path: Path) -> None:
    for name, host in (("x", "web01"), ("y", "web02")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "servers.csv").write_text(SERVERS + f"{host},2,4,\n", encoding="utf-8")
    paths = [tmp_path / "x" / "servers.csv", tmp_path / "y" / "servers.csv"]
    (reading,) = read_files(paths, TODAY)
    assert "Two different files have this name" in str(reading.faults[0])
    assert [r.file for r in read_files(paths, TODAY, beside=tmp_path)] == ["x/servers.csv", "y/servers.csv"]
    assert read_files([paths[0], paths[0]], TODAY)[0].faults == ()


def test_ten_thousand_servers_load_to_the_same_estate(store: Store, tmp_path: Path) -> None:
    text = SERVERS + "".join(f"server{n:05},{n % 16 + 1},{n % 64 + 1},Live\n" for n in range(10_000))
    result = _import(store, tmp_path, {"servers.csv": text})
    assert result.counts["servers"]["added"] == 10_000
    assert len(store.load().servers) == len(store.load().workloads) == 10_000


def test_the_code_and_the_migrations_agree_on_the_newest_version_and_on_the_tables(url: str) -> None:
    config = Config()
    config.set_main_option("script_location", "inventory:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    migrated = inspect(open_engine(url))
    plain = create_engine("sqlite://")
    tables.metadata.create_all(plain)
    assert set(migrated.get_table_names()) == {*tables.metadata.tables, "alembic_version"}
    for name in tables.metadata.tables:
        of = [[(c["name"], str(c["type"]), c["nullable"]) for c in i.get_columns(name)] for i in (migrated, inspect(plain))]
        assert of[0] == of[1], name


def test_sqlite_is_kept_in_wal_mode_with_foreign_keys(store: Store, tmp_path: Path) -> None:
    assert store.load().servers == ()
    raw = sqlite3.connect(tmp_path / "estate.sqlite")
    assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    raw.close()


def test_an_estate_of_a_newer_version_is_refused_in_plain_words(url: str, tmp_path: Path) -> None:
    open_store(url).close()
    raw = sqlite3.connect(tmp_path / "estate.sqlite")
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.commit()
    raw.close()
    with pytest.raises(InventoryError, match=r"was made by a newer version \(9999\)\. Update cloud-unless\."):
        open_store(url)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("sqlite:////no/such/folder/estate.sqlite", "The folder /no/such/folder does not exist"),
        ("mysql://user@host/estate", "cannot be kept in mysql. Use SQLite or PostgreSQL."),
        ("not a url", "is not one that is understood"),
        ("postgresql://unless:secret@127.0.0.1:1/estate", "does not answer"),
    ],
)
def test_a_store_that_cannot_be_opened_says_what_to_do_and_never_the_password(bad: str, says: str) -> None:
    with pytest.raises(InventoryError) as wrong:
        open_store(bad)
    assert says in str(wrong.value)
    assert "secret" not in str(wrong.value)
    assert "Traceback" not in str(wrong.value)


def test_a_file_that_is_no_estate_is_refused_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "estate.sqlite").write_text("this is not a database, but it is long enough to look like one" * 20, encoding="utf-8")
    with pytest.raises(InventoryError, match="is not an estate: it is damaged or another kind of file"):
        open_store(f"sqlite:///{(tmp_path / 'estate.sqlite').as_posix()}")


def _open_and_import(url: str, path: str) -> None:
    with open_store(url) as held:
        import_files(held, [Path(path)], TODAY)


def test_many_processes_may_open_and_import_at_once(url: str, tmp_path: Path) -> None:
    paths = [tmp_path / f"servers{n}.csv" for n in range(4)]
    for n, path in enumerate(paths):
        path.write_text(SERVERS + f"web0{n},2,4,\n", encoding="utf-8")
    context = multiprocessing.get_context("spawn")
    started = [context.Process(target=_open_and_import, args=(url, str(p))) for p in paths]
    for process in started:
        process.start()
    for process in started:
        process.join(120)
    assert [p.exitcode for p in started] == [0, 0, 0, 0]
    with open_store(url) as held:
        assert [s.id for s in held.load().servers] == ["web00", "web01", "web02", "web03"]


def test_reconciling_what_the_store_holds_gives_what_it_loads(store: Store, tmp_path: Path) -> None:
    _import(store, tmp_path, {"servers.csv": SERVERS + "web01,2,4,\n", "applications.csv": APPLICATIONS + "Rents,Head,Housing,web01\n"})
    readings = read_files([tmp_path / "servers.csv", tmp_path / "applications.csv"], TODAY)
    assert reconcile([r for reading in readings for r in reading.rows])[0] == store.load()


def test_an_estate_that_is_damaged_further_in_is_a_plain_sentence_too(store: Store, url: str, tmp_path: Path) -> None:
    _import(store, tmp_path, {"servers.csv": SERVERS + "".join(f"web{n},2,4,\n" for n in range(2000))})
    store.close()
    file = tmp_path / "estate.sqlite"
    whole = file.read_bytes()
    assert len(whole) > 200_000
    file.write_bytes(whole[:20_000] + b"\xff" * (len(whole) - 40_000) + whole[-20_000:])
    with pytest.raises(InventoryError, match=r"is not an estate: it is damaged"), open_store(url) as held:
        held.load()


def test_costed_options_of_an_exception_are_kept_as_they_were_read(tmp_path: Path) -> None:
    reference = Path(__file__).parents[2] / "inventory/reference/estate/exceptions.toml"
    with open_store(f"sqlite:///{tmp_path / 'estate.sqlite'}") as store:
        import_files(store, [reference], date(2026, 11, 22))
        held = store.load().exceptions
    read, _ = estate_from_files([reference], date(2026, 11, 22))
    assert held == read.exceptions
    assert all(len(e.options) >= 2 for e in held)
