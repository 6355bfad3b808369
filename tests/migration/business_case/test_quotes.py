"""Quoted prices: how they count in a way, when they hold, and how mistakes in their file are told."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as holds_for
from hypothesis import strategies as st

from migration.business_case import Choice, Way, build
from migration.business_case.quotes import Quote, Service, not_quoted, read_quotes
from migration.errors import MigrationError
from migration.model import Target
from tests.migration.business_case.conftest import Given

CASES = Path(__file__).parents[2] / "cases/quotes-refused"
CASE = 'format = "cloud-unless/business-case/1"\nstarts = 2027-04-01\nyears = 5\n'
WORKLOAD = {"id": "rates", "starts": date(2027, 6, 7), "ends": date(2027, 6, 18), "cloud_pence": 10_000}
TEXT = """
format = "cloud-unless/quoted-prices/1"
[[quote]]
what = "backup"
per = "server"
pounds = 4.205
by = "A Reseller Ltd"
on = 2026-11-01
until = 2027-03-31
source = "quotation 17"
"""


def quote(**changed: Any) -> Quote:
    held = {"what": "backup", "per": "server", "pounds": Decimal("4.20"), "by": "A Reseller Ltd", "source": "quotation 17"}
    return Quote.model_validate(held | {"on": date(2026, 11, 1), "until": date(2027, 3, 31)} | changed)


def plan_with(held: Given, *quotes: Quote, targets: tuple[Target, ...] = ()) -> Way:
    case = held.case.model_copy(update={"quotes": quotes})
    made = {i: replace(a, targets=(*a.targets, *targets)) for i, a in held.plan.assessments.items()}
    return build(held.estate, replace(held.plan, assessments=made), case).way(Choice.PLAN)


@pytest.mark.parametrize(
    ("changed", "months", "name", "workload"),
    [
        ({}, 420, "Backup: Rates", "rates"),
        ({"per": "gb", "pounds": Decimal("0.02")}, 1_000, "Backup: Rates", "rates"),
        ({"what": "egress", "per": "month", "pounds": Decimal("0.06"), "quantity": Decimal(500)}, 3_000, "Egress", ""),
        ({"what": "support", "per": "month", "pounds": Decimal(250)}, 25_000, "Support", ""),
    ],
)
def test_a_quote_is_paid_every_month_from_the_wave_on(
    given: Callable[[dict[str, object]], Given], changed: dict[str, Any], months: int, name: str, workload: str
) -> None:
    disks = Target("rates-1", "managed-disk", "premium-ssd-p20", "uksouth", 500, None, "")
    way = plan_with(given({"case": CASE, "workload": [WORKLOAD]}), quote(**changed), targets=(disks,))
    (line,) = (held for held in way.lines if held.name == name)
    assert line.workload_id == workload
    assert line.months == (0, 0, *(months,) * 58)
    assert line.because.endswith("A Reseller Ltd, 2026-11-01, holds until 2027-03-31. quotation 17")


def test_only_what_moves_is_counted_and_staying_has_no_quote(given: Callable[[dict[str, object]], Given]) -> None:
    held = given({"case": CASE, "workload": [WORKLOAD]})
    case = held.case.model_copy(update={"quotes": (quote(), quote(per="month"))})
    stay = build(held.estate, held.plan, case).way(Choice.STAY)
    assert [line.name for line in stay.lines] == []


@pytest.mark.parametrize(
    ("on", "until", "said"),
    [
        (date(2026, 11, 22), date(2026, 11, 22), ""),
        (date(2026, 10, 1), date(2026, 11, 21), "the quote of A Reseller Ltd ended on 2026-11-21. Ask for another"),
        (date(2026, 11, 23), date(2027, 1, 1), "the quote of A Reseller Ltd does not hold before 2026-11-23"),
    ],
)
def test_a_quote_counts_only_while_it_holds_and_else_is_named(
    given: Callable[[dict[str, object]], Given], on: date, until: date, said: str
) -> None:
    held = given({"case": CASE, "workload": [WORKLOAD]})
    case = held.case.model_copy(update={"quotes": (quote(on=on, until=until),)})
    made = build(held.estate, held.plan, case)
    assert any(line.name == "Backup: Rates" for line in made.way(Choice.PLAN).lines) is (said == "")
    named = [m for m in made.missing if "backup" in m]
    assert len(named) == (said != "")
    assert all(said in m for m in named)


def test_what_nobody_quoted_has_no_price_and_is_named() -> None:
    held = list(not_quoted([], date(2026, 11, 22)))
    assert [s.partition(" ")[0] for s in held] == [s.value for s in Service]
    assert all("has no price. Give what somebody quoted" in s for s in held)


@holds_for(st.integers(0, 50), st.integers(0, 50), st.decimals(0, 1_000, places=3))
def test_more_machines_never_cost_less(few: int, more: int, pounds: Decimal) -> None:
    machine = Target("s", "virtual-machine", "size", "uksouth", 80, None, "")
    counts = [quote(pounds=pounds).count([machine] * n) for n in (few, few + more)]
    assert counts == [few, few + more]
    assert counts[0] * pounds <= counts[1] * pounds


@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda p: p.stem)
def test_every_mistake_of_the_file_is_told_at_once(path: Path, tmp_path: Path) -> None:
    held = tomllib.loads(path.read_text("utf-8"))
    (tmp_path / "quoted.toml").write_text(held["text"], "utf-8")
    with pytest.raises(MigrationError) as wrong:
        read_quotes(tmp_path / "quoted.toml", "quoted.toml")
    assert list(wrong.value.faults) == held["faults"]


def test_a_file_that_is_right_is_read_and_one_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "quoted.toml"
    file.write_text(TEXT, "utf-8")
    assert [q.pounds for q in read_quotes(file, "quoted.toml")] == [Decimal("4.205")]
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(MigrationError, match=r"quoted\.toml: cannot be read"):
        read_quotes(file, "quoted.toml")
    file.write_text("[[", "utf-8")
    with pytest.raises(MigrationError, match="is not readable as TOML"):
        read_quotes(file, "quoted.toml")
