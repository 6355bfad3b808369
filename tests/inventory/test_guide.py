from __future__ import annotations

import re
from pathlib import Path

import pytest

from inventory.spreadsheets.layouts import layouts, meanings

ROOT = Path(__file__).parents[2]


def test_the_guide_names_every_layout_and_what_it_must_have() -> None:
    guide = (ROOT / "docs/guides/import.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \|[^|]*\|([^|]*)\|$", guide, re.MULTILINE)
    held = {name: [h.strip() for h in headings.split(",") if h.strip()] for name, headings in rows}
    assert held == {name: [layout.fields[f].headings[0] for f in layout.needs] for name, layout in layouts().items()}


@pytest.mark.parametrize("name", [n for n, held in layouts().items() if held.fields and not n.startswith(("rvtools", "azure"))])
def test_the_headings_that_the_reference_lists_are_those_that_are_read(name: str) -> None:
    reference = (ROOT / "docs/reference/files.md").read_text("utf-8")
    (line,) = re.findall(rf"^\| {name} \|([^|]*)\|$", reference, re.MULTILINE)
    listed = [h.strip() for h in line.split(",")]
    read = {meant.rule.name for h in listed if (meant := meanings(h).get(name)) and meant.rule}
    assert len(read) == len(listed)
    optional = {"application", "disks", "network_cards", "os_version"} if name == "servers" else set[str]()
    assert read == set(layouts()[name].fields) - optional
