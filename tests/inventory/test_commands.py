from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from console.cli import main
from console.workspace import Settings, open_workspace

SERVERS = "Server name,Cores,Memory (GB),Operating system\n"
APPLICATIONS = "Application,Business owner,Service area,Servers\n"


class Shell:
    """`unless` as a person runs it, in a folder of its own."""

    def __init__(self, folder: Path, streams: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.folder, self._streams, self._patch = folder, streams, patch
        for name, value in (("COLUMNS", "200"), ("NO_COLOR", "1")):
            patch.setenv(name, value)
        patch.chdir(folder)

    def __call__(self, *arguments: str, code: int = 0) -> str:
        self._patch.setattr(sys, "argv", ["unless", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = self._streams.readouterr()
        assert (left.value.code or 0) == code, out + err
        return out + err

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.JSONDecoder().raw_decode(self(*arguments, "--json", code=code))[0]


@pytest.fixture
def unless(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(tmp_path, capsys, monkeypatch)


@pytest.fixture
def filled(unless: Shell) -> Shell:
    (unless.folder / "servers.csv").write_text(SERVERS + "web01,2,-4,Debian\nWEB02,1,1,\n", encoding="utf-8")
    (unless.folder / "applications.csv").write_text(APPLICATIONS + "Rents,Head,Housing,web01\n", encoding="utf-8")
    unless("init", "--name", "Exampleborough")
    unless("import", "servers.csv", "applications.csv", code=1)
    return unless


def test_init_makes_a_workspace_whose_every_setting_is_there_and_at_its_default(unless: Shell) -> None:
    assert "Made the workspace .unless" in unless("init", "--name", 'The "Royal" Borough', "--id", "royal")
    settings = open_workspace(unless.folder / ".unless").settings
    assert (settings.council.name, settings.council.id) == ('The "Royal" Borough', "royal")
    assert settings.model_copy(update={"council": Settings().council}) == Settings()
    text = (unless.folder / ".unless" / "unless.toml").read_text("utf-8")
    for part, fields in Settings.model_fields.items():
        assert f"[{part}]" in text
        for name in getattr(fields.annotation, "model_fields"):  # noqa: B009 - pydantic's parts
            assert f"\n{name} = " in text or f"\n# {name} = " in text, f"{part}.{name}"


def test_init_settings_that_are_commented_out_are_valid_when_they_are_not(unless: Shell) -> None:
    unless("init")
    file = unless.folder / ".unless" / "unless.toml"
    names = ("url", "on", "cutover_on", "first_wave_starts")
    text = file.read_text("utf-8")
    for name in names:
        text = text.replace(f"# {name} = ", f"{name} = ")
    file.write_text(text, encoding="utf-8")
    open_workspace(file.parent)
    assert tomllib.loads(text)["estate"]["url"].startswith("postgresql://")


def test_init_refuses_to_overwrite(unless: Shell) -> None:
    unless("init")
    (unless.folder / ".unless" / "unless.toml").write_text("[council]\nname = 'mine'\n", encoding="utf-8")
    assert "is a workspace already" in unless("init", code=1)
    assert "mine" in (unless.folder / ".unless" / "unless.toml").read_text("utf-8")


def test_init_with_a_bad_id_says_so_and_leaves_nothing_behind(unless: Shell) -> None:
    assert "council.id" in unless("init", "--id", "Not An Id", code=1)
    assert list(unless.folder.iterdir()) == []


def test_a_command_without_a_workspace_says_how_to_make_one(unless: Shell) -> None:
    assert "Run: unless init" in unless("import", "x.csv", code=1)
    assert "Run: unless init" in unless("inventory", code=1)


def test_import_says_what_it_recognised_and_every_fault_and_keeps_what_is_good(unless: Shell) -> None:
    (unless.folder / "servers.csv").write_text(SERVERS + "web01,2,-4,Debian\nweb02,0,1,\n", encoding="utf-8")
    unless("init")
    said = unless("import", "servers.csv", "ghost.xlsx", code=1)
    assert "servers.csv: records 4 added." in said
    assert "table: servers, 2 rows" in said
    assert "3 faults." in said
    assert 'servers.csv, row 2, column Memory (GB): "-4" is less than nothing.' in said
    assert 'servers.csv, row 3, column Cores: "0" is less than 1.' in said
    assert "ghost.xlsx: There is no such file." in said
    held = json.loads((unless.folder / ".unless" / "faults.json").read_text("utf-8"))
    assert held["format"] == "cloud-unless/faults/1"
    assert {file: len(of) for file, of in held["files"].items()} == {"ghost.xlsx": 1, "servers.csv": 2}
    assert len(unless.json("inventory", "list")) == 2


def test_importing_again_says_that_nothing_changed(filled: Shell) -> None:
    assert "servers.csv: the same as when it was last imported; nothing changed." in filled("import", "servers.csv", code=1)
    (filled.folder / "servers.csv").write_text(SERVERS + "web01,2,4,Debian\nWEB02,1,1,\n", encoding="utf-8")
    assert "servers: 1 changed, 1 unchanged" in filled("import", "servers.csv")
    assert "No faults." in filled("inventory", "faults")


def test_import_of_nothing_good_does_not_say_that_something_was_kept(unless: Shell) -> None:
    unless("init")
    (unless.folder / "folder").mkdir()
    (unless.folder / "empty.csv").write_bytes(b"")
    (unless.folder / "colours.csv").write_text("Colour,Hue\nred,1\n", encoding="utf-8")
    for name in ("ghost.csv", "folder", "empty.csv", "colours.csv"):
        said = unless("import", name, code=1)
        assert "1 fault. Nothing was taken; mend what follows, and import again:" in said, name
        assert "was kept" not in said, name
        assert "nothing in it was used." in said, name


def test_faults_are_the_same_wherever_they_are_asked_for(filled: Shell) -> None:
    (filled.folder / "servers.csv").unlink()
    said = filled("import", "servers.csv", code=1)
    assert "servers.csv: nothing in it was used." in said
    assert "There is no such file." in said
    listed = filled.json("inventory", "faults", code=1)
    assert {f["file"] for f in listed} == {"servers.csv"}
    assert filled.json("inventory")["faults"] == {"servers.csv": len(listed)}
    held = json.loads((filled.folder / ".unless" / "faults.json").read_text("utf-8"))
    assert held["files"] == {"servers.csv": listed}
    assert len(filled.json("inventory", "list")) == 2


def test_an_empty_name_of_a_file_is_wrong_usage_and_does_not_mean_this_folder(unless: Shell) -> None:
    unless("init")
    (unless.folder / "servers.csv").write_text(SERVERS + "web01,2,4,Debian\n", encoding="utf-8")
    assert "A file's name is empty." in unless("import", "", code=2)
    assert unless.json("inventory", "list") == []
    unless("import", ".")
    assert len(unless.json("inventory", "list")) == 1


def test_import_names_columns_that_it_does_not_use(unless: Shell) -> None:
    (unless.folder / "servers.csv").write_text("Server name,Cores,Memory (GB),Rack\nweb01,2,4,B4\n", encoding="utf-8")
    unless("init")
    assert "table: servers, 1 row. Not used: Rack." in unless("import", "servers.csv")


def test_import_as_json_is_one_object(filled: Shell) -> None:
    held = filled.json("import", "servers.csv", code=1)
    assert held["files"][0]["is_unchanged"] is True
    assert held["files"][0]["sheets"][0]["layout"] == "servers"
    assert held["records"]["servers"] == {"added": 0, "changed": 0, "unchanged": 2, "removed": 0}
    assert held["files"][0]["faults"][0]["row"] == 2


def test_inventory_alone_counts_everything(filled: Shell) -> None:
    said = filled("inventory")
    assert "1 of the workloads are servers that no application register claims." in said
    held = filled.json("inventory")
    assert {r["kind"]: r["count"] for r in held["records"] if r["count"]} == {"servers": 2, "workloads": 2}
    assert held["digest"].startswith("sha256:")
    assert list(held["files"]) == ["servers.csv", "applications.csv"]


def test_options_before_a_sub_command_hold_for_it(filled: Shell) -> None:
    (filled.folder / ".unless").rename(filled.folder / "elsewhere")
    assert len(json.loads(filled("inventory", "-w", "elsewhere", "--json", "list"))) == 2
    assert "2 of 2" in filled("inventory", "list", "-w", "elsewhere")


def test_inventory_lists_and_matches(filled: Shell) -> None:
    assert "WEB02" not in filled("inventory", "list", "--match", "debian")
    assert [w["id"] for w in filled.json("inventory", "list", "--kind", "workloads")] == ["rents", "web02"]
    assert "is not one of" in filled("inventory", "list", "--kind", "cats", code=2)


def test_show_with_trace_names_the_source_of_every_field(filled: Shell) -> None:
    said = filled("inventory", "show", "web01", "--trace")
    assert "cpu_cores: 2  <- servers.csv, row 2, column Cores (read " in said
    assert "kind: virtual  <- nobody said; the default" in said
    (record,) = filled.json("inventory", "show", "web01", "--trace")["records"]
    assert record["sources"]["cpu_cores"]["row"] == 2
    said = filled("inventory", "show", "rents", "--trace")
    assert "server_ids: web01  <- applications.csv, row 2, column Servers" in said


def test_show_with_trace_follows_the_id_into_assessment_and_plan(filled: Shell) -> None:
    folder = filled.folder / ".unless"
    finding = {"assessor": "operating-system", "workload_id": "rents", "subject": "web01", "effect": "blocks", "reason": "ended"}
    assessed = {"workload": "rents", "workload_id": "rents", "readiness": "not ready", "findings": [finding]}
    (folder / "assessments.json").write_text(json.dumps({"assessments": [assessed]}), encoding="utf-8")
    (folder / "plan.json").write_text(json.dumps({"waves": [{"id": "wave-1", "server_ids": ["web01"]}], "unplanned": {}}), encoding="utf-8")
    said = filled("inventory", "show", "web01", "--trace")
    assert "assessments.json, assessments[rents].findings[operating-system]: effect blocks; reason ended" in said
    assert "plan.json, waves[wave-1]: names it" in said
    trace = filled.json("inventory", "show", "web01", "--trace")["trace"]
    assert [t["file"] for t in trace] == ["assessments.json", "plan.json"]


def test_show_names_what_hangs_on_the_thing_and_where_that_came_from(filled: Shell) -> None:
    (filled.folder / "databases.csv").write_text("Database,Server,Application\nrent,web01,Rents\n", encoding="utf-8")
    filled("import", "databases.csv")
    for wanted in ("web01", "rents"):
        said = filled("inventory", "show", wanted, "--trace")
        assert "databases: id rent, name rent, server_id web01, workload_id rents  <- databases.csv, row 2, column Database" in said


def test_show_of_something_unknown_names_what_is_near(filled: Shell) -> None:
    assert "Near it are: " in filled("inventory", "show", "web1", code=1)
    assert "unless inventory list" in filled("inventory", "show", "zzzzzz", code=1)


def test_a_file_imported_by_mistake_can_be_forgotten(filled: Shell) -> None:
    assert "servers.csv is forgotten; 3 records went with it." in filled("inventory", "forget", "servers.csv")
    assert filled.json("inventory", "list") == []
    assert "No file names a server web01." in filled("inventory", "faults", code=1)
    assert "No file servers.csv was imported. Imported are: applications.csv." in filled("inventory", "forget", "servers.csv", code=1)


def test_faults_are_listed_with_their_place_and_exit_1(filled: Shell) -> None:
    (fault,) = filled.json("inventory", "faults", code=1)
    assert (fault["file"], fault["row"], fault["column"]) == ("servers.csv", 2, "Memory (GB)")


def test_names_that_would_steer_the_terminal_are_harmless(unless: Shell) -> None:
    (unless.folder / "servers.csv").write_text(SERVERS + "\u001b[31mevil\u001b]0;x\u0007,2,4,[bold]x[/bold]\n", encoding="utf-8")
    unless("init")
    unless("import", "servers.csv")
    said = unless("inventory", "show", "evil")
    assert "\u001b" not in said
    assert "[bold]x[/bold]" in said


def test_a_damaged_estate_is_a_plain_sentence(filled: Shell) -> None:
    for part in (filled.folder / ".unless").glob("estate.sqlite*"):
        part.write_bytes(b"no database at all " * 100)
    assert "is not an estate" in filled("inventory", code=1)


def test_the_installed_command_prints_no_traceback_and_leaves_with_the_right_code(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "console", "import", "ghost.csv"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert "is not a workspace" in done.stderr
    assert "Traceback" not in done.stderr
