"""The figures of the guide are what the meters come to; how many there are of each was rehearsed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from migration.metering.bill import Prices, bill
from migration.metering.load import QUANTITIES, load_meters
from migration.metering.model import Meter, Resource

PAGE = (Path(__file__).parents[2] / "docs/guides/what-each-tier-costs.md").read_text("utf-8")
METERS = load_meters()


def _rows() -> list[list[str]]:
    lines = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")]
    return lines[2:]


def _pence(pounds: str) -> int:
    return int(re.sub(r"[£,.]", "", pounds))


def _inputs(meter: Meter) -> dict[str, Any]:
    held: dict[str, Any] = {}
    for path, value in meter.where.items():
        *above, last = path.split(".")
        inner = held
        for key in above:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return held


def _no_size(size: str, region: str) -> None:
    """No size of machine is in the table."""


def _each(title: str) -> int:
    meter = next(m for m in METERS.meter if m.title == title)
    found = bill([Resource("it", meter.token, "uksouth", _inputs(meter))], Prices(METERS, _no_size))
    return next(c.monthly_pence for c in found.charges if c.title == title)


def test_every_charge_of_the_guide_is_what_its_meter_comes_to() -> None:
    rows = [r for r in _rows() if r[1]]
    assert len(rows) == 9
    assert [_pence(r[1]) for r in rows] == [_each(r[0]) for r in rows]


def test_the_sums_of_the_guide_are_those_of_its_rows() -> None:
    rows = [r for r in _rows() if r[1]]
    told = next(r for r in _rows() if r[0] == "at least")
    assert [_pence(c) for c in told[2:]] == [sum(_pence(r[1]) * int(r[i]) for r in rows) for i in (2, 3, 4)]


def test_the_quantities_of_the_guide_are_those_that_can_be_said() -> None:
    shown = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert shown
    held = tomllib.loads(shown[1])
    assert held["format"] == QUANTITIES
    assert list(held["quantities"]) == [q.id for q in METERS.quantity if q.id != "always-on"]
