from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from inventory.reference import files, folder, registers
from inventory.reference.generate import differing, made, main, write
from inventory.reference.tables import Table


def test_the_generator_makes_the_checked_in_files_to_the_byte() -> None:
    assert differing(made()) == []


def test_check_says_nothing_and_ends_well_when_all_is_as_made(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_the_files_are_the_same_whatever_the_hash_seed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "inventory.reference.generate", "--check"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONHASHSEED": "7"},
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_changed_file_is_found_and_written_again(tmp_path: Path) -> None:
    wanted = {tmp_path / "a.csv": b"one\r\n", tmp_path / "b.csv": b"two\n"}
    write(wanted)
    (tmp_path / "b.csv").write_bytes(b"two\r\n")
    assert differing(wanted) == [tmp_path / "b.csv"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "b.csv"]


def test_every_importable_file_is_there_and_none_is_forgotten() -> None:
    named = {path.name for path in files()}
    assert named | {"unless.toml"} == {path.name for path in folder().iterdir()}
    assert all(path.is_file() for path in files())


def test_monthly_use_stays_small_enough_to_review() -> None:
    assert (folder() / "utilisation.csv").stat().st_size < 400_000


def test_line_ends_and_code_pages_are_as_planted() -> None:
    assert (folder() / "applications.csv").read_bytes().startswith(b"\xef\xbb\xbf*Application,")
    assert b"\r\n" in (folder() / "applications.csv").read_bytes()
    costs = (folder() / "costs.csv").read_bytes()
    assert b"Amount (\xa3)" in costs
    assert b"Citizens\x92" in costs


def test_the_settings_are_exampleboroughs() -> None:
    held = tomllib.loads((folder() / "unless.toml").read_text("utf-8"))
    assert held["council"] == {"name": "Exampleborough Metropolitan Borough Council", "id": "exampleborough"}
    assert str(held["estate"]["on"]) == "2026-11-22"
    assert held["plan"]["first_wave_starts"] > held["estate"]["on"]


def test_a_misspelt_server_line_is_refused_with_its_text() -> None:
    with pytest.raises(ValueError, match="app two 2016"):
        registers.spec("app two 2016 4x16 100")


def test_a_plant_on_a_row_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a\.csv has 0 rows for nobody"):
        Table("a.csv", ["Name"], [["one"]]).find("nobody")
