from __future__ import annotations

from datetime import date

import pytest

from console.report.charts import bars, calendar
from console.report.words import coded, count, humanised, listed, minute, pounds, rounded, span
from inventory.model import Freeze


@pytest.mark.parametrize(
    ("pence", "figure"),
    [
        (0, "£0"),
        (42_00, "£42"),
        (9_999_00, "£9,999"),
        (35_800_000, "£358,000"),
        (313_396_200, "£3.13 million"),
        (200_000_000, "£2 million"),
    ],
)
def test_a_figure_for_a_sentence(pence: int, figure: str) -> None:
    assert rounded(pence) == figure


def test_pounds_are_whole() -> None:
    assert (pounds(123_456), pounds(-100), pounds(0)) == ("£1,235", "-£1", "£0")


def test_things_are_counted_in_words() -> None:
    assert [count(n, "dependency", "dependencies") for n in (0, 1, 2, 2698)] == [
        "no dependencies",
        "1 dependency",
        "2 dependencies",
        "2,698 dependencies",
    ]
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed([]) == ""


def test_spans_repeat_no_more_than_they_must() -> None:
    assert span(date(2027, 1, 4), date(2027, 1, 17)) == "4 to 17 Jan 2027"
    assert span(date(2027, 1, 25), date(2027, 2, 7)) == "25 Jan to 7 Feb 2027"
    assert span(date(2026, 12, 24), date(2027, 1, 1)) == "24 Dec 2026 to 1 Jan 2027"
    assert span(date(2027, 5, 3), date(2027, 5, 3)) == "3 May 2027"


def test_ids_become_words() -> None:
    assert humanised("sql-managed-instance") == "SQL managed instance"


def test_times_are_told_in_universal_time() -> None:
    assert minute("2027-01-04T09:30:00+01:00") == "4 Jan 2027, 08:30 UTC"
    assert minute("yesterday") == "yesterday"


def test_commands_in_a_sentence_are_code_and_all_else_is_escaped() -> None:
    held = coded("Stay, unless told <b>: unless assess show a-1, or unless import FILE.")
    assert str(held) == "Stay, unless told &lt;b&gt;: <code>unless assess show a-1</code>, or <code>unless import FILE</code>."


def test_bars_fill_the_width_with_the_largest() -> None:
    drawn = bars([("a", {"x": 3, "y": 1}, ""), ("b", {"x": 2}, ""), ("c", {}, "")], {"x": "good", "y": "bad"})
    assert [(s.x, s.width) for s in drawn[0].segments] == [(0.0, 75.0), (75.0, 25.0)]
    assert [(s.x, s.width) for s in drawn[1].segments] == [(0.0, 50.0)]
    assert drawn[2].segments == ()


def test_the_calendar_merges_freezes_of_one_service_and_cuts_them_at_its_ends() -> None:
    freezes = [
        Freeze("a", "A", date(2026, 12, 1), date(2027, 1, 10)),
        Freeze("b", "B", date(2027, 1, 11), date(2027, 1, 15)),
        Freeze("c", "C", date(2027, 1, 20), date(2027, 3, 1), "Education"),
        Freeze("d", "D", date(2028, 1, 1), date(2028, 1, 2)),
    ]
    drawn = calendar([("Wave 1", date(2027, 1, 16), date(2027, 1, 31))], freezes)
    assert [lane.label for lane in drawn.lanes] == ["Frozen: the whole council", "Frozen: Education", "Wave 1"]
    assert drawn.lanes[0].spans == ((0.0, round(100 * 15 / 31, 3)),)
    assert drawn.shades == drawn.lanes[0].spans
    assert drawn.lanes[1].spans == ((round(100 * 19 / 31, 3), round(100 * 12 / 31, 3)),)
    assert drawn.lanes[2].spans == ((round(100 * 15 / 31, 3), round(100 * 16 / 31, 3)),)


def test_months_are_labelled_no_more_than_six_times() -> None:
    drawn = calendar([("Wave 1", date(2027, 1, 1), date(2028, 12, 31))], [])
    assert len(drawn.ticks) == 24
    assert [t.label for t in drawn.ticks if t.label] == ["Jan 27", "May 27", "Sep 27", "Jan 28", "May 28", "Sep 28"]
