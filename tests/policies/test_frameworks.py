"""Frameworks: their faults all at once, and who answers for each clause."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

import policies.catalogue
from console.application import app
from policies.coverage import Covered, coverage, sums
from policies.errors import PoliciesError
from policies.frameworks import Framework, Machine, frameworks, parse_frameworks

HEAD = """
format = "cloud-unless/framework/1"
id = "f-1"
title = "F"
version = "1"
publisher = "P"
source = "https://example.org"
licence = "l"
read_on = 2026-01-01
mapping = "m"
"""
PART = '[[clause]]\nid = "{}"\ntitle = "T"\n'
SAID = 'machine = "{}"\nevidence = "{}"\ncontrols = {}\n'


def one(*clauses: str) -> Framework:
    (read,) = parse_frameworks([("f.toml", HEAD + "".join(clauses))])
    return read


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["frameworks", *arguments])


def test_a_clause_says_how_much_a_program_can_decide_and_what_people_owe() -> None:
    with pytest.raises(PoliciesError) as wrong:
        one(PART.format("1"), PART.format("2") + SAID.format("yes", "", "[]"), PART.format("3") + SAID.format("no", " ", '["c"]'))
    assert [f.split(":")[0] for f in wrong.value.faults] == [
        "f.toml, clause 1, key machine",
        "f.toml, clause 1, key evidence",
        "f.toml, clause 2, key evidence",
        "f.toml, clause 3, key evidence",
    ]


def test_faults_of_several_files_are_told_at_once() -> None:
    with pytest.raises(PoliciesError) as wrong:
        parse_frameworks([("a.toml", HEAD + PART.format("1")), ("b.toml", HEAD + PART.format("1") + SAID.format("maybe", "e", "[]"))])
    assert [f.split(",")[0] for f in wrong.value.faults] == ["a.toml", "a.toml", "b.toml"]


@pytest.mark.parametrize(
    ("heading", "clause", "is_above"),
    [
        ("A", "A1", True),
        ("A1", "A1.a", True),
        ("NS", "NS-1", True),
        ("3.1", "3.1.2", True),
        ("1", "10", False),
        ("A1", "A10", False),
        ("3.1", "3.14", False),
        ("A", "AB", False),
        ("A", "A", False),
        ("A", "BA1", False),
    ],
)
def test_a_heading_is_known_by_the_ids_that_go_on_from_its_own(heading: str, clause: str, is_above: bool) -> None:
    said = [PART.format(i) + SAID.format("no", "e", "[]") for i in dict.fromkeys((heading, clause))]
    read = one(*said)
    assert read.is_heading(read.clause[0]) is is_above


def test_who_answers_for_a_clause() -> None:
    read = one(
        PART.format("A") + 'controls = ["of-the-heading"]\n',
        PART.format("A1") + SAID.format("yes", "", '["c"]'),
        PART.format("A2") + SAID.format("partly", "e", '["c", "b"]'),
        PART.format("A3") + SAID.format("no", "e", "[]"),
        PART.format("B1") + SAID.format("partly", "e", "[]"),
        PART.format("B2") + SAID.format("yes", "e", "[]"),
    )
    held = coverage(read)
    assert [(c.clause, c.covered) for c in held] == [
        ("A1", Covered.CONTROLS),
        ("A2", Covered.BOTH),
        ("A3", Covered.PEOPLE),
        ("B1", Covered.NOT_YET),
        ("B2", Covered.NOT_YET),
    ]
    assert held[1].controls == ("b", "c", "of-the-heading")
    assert sums(held) == {Covered.CONTROLS: 1, Covered.BOTH: 1, Covered.PEOPLE: 1, Covered.NOT_YET: 2}


def test_no_clause_that_a_program_cannot_decide_points_at_a_control() -> None:
    wrong = [f"{f.id}:{c.id}" for f in frameworks() for c in f.clause if c.controls and c.machine is Machine.NO]
    assert wrong == [], "Write partly, and say what people still owe."


def test_evidence_is_told_in_a_sentence_that_is_not_the_title() -> None:
    for f in frameworks():
        assert [c.id for c in f.clause if c.evidence and (not c.evidence.endswith(".") or c.evidence == c.title)] == []
        assert [c.id for c in f.clause if not c.title and not f.id.startswith("cis-")] == []
        assert f.mapping


def test_the_frameworks_that_the_controls_are_for_are_there() -> None:
    assert {f.id for f in frameworks()} >= {
        "ncsc-cloud-security-principles-2022",
        "ncsc-caf-3.2",
        "ncsc-caf-4.0",
        "cyber-essentials-3.3",
        "government-secure-by-design-2026",
        "technology-code-of-practice-2021",
        "mcsb-1",
        "cis-azure-foundations-3.0.0",
    }


def test_no_text_of_the_cis_benchmark_is_here() -> None:
    (cis,) = (f for f in frameworks() if f.id.startswith("cis-"))
    assert {c.title for c in cis.clause} == {""}


def test_the_list_counts_each_framework() -> None:
    done = run("--json")
    assert done.exit_code == 0
    held = {f["id"]: f for f in json.loads(done.stdout)}
    assert set(held) == {f.id for f in frameworks()}
    assert held["ncsc-caf-4.0"]["clauses"] == 41
    assert "ncsc-caf-4.0" in run().output


def test_coverage_prints_controls_and_what_people_owe() -> None:
    done = run("coverage", "--framework", "government-secure-by-design-2026")
    assert done.exit_code == 0
    assert "2 Source secure technology products: people (a program can decide: no)" in done.output
    assert "people owe: What was looked into" in done.output
    assert "  controls: backups-are-immutable" in done.output
    assert "ncsc-caf" not in done.output
    held = json.loads(run("coverage", "-f", "mcsb-1", "--json").stdout)
    assert len(held) == 1
    assert sum(held[0]["sums"].values()) == len(held[0]["clauses"]) == 86
    assert len(json.loads(run("coverage", "--json").stdout)) == len(frameworks())


def test_a_framework_that_is_not_there_is_wrong_usage_and_names_those_that_are() -> None:
    done = run("coverage", "--framework", "ncsc-caf")
    assert done.exit_code == 2
    assert "There is no framework ncsc-caf. There are: cis-azure" in done.output


@pytest.mark.parametrize("arguments", [(), ("coverage",)])
def test_a_framework_that_names_a_missing_control_lets_nothing_be_told(monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    broken = one(PART.format("1") + SAID.format("partly", "e", '["there-is-none"]'))
    policies.catalogue.all_controls.cache_clear()
    monkeypatch.setattr(policies.catalogue, "frameworks", lambda: (broken,))
    try:
        done = run(*arguments)
    finally:
        policies.catalogue.all_controls.cache_clear()
    assert done.exit_code == 3
    assert "Framework f-1, clause 1: there is no control there-is-none. Correct its id." in done.output
