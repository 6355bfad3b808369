from __future__ import annotations

from datetime import date
from typing import Any, cast

import pytest

from inventory.spreadsheets.cells import Cell
from inventory.spreadsheets.grid import Grid
from inventory.spreadsheets.layouts import layouts, meanings, spellings
from inventory.spreadsheets.recognise import recognise
from inventory.spreadsheets.sheets import read_sheet

CASES = "inventory-headings"


def test_a_sheet_is_recognised_by_its_headings_and_its_first_row_read(case: dict[str, Any], read_on: date) -> None:
    lines = list(enumerate(cast("list[list[Cell]]", case["rows"]), 1))
    grid = Grid(case.get("sheet", ""), case.get("sheet", "file"), lambda: iter(lines))
    sheet, rows, faults = read_sheet(grid, "file.csv", read_on)
    assert sheet.layout == case["layout"], faults
    if not case["layout"]:
        assert not rows
        assert "No layout has these headings" in faults[0].what
        return
    assert not faults
    assert {f: list(v) if isinstance(v, tuple) else v for f, v in rows[0].values.items()} == case["values"]
    assert rows[0].row == case.get("head_rows", 1) + 1
    for field, column in case.get("columns", {}).items():
        assert rows[0].columns[field] == column


@pytest.mark.parametrize("name", list(layouts()))
def test_every_layout_recognises_its_own_first_headings(name: str) -> None:
    layout = layouts()[name]
    if not layout.fields:
        return
    row = [rule.headings[0].replace("#", "1") for rule in layout.fields.values()] + [h.replace("#", "1") for h in layout.known]
    found = recognise([row], layout.sheet)
    assert found is not None
    assert found.is_sure
    assert found.layout.name == name


@pytest.mark.parametrize("name", list(layouts()))
def test_no_heading_of_a_layout_stands_for_two_of_its_fields(name: str) -> None:
    seen: dict[str, str] = {}
    for field, rule in layouts()[name].fields.items():
        for heading in rule.headings:
            meant = meanings(heading.replace("#", "3"))[name]
            assert meant.rule is not None
            assert meant.rule.name == field
            assert seen.setdefault(heading, field) == field


def test_every_layout_needs_and_requires_fields_that_it_has() -> None:
    for layout in layouts().values():
        assert set(layout.needs) <= set(layout.fields), layout.name
        assert set(layout.required) <= set(layout.fields), layout.name


def test_no_spelling_means_two_things_and_the_words_themselves_are_spellings() -> None:
    for name, words in spellings().items():
        if name != "nothing-said":
            for ours in set(words.values()):
                assert spellings()[name].get(ours.replace("-", "")) == ours, (name, ours)


def test_two_rows_of_headings_are_not_seen_where_one_suffices() -> None:
    found = recognise([["Server name", "Cores", "Memory (GB)"], ["Memory", "Cores", "Disk"]], "")
    assert found is not None
    assert found.head_rows == 1
