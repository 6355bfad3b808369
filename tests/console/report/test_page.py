from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from console.report import Inputs, render

VOID = {"meta", "link", "br", "img", "input", "hr"}


class _Page(HTMLParser):
    """The page as a browser would read it: tags with their attributes, balanced or not, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text += data

    def of(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.tags if name == tag)


def _words(page: str) -> str:
    return " ".join(_Page(page).text.split())


@pytest.mark.parametrize("which", ["small", "hostile", "nothing"])
def test_the_page_is_well_formed_and_asks_for_nothing(which: str, request: pytest.FixtureRequest) -> None:
    page = _Page(render(request.getfixturevalue(which)))
    assert not page.unbalanced
    assert not page.open
    assert not list(page.of("script"))
    assert not list(page.of("img"))
    assert not list(page.of("iframe"))
    links = [a.get("href") or "" for a in page.of("a")]
    assert links
    assert all(link.startswith("#") for link in links)
    assert not [a for _, a in page.tags if "src" in a or "onerror" in a or "onclick" in a]
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links} <= set(ids)


def test_no_style_reaches_out(small: Inputs) -> None:
    page = render(small)
    assert "@import" not in page
    assert set(re.findall(r"url\(([^)]*)\)", page)) <= {"#p-fair", "#p-bad", "#p-blank", "#p-freeze"}


def test_hostile_names_are_shown_as_they_are_written(hostile: Inputs) -> None:
    page = render(hostile)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert "<img" not in page
    assert "\u202e" not in page, "a name must not turn the sentence around it"


def test_the_same_inputs_give_the_same_bytes(small: Inputs) -> None:
    assert render(small) == render(small)


def test_every_table_has_a_caption_and_scoped_headings(small: Inputs) -> None:
    page = _Page(render(small))
    tables, captions = list(page.of("table")), list(page.of("caption"))
    assert len(tables) == len(captions) >= 10
    assert all(th.get("scope") in ("col", "row") for th in page.of("th"))


def test_every_chart_has_words_for_those_who_cannot_see_it(small: Inputs) -> None:
    page = _Page(render(small))
    drawn = [s for s in page.of("svg") if s.get("role") == "img"]
    assert len(drawn) == len(list(page.of("title"))) - 1 == len(list(page.of("desc")))
    assert all(s.get("aria-labelledby") for s in drawn)
    assert all(s.get("role") == "img" or s.get("aria-hidden") == "true" for s in page.of("svg"))


def test_what_is_missing_is_said_in_every_part(nothing: Inputs) -> None:
    words = _words(render(nothing))
    for sentence in (
        "Nothing has been imported yet",
        "There is no estate.",
        "Nothing has been assessed yet.",
        "There is no plan yet.",
        "No policy check has been run.",
        "What the estate costs now is not known.",
        "No runbook has been run yet.",
        "No import has left a list of faults.",
        "The register has no exception",
    ):
        assert sentence in words


@pytest.mark.parametrize(
    ("without", "sentence"),
    [
        ("assessments", "Run unless assess"),
        ("plan", "There is no plan yet."),
        ("verdicts", "No policy check has been run."),
        ("estate", "There is no estate."),
    ],
)
def test_each_missing_input_is_said_where_it_would_have_been(small: Inputs, without: str, sentence: str) -> None:
    assert sentence in _words(render(replace(small, **{without: None})))


def test_the_first_words_tell_the_figures(small: Inputs) -> None:
    words = _words(render(small))
    assert "Exampleborough has 20 servers and 17 registered applications." in words
    assert "3 servers belong to no registered application" in words
    assert "Of 20 workloads, 5 are ready, 5 are ready once conditions are met, 5 are not ready and 5 cannot be judged" in words
    assert "The plan moves 4 workloads and 4 servers in 2 waves from 4 January 2027 to 18 April 2027, clear of 3 freezes." in words
    assert "The costs sheet shows £123,000 of revenue a year and £358,000 of capital." in words
    assert "The policy check of 22 November 2026 gave 4 passes, 8 failures and 4 unknowns; 4 verdicts are waived by an exception." in words
    assert "8 verdicts stop the deployment." in words


def test_nothing_unknown_is_passed_over(small: Inputs) -> None:
    words = _words(render(small))
    assert "The readiness of 5 workloads is unknown" in words
    assert "8 of 16 items to pay for in the cloud have no price." in words
    assert "3 prices are of another region than UK South." in words
    assert "4 policy verdicts could not be given." in words
    assert "1 fault in 1 imported file." in words
    assert "may meet a freeze that nobody has written down yet" in words


def test_decisions_are_asked_for(small: Inputs) -> None:
    words = _words(render(small))
    assert "8 policy verdicts stop the deployment." in words
    assert "1 exception has expired." in words
    assert "1 exception ends within 90 days." in words
    assert "2 workloads would stay without an approved exception" in words


def test_commands_are_told_apart_from_the_sentence(small: Inputs) -> None:
    assert "Upgrade it. Then: <code>unless assess</code>" in render(small)


def test_a_waived_verdict_still_stands(small: Inputs) -> None:
    page = render(small)
    assert "the verdict stands" in _words(page)
    assert "31 Jan 2027" in page


def test_a_thousand_workloads_are_drawn_quickly_and_stay_small(large: Inputs) -> None:
    started = time.process_time()
    page = render(large)
    assert time.process_time() - started < 3
    assert len(page.encode()) < 3_000_000
    assert "Workload 999 with a name" in page


def test_a_plan_of_another_estate_is_noticed(small: Inputs) -> None:
    assert small.plan is not None
    older = small.plan.model_copy(update={"estate_digest": "sha256:2"})
    assert "The plan is older than the assessment." in _words(render(replace(small, plan=older)))


def test_an_assessment_and_a_check_that_are_out_of_date_are_noticed(small: Inputs) -> None:
    assert small.verdicts is not None
    earlier = small.verdicts.model_copy(update={"on": date(2026, 11, 1)})
    words = _words(render(replace(small, estate_digest="sha256:2", verdicts=earlier)))
    assert "The estate has changed since it was assessed." in words
    assert "The policy check is older than the plan." in words
    assert "older than" not in _words(render(small))
