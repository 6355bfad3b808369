from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migration.assess import assess
from migration.assessors import ASSESSORS
from migration.knowledge.load import FILES

PAGE = (Path(__file__).parents[3] / "docs/concepts/scoring.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", range(len(EXAMPLES)))
def test_each_example_of_the_page_comes_out_as_it_says(example: int, tmp_path: Path, read_case: Callable[[Path], Any]) -> None:
    file = tmp_path / "example.toml"
    file.write_text(EXAMPLES[example], encoding="utf-8")
    case = read_case(file)
    made = assess(case.workload, case.estate, case.terms)
    assert (made.readiness, made.disposition) == (case.expected["readiness"], case.expected["disposition"])
    assert made.monthly_pence == case.expected.get("monthly_pence")
    sizes = [{"subject": t.subject, "sku": t.sku} for t in made.targets if t.kind == "virtual-machine"]
    assert sizes == case.expect


def test_the_page_has_three_examples_and_names_every_assessor_and_every_file() -> None:
    assert len(EXAMPLES) == 3
    assert not [name for name, _ in ASSESSORS if f"| `{name}` |" not in PAGE]
    assert not [name for name in FILES if f"| `{name}.toml` |" not in PAGE]


def test_the_sums_of_the_page_are_right() -> None:
    for left, right in (("8 x 30 / 100 x 1.2", "2.88"), ("32 x 40 / 100 x 1.2", "15.36")):
        assert f"{left} = {right}" in PAGE
        assert eval(left.replace("x", "*")) == pytest.approx(float(right))  # noqa: S307 - the page's own sum
