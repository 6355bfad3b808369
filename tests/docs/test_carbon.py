"""The example of docs/concepts/carbon.md: every sum on the page comes to what it says, and to what the code makes of the same facts."""

from __future__ import annotations

import ast
import re
from datetime import date
from pathlib import Path

import pytest

from inventory.model import Estate, Server, Utilisation, Workload
from migration.carbon import Range, reckon
from migration.carbon.busy import busy_of
from migration.knowledge import load_knowledge
from migration.model import Assessment, Disposition, Readiness, Target
from migration.terms import Terms

PAGE = (Path(__file__).parents[2] / "docs/concepts/carbon.md").read_text("utf-8")
EXAMPLE = PAGE.partition("## One to recompute by hand")[2].partition("\n## ")[0]
ON = date(2026, 11, 25)


def _rows() -> list[tuple[str, str, str]]:
    cells = [[c.strip(" *") for c in line.strip("|").split("|")] for line in EXAMPLE.splitlines() if line.startswith("| ")]
    return [(a, b, c) for a, b, c in cells[1:]]


def _value(node: ast.expr) -> float:
    """Of a sum in the four rules."""
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left), _value(node.right)
        results: dict[type[ast.operator], float] = {
            ast.Add: left + right,
            ast.Sub: left - right,
            ast.Mult: left * right,
            ast.Div: left / right,
        }
        return results[type(node.op)]
    assert isinstance(node, ast.Constant)
    assert isinstance(node.value, int | float)
    return node.value


def _said(cell: str) -> float:
    return float(cell.rpartition("=")[2])


@pytest.mark.parametrize("cell", [cell for _, *both in _rows() for cell in both])
def test_every_sum_comes_to_what_the_page_says(cell: str) -> None:
    sum_, _, result = cell.rpartition("=")
    digits = len(result.strip().partition(".")[2])
    assert _value(ast.parse(sum_.replace("x", "*").strip(), mode="eval").body) == pytest.approx(float(result), abs=0.6 * 10**-digits)


def test_the_page_is_what_the_code_makes_of_its_facts() -> None:
    given = re.search(r"has (\d+) vCPUs and (\d+) GB.* at (\d+) % in the median, (\d+) % at p95, (\d+) % at p99 and (\d+) %", EXAMPLE)
    assert given
    vcpus, stored, *percents = (int(g) for g in given.groups())
    sku = re.findall(r"`(Standard_\w+)`", EXAMPLE)[0]
    p50, p95, p99, most = percents
    day = date(2026, 10, 1)
    used = Utilisation("s", day, cpu_p50_percent=p50, cpu_p95_percent=p95, cpu_p99_percent=p99, cpu_max_percent=most)
    server = Server("s", "s", cpu_cores=vcpus, memory_gb=8, storage_gb=stored)
    estate = Estate((server,), (used,), workloads=(Workload("w", "W", server_ids=("s",)),))
    targets = (Target("s", "managed-disk", "", "uksouth", stored, None, ""), Target("s", "virtual-machine", sku, "uksouth", 0, None, ""))
    made = Assessment("w", ON, Readiness.READY, Disposition.REHOST, "", (), targets)
    (held,) = reckon([made], estate, Terms(ON, ON, "uksouth", 20, load_knowledge())).workloads
    use = busy_of([used])
    moved = use.on(2, vcpus)
    cpu, disks = (d.watts for d in held.now.draws)
    disks_after, cpu_after = (d.watts for d in held.after.draws)
    columns = [
        (use.low, use.high),
        *map(_ends, (cpu, disks, held.now.energy_kwh, held.now.carbon_kg)),
        (moved.low, moved.high),
        *map(_ends, (cpu_after, disks_after, held.after.energy_kwh, held.after.carbon_kg)),
    ]
    for (what, low, high), ends in zip(_rows(), columns, strict=True):
        assert (_said(low), _said(high)) == pytest.approx(ends, abs=6e-4), what


def test_the_page_lists_every_publisher_of_the_grid() -> None:
    listed = {name: float(kg) for name, kg in re.findall(r"^\| `([a-z0-9-]+)` \| ([\d.]+) \|$", PAGE, re.MULTILINE)}
    assert listed == {g.id: g.kg_per_kwh for g in load_knowledge().carbon.grids}
    assert list(listed.values()) == sorted(listed.values())


def _ends(held: Range) -> tuple[float, float]:
    return held.low.value, held.high.value
