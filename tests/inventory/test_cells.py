from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from inventory.model import Fault
from inventory.spreadsheets.cells import Bad, parse
from inventory.spreadsheets.layouts import FieldRule
from inventory.spreadsheets.numbers import split_number
from inventory.text import clean, slug

CASES = "inventory-cells"


def _rule(case: dict[str, Any]) -> FieldRule:
    limits = {k: case[k] for k in ("unit", "least", "above", "doubt", "most", "binary") if k in case}
    return FieldRule("field", case["type"], ("Field",), **limits)


def test_cells_are_read_as_the_case_says(case: dict[str, Any]) -> None:
    rule, unit = _rule(case), case.get("heading_unit", "")
    for cell, value in case.get("good", []):
        read = parse(cell, rule, unit)
        assert (list(read) if isinstance(read, tuple) else read) == value, cell
        assert type(read) is tuple or type(read) is type(value), cell
    for cell in case.get("nothing", []):
        assert parse(cell, rule, unit) is None, cell
    for cell in case.get("bad", []):
        read = parse(cell, rule, unit)
        assert isinstance(read, Bad), (cell, read)
        assert read.what.endswith(".")
        assert read.remedy.endswith((".", "8."))


@settings(deadline=None)
@given(st.decimals(min_value=-(10**12), max_value=10**12, places=3))
def test_any_number_is_read_however_it_is_grouped(number: Decimal) -> None:
    for written in (str(number), f"{number:,}", f"{number:,}".replace(",", " "), f"{number:,}".replace(",", "'")):
        assert split_number(written) == (number, ""), written


@settings(deadline=None)
@given(st.decimals(min_value=1000, max_value=10**12, places=2))
def test_a_decimal_comma_with_grouping_stops_is_the_same_number(number: Decimal) -> None:
    continental = f"{number:,}".translate(str.maketrans({",": ".", ".": ","}))
    assert split_number(continental) == (number, "")


@settings(deadline=None)
@given(st.text(max_size=60))
@example("1,")
@example("£")
@example(".")
@example("-")
@example("١٢")
@example("1e5e5")
def test_no_text_whatever_makes_a_number_fail(text: str) -> None:
    read = parse(text, FieldRule("f", "storage", ("F",), "gb", least=0))
    assert read is None or isinstance(read, (float, Bad))


@settings(deadline=None)
@given(st.text(max_size=60), st.sampled_from(["last-day", "month", "ip-address", "yes-no", "list", "money", "whole", "name"]))
@example("31 02 99", "last-day")
@example("9999-99-99", "last-day")
@example("0000-01", "month")
@example("²³/1/2020", "last-day")
def test_no_text_whatever_makes_any_reader_fail(text: str, kind: str) -> None:
    read = parse(text, FieldRule("f", kind, ("F",)))
    assert read is None or not isinstance(read, Fault)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_clean_text_holds_nothing_that_steers_a_terminal(text: str) -> None:
    assert all(c.isprintable() for c in clean(text))
    assert clean(clean(text)) == clean(text)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_a_slug_is_kebab_case_and_never_empty(name: str) -> None:
    made = slug(name)
    assert made
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not made.startswith("-")
    assert not made.endswith("-")
