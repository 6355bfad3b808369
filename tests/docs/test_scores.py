"""Three scores of the reference estate, done again by hand from docs/concepts/scoring.md and held against the assessment."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from inventory.importing import estate_from_files
from inventory.model import Estate
from inventory.reference import files
from migration.assess import Terms, assess
from migration.facts import is_said
from migration.knowledge import load_knowledge
from migration.model import Assessment

PAGE = (Path(__file__).parents[2] / "docs/concepts/scoring.md").read_text("utf-8")
KNOWLEDGE = load_knowledge()
READINESS = {"blocks": "not ready", "unknown": "unknown", "condition": "ready with conditions", "none": "ready"}


@dataclass(frozen=True)
class Row:
    """One row of the page's table; sums as written."""

    workload: str
    worst: str
    readiness: str
    server: str
    vcpus: str
    gib: str
    size: str
    pence: str


def _rows() -> tuple[Row, ...]:
    table = PAGE.partition("## Three of Exampleborough")[2].partition("\n## ")[0]
    lines = [[c.strip(" `") for c in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("| `")]
    return tuple(Row(*line) for line in lines)


ROWS = _rows()


def _worked(written: str) -> tuple[float, float]:
    """What the left side of a sum comes to (products and quotients, from the left), and what the page says."""
    left, said = written.split("=")
    words = left.split()
    made = float(words[0])
    for sign, number in zip(words[1::2], words[2::2], strict=True):
        made = made * float(number) if sign == "x" else made / float(number)
    return made, float(said)


def _by_the_page(vcpus: float, gib: float) -> str:
    """The page's rule: the fewest vCPUs, then the least memory, then the series that stands first; burstable by its baseline."""
    fit = [
        (size.vcpus, size.memory_gib, at, size.name)
        for at, series in enumerate(s for s in KNOWLEDGE.series if s.role == "candidate")
        for size in series.sizes
        if size.memory_gib >= gib and size.vcpus * (size.baseline_percent or 100) / 100 >= vcpus
    ]
    return min(fit)[3]


@pytest.fixture(scope="module")
def estate() -> Estate:
    return estate_from_files(files(), date(2026, 11, 22))[0]


def _assessed(row: Row, estate: Estate) -> Assessment:
    return assess(estate.workload_by_id[row.workload], estate, Terms(date(2026, 11, 22), date(2027, 6, 30), "uksouth", 20, KNOWLEDGE))


def test_the_page_has_three_with_three_outcomes() -> None:
    assert [r.worst for r in ROWS] == ["none", "condition", "blocks"]


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.workload)
def test_the_sums_come_out_as_the_page_says(row: Row) -> None:
    for written, digits in ((row.vcpus, 2), (row.gib, 2), (row.pence, 0)):
        made, said = _worked(written)
        assert round(made, digits) == said, written


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.workload)
def test_the_size_follows_from_the_sums(row: Row) -> None:
    assert _by_the_page(_worked(row.vcpus)[0], _worked(row.gib)[0]) == row.size


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.workload)
def test_the_assessment_says_the_same(row: Row, estate: Estate) -> None:
    made = _assessed(row, estate)
    machine = next(t for t in made.targets if t.subject == row.server and t.kind == "virtual-machine")
    assert (machine.sku, machine.price.monthly_pence if machine.price else None) == (row.size, int(_worked(row.pence)[1]))
    assert (made.readiness.value, made.disposition.value, made.monthly_pence) == (row.readiness, "rehost", None)
    assert row.readiness == READINESS[row.worst]
    effects = {f.effect.value for f in made.findings}
    assert next(e for e in READINESS if e in effects or e == "none") == row.worst


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.workload)
def test_the_figures_are_the_estates_own(row: Row, estate: Estate) -> None:
    server = estate.server_by_id[row.server]
    cores, percent = re.match(r"(\d+) x ([\d.]+)", row.vcpus).groups()  # pyright: ignore[reportOptionalMemberAccess]
    gib, memory = re.match(r"(\d+) x ([\d.]+)", row.gib).groups()  # pyright: ignore[reportOptionalMemberAccess]
    assert (server.cpu_cores, server.memory_gb) == (int(cores), float(gib))
    months = [u for u in estate.utilisations_by_server[row.server] if (u.coverage_percent or 0) >= 75]
    assert math.isclose(max(u.cpu_p95_percent or 0 for u in months), float(percent), abs_tol=0.05)
    assert math.isclose(max(u.memory_p95_percent or 0 for u in months), float(memory), abs_tol=0.05)


def _cells(heading: str) -> list[list[str]]:
    table = PAGE.partition(heading)[2].partition("\n#")[0]
    return [[c.strip(" `") for c in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")]


SHARES = _cells("### Three scores by hand")


@pytest.mark.parametrize("column", [2, 3, 4], ids=SHARES[0][2:])
def test_each_score_of_the_page_is_the_sum_of_its_column_and_the_assessments(column: int, estate: Estate) -> None:
    *groups, total = SHARES[2:]
    points = sum(int(weight) * Fraction(shares[column - 2]) for _, weight, *shares in groups)
    score = math.floor(1000 * points / sum(int(row[1]) for row in groups)) / 10
    assert score == float(total[column])
    terms = Terms(date(2026, 11, 22), date(2027, 6, 30), "uksouth", 20, KNOWLEDGE)
    made = assess(estate.workload_by_id[SHARES[0][column]], estate, terms)
    assert made.score == score
    assert [_share(made, group, estate) for group, *_ in groups] == [Fraction(row[column]) for row in groups]


def test_the_weights_of_the_page_are_those_of_the_file() -> None:
    groups = [(g.id, str(g.weight)) for g in KNOWLEDGE.weights.groups]
    assert groups == [(row[0], row[1]) for row in _cells("## Score\n")[2:]] == [(row[0], row[1]) for row in SHARES[2:-1]]


def _share(made: Assessment, group_id: str, estate: Estate) -> Fraction:
    """The page's rule, apart from the program's."""
    group = next(g for g in KNOWLEDGE.weights.groups if g.id == group_id)
    elsewhere = {a for g in KNOWLEDGE.weights.groups for a in g.assessors}
    mine = {
        f.effect.value for f in made.findings if (f.assessor in group.assessors or (group_id == "other" and f.assessor not in elsewhere))
    }
    workload = estate.workload_by_id[made.workload_id]
    return _worst(mine, [is_said(fact, workload, estate) for fact in group.facts])


def _worst(effects: set[str], said: Sequence[bool]) -> Fraction:
    if effects & {"blocks", "unknown"} or not all(said):
        return Fraction(0)
    return Fraction(1, 2) if "condition" in effects else Fraction(1)
