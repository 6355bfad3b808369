"""The weight of each kind of change, and what to do before it, from advice.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Advice:
    """How a change weighs, and what to do first; "" where there is nothing to do."""

    weight: str
    first: str = ""


@cache
def rules() -> Mapping[str, Advice]:
    """Every rule by its name."""
    said: Mapping[str, Mapping[str, str]] = _held()["rule"]
    return {name: Advice(rule["weight"], rule.get("first", "")) for name, rule in said.items()}


def advice(rule: str) -> Advice:
    """One rule's."""
    return rules()[rule]


@cache
def strengths() -> Mapping[str, int]:
    """Effects by compared name: 0 does nothing, 1 reports, 2 changes resources, 3 refuses."""
    said: Mapping[str, int] = _held()["strength"]["of"]
    return {name.lower(): strength for name, strength in said.items()}


@cache
def _held() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("advice.toml").read_text("utf-8"))
