"""Azure's built-in definitions and the controls that demand what they do: the file holds together, and leaves out none that is due."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from policies.catalogue import all_controls

HELD: dict[str, Any] = tomllib.loads(files("policies.knowledge").joinpath("definitions.toml").read_text("utf-8"))
DEFINITIONS: list[dict[str, Any]] = HELD["definition"]
MAP = Path(__file__).parents[2] / "../shared/data/frameworks/azure_policy_uk_mcsb_map.csv"
BUILT_IN = Path(__file__).parents[2] / "../shared/data/azure-policy/built-in-policies/policyDefinitions"


def test_every_definition_is_there_once_and_names_controls_or_says_why_not() -> None:
    assert [i for i, n in Counter(d["id"] for d in DEFINITIONS).items() if n > 1] == []
    assert [d["id"] for d in DEFINITIONS if not re.fullmatch(r"[0-9a-z]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", d["id"])] == []
    assert [d["id"] for d in DEFINITIONS if bool(d.get("controls")) == bool(d.get("why_none"))] == []


def test_definitions_name_controls_that_exist() -> None:
    known = {c.id for c in all_controls()}
    assert {c for d in DEFINITIONS for c in d.get("controls", ())} - known == set()


def test_every_definition_is_one_of_azures() -> None:
    if not BUILT_IN.is_dir():
        pytest.skip("../shared/data/azure-policy is not here: whether Azure has these definitions cannot be read")
    texts = [f.read_text("utf-8-sig") for f in BUILT_IN.rglob("*.json")]
    names = {m for t in texts for m in re.findall(r'"name": "([0-9a-z]{8}-[0-9a-f-]{27})"', t)}
    assert [d["id"] for d in DEFINITIONS if d["id"] not in names] == []


def test_every_definition_of_the_three_uk_initiatives_that_asks_the_resource_alone_is_there() -> None:
    if not MAP.is_file():
        pytest.skip("../shared/data/frameworks is not here: what the initiatives hold cannot be read")
    with MAP.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["static"] == "True"]
    uk = [r for r in rows if any(i in r["controls"] for i in ("CAF3.2", "CSP", "CE3.1"))]
    assert len(uk) == 61
    held = {d["id"] for d in DEFINITIONS}
    assert [f"{r['definitionId']} {r['displayName']}" for r in uk if r["definitionId"] not in held] == []
