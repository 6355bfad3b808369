"""Case files of controls: one file a case, `<unknown>` and `<secret>` stand for those values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from policies.model import SECRET, UNKNOWN, Subject, Verdict

CASES = Path(__file__).parents[1] / "cases" / "controls"
ON = date(2026, 11, 22)


@dataclass(frozen=True)
class Case:
    control: str
    name: str
    verdict: Verdict
    path: str
    subjects: tuple[Subject, ...]


def decoded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: decoded(v) for k, v in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [decoded(v) for v in cast("list[Any]", value)]
    return UNKNOWN if value == "<unknown>" else SECRET if value == "<secret>" else value


def subject(held: Mapping[str, Any]) -> Subject:
    plain = {k: decoded(v) for k, v in held.items() if k != "waits_on"}
    waits_on = {k: tuple(v) for k, v in cast("dict[str, list[str]]", held.get("waits_on", {})).items()}
    return Subject(**plain, waits_on=waits_on)


def read_case(file: Path) -> Case:
    held = json.loads(file.read_text("utf-8"))
    subjects = tuple(subject(s) for s in held["subjects"])
    return Case(file.parent.name, file.stem, Verdict(held["verdict"]), held.get("path", ""), subjects)


def all_cases() -> list[Case]:
    return [read_case(f) for f in sorted(CASES.glob("*/*.json"))]


@pytest.fixture(scope="session")
def cases() -> list[Case]:
    return all_cases()


@pytest.fixture(scope="session")
def on() -> date:
    return ON
