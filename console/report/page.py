"""The page: every part worked out, then drawn by one template. The same inputs give the same bytes."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from console.report import words
from console.report.carbon import carbon
from console.report.case import case
from console.report.charts import READINESS
from console.report.findings import top_findings
from console.report.inputs import Inputs
from console.report.money import after, now
from console.report.portfolio import portfolio
from console.report.schedule import schedule
from console.report.summary import key_figures, paragraphs
from console.report.unknowns import decisions, gaps
from console.report.verdicts import check, exceptions

TOP = 12
MOST_FAULTS = 200
TURNING = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\ufffd")


def render(inputs: Inputs) -> str:
    """The whole report as one HTML document that asks for nothing from anywhere."""
    environment = Environment(
        loader=PackageLoader("console.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_unturned,
    )
    for name in ("day", "short_day", "span", "pounds", "count", "humanised", "minute", "place", "coded"):
        environment.filters[name] = getattr(words, name)
    return environment.get_template("page.html.j2").render(view(inputs))


def _unturned(value: object) -> object:
    """Text in which no character turns the direction of what follows it: a name must not rewrite the sentence around it."""
    return value.translate(TURNING) if isinstance(value, str) else value


def view(inputs: Inputs) -> dict[str, Any]:
    """Everything that the template shows, by name."""
    return {
        "inputs": inputs,
        "readiness": READINESS,
        "top": TOP,
        "most_faults": MOST_FAULTS,
        "paragraphs": paragraphs(inputs),
        "key_figures": key_figures(inputs),
        "decisions": decisions(inputs),
        "gaps": gaps(inputs),
        "portfolio": portfolio(inputs),
        "schedule": schedule(inputs),
        "now": now(inputs),
        "after": after(inputs),
        "case": case(inputs),
        "carbon": carbon(inputs),
        "findings": top_findings(inputs),
        "check": check(inputs),
        "exceptions": exceptions(inputs),
    }
