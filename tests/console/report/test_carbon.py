"""Carbon on the page: the ranges that `unless carbon` wrote, their sources, and what is said where there are none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from console.report import Inputs, render
from console.report.inputs import Carbon


def ranged(low: float, high: float, *because: str) -> dict[str, Any]:
    return {"low": {"value": low, "because": because[:1]}, "high": {"value": high, "because": because[1:]}}


def summed(workloads: int) -> dict[str, Any]:
    return {
        "workloads": workloads,
        "now_kwh": ranged(1000, 9000),
        "now_kg": ranged(124.4, 2052, "least-grid", "most-grid"),
        "after_kwh": ranged(3.75, 12),
        "after_kg": ranged(0.5, 2.7, "least-grid", "most-grid"),
    }


def figures(comparable: int = 2) -> Carbon:
    source = {"what": "A grid", "source": "<b>a page</b>", "read_on": "2026-11-25"}
    return Carbon.model_validate(
        {
            "format": "cloud-unless/carbon-figures/1",
            "estate_digest": "sha256:1",
            "whole": summed(7),
            "comparable": summed(comparable),
            "not_known": {"now": 1, "after": 5},
            "sources": [source | {"id": i} for i in ("least-grid", "most-grid", "never-used")],
            "left_out": ["Networks & devices."],
        }
    )


def test_the_page_shows_ranges_what_may_be_compared_and_what_each_end_rests_on(small: Inputs) -> None:
    page = render(replace(small, carbon=figures(), estate_digest="sha256:1"))
    for said in ("1,000 to 9,000", "124 to 2,052", "0.5 to 2.7", "6 of 7", "2 of 7", "these may be compared", "Networks &amp; devices."):
        assert said in page, said
    assert page.count("&lt;b&gt;a page") == 2
    assert "25 Nov 2026" in page
    assert "since this was reckoned" not in page


def test_the_page_says_that_it_is_older_than_the_estate_and_when_nothing_can_be_compared(small: Inputs) -> None:
    page = render(replace(small, carbon=figures(comparable=0), estate_digest="sha256:2"))
    assert "The estate has changed since this was reckoned" in page
    assert "nothing can be compared yet" in page


def test_before_it_was_reckoned_the_page_says_how(small: Inputs) -> None:
    assert "What the estate gives off has not been reckoned." in render(replace(small, carbon=None))
