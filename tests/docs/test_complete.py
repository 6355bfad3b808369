"""The pages are complete: what the code has is on them, and what they name is in the code."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from enum import StrEnum
from itertools import chain
from pathlib import Path

import pytest

from inventory.model import Fault
from inventory.spreadsheets.layouts import layouts
from migration.journal import Record
from migration.model import Assessment, Disposition, Finding, Readiness
from migration.runbooks.model import Phase, Runbook, Step
from migration.runbooks.places import ShareTargets
from migration.steps.endpoints import BlobPlace, S3Place
from policies.catalogue import all_controls
from policies.frameworks import frameworks
from policies.model import Verdict

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FILES = (DOCS / "reference/files.md").read_text("utf-8")
KNOWLEDGE = sorted(p for p in ROOT.glob("*/knowledge/*.toml") if ".venv" not in p.parts)
# Files that only the program's own authors edit; each describes itself.
OWN_DATA = ("framework", "planted", "dynamics-")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", KNOWLEDGE, ids=_name)
def test_every_file_of_knowledge_has_sources_and_a_day_on_which_it_is_stale(file: Path) -> None:
    held = tomllib.loads(file.read_text("utf-8"))
    assert "stale_after" in held
    assert re.search(r"^\s*source\b|\bsource = ", file.read_text("utf-8"), re.MULTILINE)


def test_every_framework_says_where_and_when_it_was_read() -> None:
    assert [f.id for f in frameworks() if not (f.source and f.read_on and f.mapping)] == []


def test_the_golden_rules_name_only_controls_that_exist() -> None:
    page = (DOCS / "concepts/golden-rules.md").read_text("utf-8")
    ids = {c.id for c in all_controls()}
    named = {n for n in re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+){2,})`", page) if not n.startswith(("show-", "policy-"))}
    assert named
    assert named <= ids


def test_every_framework_and_clause_that_a_page_names_exists() -> None:
    clauses = {f.id: {c.id for c in f.clause} for f in frameworks()}
    stems = "|".join(sorted({re.sub(r"-[\d.]+$", "", i) for i in clauses}))
    wrong: list[str] = []
    for page in (ROOT / "README.md", *DOCS.rglob("*.md")):
        for framework, clause in re.findall(rf"\b((?:{stems})-\d+(?:\.\d+)*)(?::([A-Za-z0-9.-]*[A-Za-z0-9]))?", page.read_text("utf-8")):
            if framework not in clauses or (clause and clause not in clauses[framework]):
                wrong.append(f"{_name(page)}: {framework}:{clause}")
    assert not wrong


def test_the_changelog_keeps_its_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert text.startswith("# Changelog\n")
    assert "https://keepachangelog.com/" in text
    versions = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert versions[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", v) for v in versions[1:])
    parts = set(re.findall(r"^### (.*)$", text, re.MULTILINE))
    assert parts <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_page_of_benchmarks_has_a_row_for_each_benchmark_and_no_other() -> None:
    rows = [line for line in (DOCS / "benchmarks.md").read_text("utf-8").splitlines() if line.startswith("|")][2:]
    measured = {name for row in rows for name in re.findall(r"benchmarks/(\w+\.py)", row)}
    assert measured == {p.name for p in (ROOT / "benchmarks").glob("*.py") if not p.name.startswith("_")}


def test_every_layout_of_the_headings_is_on_a_page() -> None:
    pages = FILES + (DOCS / "guides/import.md").read_text("utf-8")
    assert [name for name in layouts() if f"`{name}`" not in pages and f"| {name} |" not in pages] == []


def test_every_format_that_is_written_or_read_is_described() -> None:
    code = chain.from_iterable((ROOT / room).rglob("*.py") for room in ("console", "inventory", "migration", "policies", "stacks"))
    formats = {f for p in code if p.parent.name != "knowledge" for f in re.findall(r"cloud-unless/[a-z-]+/\d+", p.read_text("utf-8"))}
    ours = {f for f in formats if not f.split("/")[1].startswith(OWN_DATA) and not f.split("/")[1].endswith("knowledge")}
    assert sorted(f for f in ours if f not in FILES) == []


@pytest.mark.parametrize("record", [Assessment, Finding, Fault, Step, Record], ids=lambda r: r.__name__)
def test_every_field_of_what_is_written_is_on_the_page_of_files(record: type) -> None:
    assert [f.name for f in dataclasses.fields(record) if not re.search(rf"\b{f.name}\b", FILES)] == []


def test_every_field_of_a_runbook_and_of_the_targets_is_on_the_page_of_files() -> None:
    names = {f.name for f in dataclasses.fields(Runbook)} | set(ShareTargets.model_fields) | set(S3Place.model_fields)
    assert sorted(n for n in names | set(BlobPlace.model_fields) if not re.search(rf"\b{n}\b", FILES)) == []


@pytest.mark.parametrize("words", [Readiness, Disposition, Verdict, Phase], ids=lambda e: e.__name__)
def test_the_words_of_the_code_are_in_the_glossary(words: type[StrEnum]) -> None:
    page = (DOCS / "concepts/words.md").read_text("utf-8")
    assert [w.value for w in words if w.value not in page] == []


def test_the_index_leads_to_every_page() -> None:
    index = (DOCS / "README.md").read_text("utf-8")
    pages = {p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md")} - {"README.md"}
    assert sorted(p for p in pages if f"({p})" not in index) == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 110
