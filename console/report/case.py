"""The business case as `unless case` wrote it: three ways, by financial year."""

from __future__ import annotations

from dataclasses import dataclass

from console.report.charts import Bar, bars
from console.report.inputs import Figures, Inputs, WayRow
from console.report.words import MONTHS, sentence_case


@dataclass(frozen=True)
class Case:
    """The figures, their chart in whole pounds, and each way's payback as a sentence. `is_older` than the estate as it is now."""

    figures: Figures
    chart: tuple[Bar, ...]
    paybacks: tuple[str, ...]
    is_older: bool


def case(inputs: Inputs) -> Case | None:
    """The business case, or None before there is one."""
    held = inputs.case
    if held is None:
        return None
    rows = [
        (sentence_case(w.choice), {"revenue": _whole(w.revenue_pence), "capital": _whole(w.capital_pence)}, _note(w)) for w in held.ways
    ]
    return Case(
        figures=held,
        chart=bars(rows, {"revenue": "plain", "capital": "dark"}),
        paybacks=tuple(_payback(w, held) for w in held.ways),
        is_older=held.estate_digest != inputs.estate_digest,
    )


def _whole(pence: int) -> int:
    return round(pence / 100)


def _note(w: WayRow) -> str:
    return " at least" if w.is_at_least else ""


def _payback(w: WayRow, held: Figures) -> str:
    if w.choice == "stay":
        return "Not asked"
    if w.payback_months is None:
        return "Not within the case"
    if w.payback_months == 0:
        return "Never costs more"
    year, month = divmod(held.starts.month + w.payback_months - 2, 12)
    return f"{MONTHS[month]} {held.starts.year + year}"
