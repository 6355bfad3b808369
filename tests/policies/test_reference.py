"""The written pages agree with the controls."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from migration.runbooks.render import BY_HAND
from migration.steps.kinds import KINDS
from policies import layers
from policies.catalogue import all_controls, known_controls
from policies.errors import PoliciesError
from policies.frameworks import clauses_by_control, frameworks, parse_frameworks
from policies.knowledge import fact, portfolio_rules, runbook_rules
from policies.layers import Layer, layer
from policies.model import GoldenRule
from policies.reference import written

DOCS = Path(__file__).parents[2] / "docs"
DATA = Path(__file__).parents[2] / ".." / "shared" / "data" / "frameworks"


def test_the_reference_is_current() -> None:
    stale = [file.name for file, text in written().items() if file.read_text("utf-8") != text]
    assert stale == [], "Write it again: python -m policies.reference"


def test_the_golden_rules_name_only_controls_that_exist() -> None:
    text = (DOCS / "concepts" / "golden-rules.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+){2,})`", text))
    assert named
    assert named <= {c.id for c in all_controls()}


def test_a_clause_that_names_a_missing_control_is_a_fault() -> None:
    text = """
format = "cloud-unless/framework/1"
id = "f-1"
title = "F"
version = "1"
publisher = "P"
source = "s"
licence = "l"
read_on = 2026-01-01
mapping = "m"
[[clause]]
id = "1"
machine = "partly"
evidence = "Something."
title = "One"
controls = ["there-is-none", "nor-this"]
"""
    with pytest.raises(PoliciesError) as wrong:
        clauses_by_control(parse_frameworks([("f.toml", text)]), [])
    assert [f.split(": ")[1] for f in wrong.value.faults] == [
        f"there is no control {c}. Correct its id." for c in ("there-is-none", "nor-this")
    ]


def test_faults_of_frameworks_are_told_all_at_once() -> None:
    with pytest.raises(PoliciesError) as wrong:
        parse_frameworks([("a.toml", "["), ("b.toml", "id = 1")])
    assert wrong.value.faults[0].startswith("a.toml")
    assert len(wrong.value.faults) > 5


def test_frameworks_have_provenance_and_ids_with_their_version() -> None:
    for f in frameworks():
        assert f.id.endswith(f.version)
        assert f.source.startswith("https://")
        assert len({c.id for c in f.clause}) == len(f.clause)


def test_knowledge_is_not_stale() -> None:
    assert date.today() <= fact("stale_after"), "Read the sources of policies/knowledge/azure.toml again."  # noqa: DTZ011


@pytest.mark.parametrize(("framework", "file"), [("ncsc-caf-3.2", "caf32.txt"), ("ncsc-caf-4.0", "caf40.txt"), ("mcsb-1", "mcsb.txt")])
def test_clauses_are_those_that_were_published(framework: str, file: str) -> None:
    if not (DATA / file).is_file():
        pytest.skip("shared data is not here")
    published = {line.split("\t")[0] for line in (DATA / file).read_text("utf-8").splitlines() if line.strip()}
    assert {c.id for f in frameworks() if f.id == framework for c in f.clause} == published


POLICY = re.compile(r"Azure Policy ([0-9a-f]{8}-[0-9a-f-]{27})")
SHORT = {"CAF3.2": "ncsc-caf-3.2", "CE3.1": "cyber-essentials-3.3", "MCSB1": "mcsb-1", "CSP": "ncsc-cloud-security-principles-2022"}


def test_built_in_policies_that_controls_cite_exist() -> None:
    table = DATA / "azure_policy_uk_mcsb_map.csv"
    if not table.is_file():
        pytest.skip("shared data is not here")
    known = table.read_text("utf-8") + files("policies.knowledge").joinpath("definitions.toml").read_text("utf-8")
    sources = (Path(__file__).parents[2] / "policies" / "controls").glob("*.py")
    cited = {i for f in sources for i in POLICY.findall(f.read_text("utf-8"))}
    assert len(cited) >= 10
    assert [i for i in sorted(cited) if i not in known] == []


def test_every_golden_rule_has_a_section_on_its_page_and_a_control() -> None:
    text = (DOCS / "concepts" / "golden-rules.md").read_text("utf-8")
    sections = {line.removeprefix("## ").casefold() for line in text.splitlines() if line.startswith("## ")}
    assert {r.value for r in GoldenRule} <= sections
    assert {c.rule for c in all_controls()} == set(GoldenRule)


def test_each_layer_is_known_by_what_its_controls_judge() -> None:
    by_id = {c.id: c for c in all_controls()}
    held = {
        "storage-denies-public-access": Layer.RESOURCES,
        "inputs-hold-no-plain-secrets": Layer.RESOURCES,
        "dataset-has-owner": Layer.PORTFOLIO,
        "exception-is-in-date": Layer.PORTFOLIO,
        "runbook-is-as-compiled": Layer.RUNBOOKS,
    }
    assert {i: layer(by_id[i]) for i in held} == held
    assert {layer(c) for c in all_controls() if c.rule is GoldenRule.SECURE_BY_DESIGN} == set(Layer)


def test_the_table_of_layers_names_every_control_or_counts_them() -> None:
    table = [line for line in layers.PAGE.read_text("utf-8").split(layers.BEGIN)[1].split(layers.END)[0].splitlines() if "](#" in line]
    assert len(table) == len(GoldenRule)
    for rule, row in zip(GoldenRule, table, strict=True):
        for each, cell in zip(Layer, row.strip("|").split(" | ")[1:], strict=True):
            mine = [c.id for c in known_controls() if c.rule is rule and layer(c) is each]
            assert cell.strip().startswith(f"[{len(mine)} controls]") if len(mine) > 12 else all(f"[{i}]" in cell for i in mine)
            assert mine or "none" in cell


def test_a_stale_page_would_be_seen() -> None:
    """What is between the marks is written, whatever stood there; what is outside them is left alone."""
    assert layers.page() == layers.PAGE.read_text("utf-8")
    assert layers.page().split(layers.BEGIN)[0].startswith("# Golden rules")


def test_knowledge_of_portfolio_and_runbooks_is_not_stale() -> None:
    for facts in (portfolio_rules(), runbook_rules()):
        assert date.today() <= facts["stale_after"], "Read the sources of policies/knowledge again."  # noqa: DTZ011


def test_the_kinds_of_step_that_only_look_are_those_that_the_migration_says() -> None:
    """Policies may not read the migration's code, so they carry the list; this holds the two together."""
    assert set(runbook_rules()["looks_only"]) == {name for name, kind in KINDS.items() if not kind.changes}
    assert set(runbook_rules()["by_people"]) == set(BY_HAND)
