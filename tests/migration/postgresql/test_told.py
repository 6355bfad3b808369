"""What the programs of PostgreSQL say is told in plain English, with their own words beside it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from migration.steps.model import StepError
from migration.steps.postgresql.place import PostgresPlace
from migration.steps.postgresql.programs import Programs, choose
from migration.steps.postgresql.told import told

CASES = Path(__file__).parents[2] / "cases" / "postgresql-told"
PLACE = PostgresPlace(host="db.example", database="live", user="mover", password_env="P", ca_file="ca.pem")


@pytest.mark.parametrize("case", sorted(CASES.glob("*.toml")), ids=lambda p: p.stem)
def test_what_a_program_says_is_told(case: Path) -> None:
    held = tomllib.loads(case.read_text("utf-8"))
    assert told(PLACE, held["program"], held["words"], held["code"]) == held["says"]


def test_what_moves_the_cursor_is_not_repeated() -> None:
    assert "\x1b" not in told(PLACE, "pg_dump", "pg_dump: error: a\x1b[2Jb", 1)


def test_the_oldest_programs_that_are_no_older_than_either_server_are_chosen() -> None:
    there = [Programs(v, Path(f"/{v}/pg_dump"), Path(f"/{v}/pg_restore")) for v in (13, 15, 17)]
    assert [choose(there, source, target).version for source, target in ((13, 13), (13, 14), (12, 15), (15, 17))] == [13, 15, 15, 17]
    assert choose(there[:2], 15, 16).version == 15
    with pytest.raises(StepError, match=r"of PostgreSQL 18 are not on this machine \(there: 13, 15, 17\).*postgresql-client-18"):
        choose(there, 18, 18)
    with pytest.raises(StepError, match=r"there: none"):
        choose([], 15, 15)
