"""The journal notices damage, changes, cuts and torn ends, and says them plainly."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from migration import journal as journals
from migration.errors import MigrationError
from migration.journal import Journal


def _now() -> datetime:
    return datetime(2026, 11, 22, 12, tzinfo=UTC)


def _make(file: Path, records: int = 5) -> None:
    journal = Journal(file, _now, lambda record: None)
    for number in range(records):
        journal.add("intent", f"step-{number}", {"caf\u00e9": number})
    journal.close()


def _lines(change: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    def apply(file: Path) -> None:
        file.write_text("\n".join(change(file.read_text("ascii").splitlines())) + "\n", "ascii")

    return apply


def _gone(file: Path) -> None:
    file.unlink()


def _without_head(file: Path) -> None:
    file.with_suffix(".head").unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_lines(lambda ls: [*ls[:2], ls[2].replace("step-2", "step-9"), *ls[3:]]), "line 3: the journal was changed"),
        (_lines(lambda ls: [*ls[:2], *ls[3:]]), "line 3: the journal's chain is broken"),
        (_lines(lambda ls: [ls[1], ls[0], *ls[2:]]), "line 1: the journal's chain is broken"),
        (_lines(lambda ls: [*ls[:3], "nonsense", *ls[4:]]), "line 4: the journal is damaged"),
        (_lines(lambda ls: [*ls[:3], "[1, 2]", *ls[4:]]), "line 4: the journal is damaged"),
        (_lines(lambda ls: ls[:-1]), "it was cut short"),
        (_lines(lambda ls: ls[:1]), "it was cut short"),
        (_without_head, "is missing or damaged"),
        (_gone, "does not exist"),
    ],
)
def test_a_damaged_journal_is_refused(tmp_path: Path, damage: Callable[[Path], None], said: str) -> None:
    file = tmp_path / "journal.jsonl"
    _make(file)
    damage(file)
    with pytest.raises(MigrationError, match=said):
        journals.read(file)


def test_a_torn_last_line_is_set_aside_and_recorded(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    _make(file)
    with file.open("ab") as out:
        out.write(b'{"number": 5, "at": "20')
    journal = Journal(file, _now, lambda record: None)
    journal.close()
    records, torn = journals.read(file)
    assert torn == b""
    assert [r.kind for r in records] == ["intent"] * 5 + ["mended"]


def test_a_head_one_record_behind_is_a_crash_not_a_cut(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    _make(file, 4)
    head = file.with_suffix(".head").read_bytes()
    _make_one_more(file)
    file.with_suffix(".head").write_bytes(head)
    records, _ = journals.read(file)
    assert len(records) == 5


def _make_one_more(file: Path) -> None:
    journal = Journal(file, _now, lambda record: None)
    journal.add("receipt", "step-0")
    journal.close()


def test_records_are_on_disk_before_anyone_hears_of_them(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    seen: list[bool] = []
    journal = Journal(file, _now, lambda record: seen.append(json.loads(file.read_bytes().splitlines()[-1])["number"] == record.number))
    journal.add("opened")
    journal.add("intent", "one")
    journal.close()
    assert seen == [True, True]
