"""The example of docs/concepts/business-case.md: every figure on the page is what the code makes of the same facts."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from inventory.importing import estate_from_files
from inventory.model import CostLine, Estate, Workload
from inventory.reference import files
from migration.business_case import Choice, build, payback_months, present_pence, read_case, saving_by_month
from migration.business_case.appraise import present_by_year
from migration.model import Assessment, Disposition, Effect, Finding, Plan, Price, Readiness, Target, Wave

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/concepts/business-case.md").read_text("utf-8").partition("## One to recompute by hand")[2].partition("\n## ")[0]
ON = date(2026, 11, 25)


def _pence(written: str) -> int:
    return int(re.sub(r"[£,.]", "", written))


def _said(pattern: str) -> str:
    found = re.search(pattern, " ".join(PAGE.split()))
    assert found, pattern
    return found[1]


def test_the_page_is_what_the_code_makes_of_its_facts(tmp_path: Path) -> None:
    centre, cloud = _pence(_said(r"data centre costs (£[\d,.]+\d) a year")), _pence(_said(r"costs (£[\d,.]+\d) a month in the cloud"))
    days, rate, months = _said(r"takes (\d+) days"), _said(r"days at £([\d.]+\d)"), _said(r"lasts (\d+) months")
    file = tmp_path / "case.toml"
    source = 'source = "the page"'
    file.write_text(
        'format = "cloud-unless/business-case/1"\nstarts = 2027-04-01\nyears = 5\n'
        f'[[assumption]]\nkey = "day-rate-pounds"\nvalue = {rate}\n{source}\n'
        f'[[assumption]]\nkey = "dual-running-months"\nvalue = {months}\n{source}\n'
        f'[[avoided]]\nline = "hall"\nplan_percent = 100\n{source}\n',
        "utf-8",
    )
    estate = Estate(workloads=(Workload("rates", "Rates"),), cost_lines=(CostLine("hall", "Hall", "revenue", centre, year="2027-28"),))
    price = Price("size", "uksouth", cloud, ON, "the page")
    target = Target("rates-1", "virtual-machine", "size", "uksouth", 80, price, "")
    finding = Finding("ties", "rates", "rates", Effect.CONDITION, "Work.", "Do it.", float(days))
    held = Assessment("rates", ON, Readiness.READY, Disposition.REHOST, "", (finding,), (target,), cloud)
    wave = Wave("wave-1", date(2027, 4, 5), date(2027, 4, 16), ("group-1",), ("rates",), ("rates-1",))
    case = read_case(file, "case.toml", estate)
    made = build(estate, Plan(ON, "", {"rates": held}, (), (wave,), {}), case)
    stay, plan = made.way(Choice.STAY), made.way(Choice.PLAN)
    rows = [[c.strip(" *") for c in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith(("| 20", "| **"))]
    columns = (stay.years, plan.years, *(present_by_year(w.years, made.discount_percent) for w in (stay, plan)))
    assert [r[0] for r in rows] == [*made.year_names, "in all"]
    for n, column in enumerate(columns, 1):
        assert [_pence(r[n]) for r in rows] == [*column, sum(column)]
    assert sum(columns[3]) == present_pence(plan.years, made.discount_percent)
    assert payback_months(saving_by_month(stay.months, plan.months)) == int(_said(r"month (\d+), October 2027"))


def test_the_guides_file_is_one_that_is_read(tmp_path: Path) -> None:
    guide = (ROOT / "docs/guides/business-case.md").read_text("utf-8")
    file = tmp_path / "case.toml"
    file.write_text(guide.partition("```toml\n")[2].partition("```")[0], "utf-8")
    held = read_case(file, "case.toml", estate_from_files(list(files()), ON)[0])
    assert held.years == 5
    assert len(held.assumption) == 8
