from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from migration.assess import assess
from migration.model import Price
from migration.price_book import overlaid

FILES = sorted((Path(__file__).parents[2] / "cases" / "sizing-whole").glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_each_workload_gets_the_disposition_targets_and_cost_its_case_expects(path: Path, read_case: Callable[[Path], Any]) -> None:
    case = read_case(path)
    made, expected = assess(case.workload, case.estate, case.terms), case.expected
    assert (made.readiness, made.disposition) == (expected["readiness"], expected["disposition"]), [
        (f.effect.value, f.reason) for f in made.findings
    ]
    assert expected["reason"] in made.disposition_reason
    assert made.exception_id == expected.get("exception_id", "")
    assert made.monthly_pence == expected.get("monthly_pence")
    assert list(made.unpriced) == expected["unpriced"]
    targets = [(t.subject, t.kind, t.sku, t.price and t.price.monthly_pence, t.price and t.price.region) for t in made.targets]
    assert targets == [(t["subject"], t["kind"], t["sku"], t.get("pence"), t.get("region")) for t in expected["target"]]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_the_cost_is_exactly_the_sum_of_its_lines_or_nothing(path: Path, read_case: Callable[[Path], Any]) -> None:
    case = read_case(path)
    made = assess(case.workload, case.estate, case.terms)
    whole = sum(t.price.monthly_pence for t in made.targets if t.price)
    assert made.monthly_pence == (None if made.unpriced else whole)


def test_an_assessor_that_fails_becomes_one_unknown_finding_that_names_it(read_case: Callable[[Path], Any]) -> None:
    case = read_case(FILES[0])

    def broken(*_: object) -> Any:
        raise ZeroDivisionError("by nought")

    made = assess(case.workload, case.estate, case.terms, (("broken", broken),))
    (finding,) = made.findings
    assert (finding.assessor, finding.effect.value, made.readiness.value) == ("broken", "unknown", "unknown")
    assert "broken" in finding.reason
    assert "ZeroDivisionError" in finding.reason


@pytest.mark.parametrize(("sku", "wanted"), [("GP_Gen5_4", None), ("sql-managed-instance/GP_Gen5_4", 50_000)])
def test_a_database_has_the_price_of_its_platform_and_never_that_of_a_machine_of_its_name(
    read_case: Callable[[Path], Any], sku: str, wanted: int | None
) -> None:
    case = read_case(next(f for f in FILES if f.stem == "replatform-own-database-server"))
    price = Price(sku, "uksouth", 50_000, date(2026, 11, 1), "a list")
    made = assess(case.workload, case.estate, replace(case.terms, knowledge=overlaid(case.terms.knowledge, [price])))
    (database,) = (t for t in made.targets if t.kind == "sql-managed-instance")
    assert (database.sku, database.price and database.price.monthly_pence) == ("GP_Gen5_4", wanted)
