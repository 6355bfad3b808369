"""What web applications may be written in is supported by its maker on the day the list was read."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path

import pytest

from stacks.components import web_runtimes

FILE = Path(web_runtimes.__file__).with_suffix(".toml")
LIFECYCLES = Path(__file__).parents[2] / "../shared/data/lifecycles/products.json"
PRODUCTS = {"dotnet": "dotnet", "node": "nodejs", "python": "python", "php": "php", "java": "microsoft-build-of-openjdk"}


def test_every_runtime_is_supported_and_runs_somewhere() -> None:
    read_on: date = tomllib.loads(FILE.read_text("utf-8"))["on"]
    for name, runtime in web_runtimes.runtimes().items():
        assert runtime.ends_on > read_on, name
        assert runtime.runs("web", "linux") or runtime.runs("web", "windows"), name
    assert any(r.runs("function", "linux") for r in web_runtimes.runtimes().values())


def test_support_ends_when_its_makers_say() -> None:
    if not LIFECYCLES.is_file():
        pytest.skip("../shared/data/lifecycles is not here: the ends of support cannot be compared")
    products = json.loads(LIFECYCLES.read_text("utf-8"))
    for name, runtime in web_runtimes.runtimes().items():
        product, _, cycle = name.partition("-")
        ends = {r["releaseCycle"]: r["eol"] for r in products[PRODUCTS[product]]["releases"]}
        assert ends[cycle] == runtime.ends_on.isoformat(), name
