"""The business case on the page: the figures that `unless case` wrote, and what is said where there are none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from console.report import Inputs, render
from console.report.case import case
from console.report.inputs import Figures, WayRow

WAYS = (
    WayRow(
        choice="stay",
        is_at_least=False,
        total_pence=300_000_00,
        capital_pence=100_000_00,
        revenue_pence=200_000_00,
        year_pence=(200_000_00, 100_000_00),
        present_pence=296_618_36,
        net_present_saving_pence=0,
    ),
    WayRow(
        choice="plan",
        is_at_least=True,
        total_pence=290_000_00,
        capital_pence=0,
        revenue_pence=290_000_00,
        year_pence=(210_000_00, 80_000_00),
        present_pence=287_294_69,
        net_present_saving_pence=9_323_67,
        payback_months=10,
    ),
)
FIGURES = Figures(
    format="cloud-unless/business-case-figures/1",
    starts=date(2027, 4, 1),
    estate_digest="sha256:1",
    discount_percent="3.5",
    years=("2027-28", "2028-29"),
    ways=WAYS,
    not_in_this_case=("Not in this case: <b>exit</b>.",),
)


def test_the_page_shows_the_figures_and_what_is_left_out(small: Inputs) -> None:
    page = render(replace(small, case=FIGURES, estate_digest="sha256:1"))
    for said in ("£210,000", "£287,295", "£9,324", "January 2028", "Plan (at least)", "2028-29", "&lt;b&gt;exit"):
        assert said in page, said
    assert "The estate has changed since this case" not in page


def test_the_page_says_that_a_case_is_older_than_the_estate(small: Inputs) -> None:
    assert "The estate has changed since this case" in render(replace(small, case=FIGURES, estate_digest="sha256:2"))


def test_without_a_case_the_page_says_how_to_make_one(small: Inputs) -> None:
    assert "There is no business case yet." in render(replace(small, case=None))


def test_the_chart_is_in_whole_pounds_and_its_parts_make_the_total(small: Inputs) -> None:
    made = case(replace(small, case=FIGURES))
    assert made
    assert [(b.total, [s.value for s in b.segments]) for b in made.chart] == [(300_000, [200_000, 100_000]), (290_000, [290_000])]
    assert made.paybacks == ("Not asked", "January 2028")
