"""The table of disks on docs/concepts/scoring.md: its sums, and what the code chooses for the same needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migration.disks import DiskNeed, choices
from migration.knowledge import load_knowledge

PAGE = (Path(__file__).parents[2] / "docs/concepts/scoring.md").read_text("utf-8").partition("### Disks")[2].partition("\n## ")[0]
ROWS = [[c.strip() for c in line.strip("|").split("|")] for line in PAGE.splitlines() if re.match(r"\| \d", line)]


def _needed(cell: str) -> float | None:
    """The result of `1,500 x 1.2 = 1,800`, once the sum is right."""
    if cell == "not measured":
        return None
    left, times, result = (float(n) for n in re.findall(r"[\d.]+", cell.replace(",", "")))
    assert left * times == pytest.approx(result)
    return result


@pytest.mark.parametrize("row", ROWS, ids=lambda r: " ".join(r[:3]))
def test_each_row_is_what_the_code_chooses(row: list[str]) -> None:
    stored, iops, mbps, *chosen = row
    need = DiskNeed(float(stored.removesuffix(" GB")), _needed(iops), _needed(mbps))
    for production, said in zip((True, False), chosen, strict=True):
        size = choices(need, load_knowledge().disks, production=production)[0].size
        assert said == f"{size.name}: {size.gib:,} GiB, {size.iops:,}, {size.mbps}"


def test_the_table_has_rows() -> None:
    assert len(ROWS) == 4
