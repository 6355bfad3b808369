"""A case file as a workload, its estate and the terms of an assessment."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from inventory.model import (
    Database,
    Dataset,
    Dependency,
    Estate,
    ExceptionEntry,
    Interface,
    Server,
    Share,
    Source,
    Utilisation,
    Workload,
)
from migration.assess import Terms
from migration.knowledge import Knowledge, load_knowledge
from migration.overrules import Overrule
from migration.questionnaires.answers import Given, Sheet
from migration.questionnaires.read import read_questionnaire

ON, CUTOVER = date(2026, 11, 22), date(2027, 6, 30)
PARTS: dict[str, tuple[str, Any]] = {
    "server": ("servers", Server),
    "utilisation": ("utilisations", Utilisation),
    "database": ("databases", Database),
    "share": ("shares", Share),
    "workload": ("workloads", Workload),
    "dependency": ("dependencies", Dependency),
    "interface": ("interfaces", Interface),
    "dataset": ("datasets", Dataset),
    "exception": ("exceptions", ExceptionEntry),
}


@dataclass(frozen=True)
class Case:
    workload: Workload
    estate: Estate
    terms: Terms
    expect: list[dict[str, Any]]
    expected: dict[str, Any]


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture
def terms(knowledge: Knowledge) -> Terms:
    return Terms(ON, CUTOVER, "uksouth", 20, knowledge)


@pytest.fixture
def read_case(knowledge: Knowledge) -> Callable[[Path], Case]:
    return lambda path: case_of(path, knowledge)


def case_of(path: Path, knowledge: Knowledge) -> Case:
    held = tomllib.loads(path.read_text("utf-8"))
    parts: dict[str, Any] = {name: tuple(_record(kind, row) for row in held.get(key, [])) for key, (name, kind) in PARTS.items()}
    estate = Estate(**parts)
    terms = Terms(
        held.get("on", ON),
        held.get("cutover_on", CUTOVER),
        held.get("region", "uksouth"),
        20,
        knowledge,
        overrules={o["workload"]: Overrule.model_validate(o) for o in held.get("overrule", [])},
        percentile=held.get("percentile", 95),
        headrooms=held.get("headroom", {}),
    )
    sheets = {estate.workloads[0].id: tuple(_sheet(estate.workloads[0].id, row) for row in held.get("sheet", []))}
    return Case(estate.workloads[0], estate, replace(terms, sheets=sheets), held.get("expect", []), held)


def _sheet(workload_id: str, row: dict[str, Any]) -> Sheet:
    """A questionnaire (small.yaml, else the row's) with the row's answers, all of one person, day and document."""
    name = row.get("questionnaire", "small.yaml")
    asked = read_questionnaire(Path(__file__).parents[2] / "cases/questionnaires" / name, f"questionnaires-{name}")
    day = date(2026, 11, 20)
    given = {
        q: Given(q, said, "A. Architect", day, "a letter") for q, said in row.items() if q not in ("red_blocks", "questionnaire", "refused")
    }
    return Sheet(
        workload_id,
        replace(asked, red_blocks=row.get("red_blocks", False)),
        given,
        (),
        f"{workload_id}.small.toml",
        frozenset(row.get("refused", ())),
    )


def _record(kind: Any, row: dict[str, Any]) -> Any:
    """A record whose every stated field has a source, as an import gives it, so that a case can say `from` which fields it is told."""
    named = {"name": row["id"], **row} if "id" in row and kind is not ExceptionEntry else row
    sources = {f: Source("case", "case.toml", "", 1, f, ON) for f in row if f != "sources"}
    return TypeAdapter(kind).validate_python({**named, "sources": {**sources, **row.get("sources", {})}})
