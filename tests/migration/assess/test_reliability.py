"""The sums of reliability, by themselves and as their page does them."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from migration.knowledge import Knowledge
from migration.reliability import chance_above, in_series, outages_allowed, redundant, upper_bound, years_to_prove

PAGE = (Path(__file__).parents[3] / "docs/concepts/reliability.md").read_text("utf-8")
SEEN = re.findall(r"^\| (\d+) in (\d+) years? \| over ([\d.]+) a year \| (.+?) \| ([\d.]+) \|$", PAGE, re.MULTILINE)
ROOMS = re.findall(r"^\| `([\w-]+)` \| ([\d.]+) % \| (\d) \| (.+?) \| (\d+) \| (.+?) = ([\d.]+) \|$", PAGE, re.MULTILINE)
SUMS = re.findall(r"([\d.]+(?: [-/x] [\d.]+)+) = ([\d.]*\d)", PAGE)


def _sum(written: str) -> float:
    return eval(written.replace("e^-", "2.718281828459045 ** -").replace("x", "*"))  # noqa: S307 - the page's own sum


@pytest.mark.parametrize(("failures", "years", "rate", "written", "chance"), SEEN)
def test_each_chance_of_the_page_is_its_sum_and_ours(failures: str, years: str, rate: str, written: str, chance: str) -> None:
    ours = chance_above(float(rate), int(failures), float(years))
    assert ours == pytest.approx(_sum(written))
    assert f"{ours:.2g}" == f"{float(chance):.2g}"


@pytest.mark.parametrize("row", ROOMS, ids=lambda r: "-".join(r[:3]))
def test_each_room_of_the_page_is_its_sum_and_ours(row: tuple[str, ...], knowledge: Knowledge) -> None:
    design, promised, machines, written, hours, sum_, room = row
    held = next(d for d in knowledge.reliability.designs if d.id == design)
    assert held.availability_percent == float(promised)
    availability = in_series([float(promised) / 100] * int(machines))
    assert availability == pytest.approx(float(written.rpartition("= ")[2]))
    assert outages_allowed(availability, float(hours)) == pytest.approx(_sum(sum_))
    assert f"{_sum(sum_):.2f}" == room


def test_the_page_has_its_tables_and_its_plain_sums_are_right() -> None:
    assert (len(SEEN), len(ROOMS)) == (4, 5)
    assert {left for left, _ in SUMS} >= {"1 / 5", "3 / 0.2", "0.999 x 0.999", "1 - 0.001 x 0.001"}
    assert all(_sum(left) == pytest.approx(float(right), abs=0.006) for left, right in SUMS)


def test_the_limits_and_proofs_of_the_page_are_those_kept(knowledge: Knowledge) -> None:
    rules = knowledge.reliability
    assert (rules.accept_per_year, rules.forbid_per_year, rules.over_engineered_times) == (0.2, 1, 10)
    assert upper_bound(0, 1, 0.95) == pytest.approx(-math.log(0.05))
    assert f"{years_to_prove(rules.accept_per_year, rules.confidence_percent / 100):.2f}" == "14.98"
    assert redundant(0.999, 2, 1) == pytest.approx(0.999999)


def test_designs_are_kept_from_the_cheapest_and_each_promises_more(knowledge: Knowledge) -> None:
    promised = [(d.machines, d.availability_percent) for d in knowledge.reliability.designs]
    assert promised == sorted(promised)
    assert all(0 < percent < 100 for _, percent in promised)


@given(some.integers(0, 40), some.floats(0.1, 50), some.floats(0.5, 0.999))
def test_the_bound_is_where_the_chance_of_more_is_what_is_left(failures: int, years: float, confidence: float) -> None:
    bound = upper_bound(failures, years, confidence)
    assert chance_above(bound, failures, years) == pytest.approx(1 - confidence, rel=1e-6)
    assert upper_bound(failures + 1, years, confidence) > bound
    assert upper_bound(failures, years * 2, confidence) < bound


@pytest.mark.parametrize(("copies", "needed", "expected"), [(2, 2, 0.81), (2, 1, 0.99), (3, 2, 0.972), (1, 1, 0.9)])
def test_so_many_of_so_many(copies: int, needed: int, expected: float) -> None:
    assert redundant(0.9, copies, needed) == pytest.approx(expected)


def test_many_failures_do_not_overflow_and_nothing_expected_never_exceeds() -> None:
    assert chance_above(0, 3, 10) == 1
    assert chance_above(1, 5000, 1) == pytest.approx(1)
    assert chance_above(5000, 3, 1) == 0
