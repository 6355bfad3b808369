"""The pack gives the verdicts of `unless check`: started as Pulumi starts it, driven over Pulumi's analyzer protocol with no CLI."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from policies.analyzer.judge import resource_controls
from policies.evaluate import evaluate
from policies.model import SECRET, UNKNOWN, Portfolio, Severity, Subject, Verdict
from policies.read.resources import plain_type
from policies.waivers import london_day
from tests.policies.analyzer_engine import PLAIN_SECRET, RULES, Engine, running, said

CONTROLS = resource_controls()
SEVERITIES = {c.id: c.severity for c in CONTROLS}
BAD = (Verdict.FAIL, Verdict.UNKNOWN)
ACCOUNT = "azure-native:storage:StorageAccount"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with running() as started:
        yield started


@pytest.fixture(autouse=True)
def unset(request: pytest.FixtureRequest) -> None:
    """Every test of the shared pack begins with its own settings."""
    if "engine" in request.fixturenames:
        request.getfixturevalue("engine").configure()


def account(name: str = "a", **inputs: Any) -> Subject:
    return Subject("resource", ACCOUNT, f"urn:pulumi:s::p::{ACCOUNT}::{name}", name, inputs)


def test_it_says_what_check_says_of_every_resource_case(engine: Engine, cases: list[Any]) -> None:
    different: list[str] = []
    on = london_day(datetime.now(UTC))  # the pack judges as on the day
    for case in cases:
        if any(s.kind != "resource" for s in case.subjects):
            continue
        subjects = tuple(replace(s, type=plain_type(s.type)) for s in case.subjects)  # as everything that reads them has it
        judged = [j for j in evaluate(Portfolio(subjects, on, SEVERITIES), CONTROLS) if j.answer.verdict in BAD]
        wanted = {(j.control.id, j.subject.id, j.answer.verdict.value, j.control.mandatory) for j in judged}
        found = {(s.control, s.subject, s.verdict, s.stops) for s in engine.stack(case.subjects) if s.control != RULES}
        different += [f"{case.control}/{case.name}: {d}" for d in wanted ^ found]
    assert different == []


def test_it_is_one_policy_for_each_control_and_one_for_itself(engine: Engine) -> None:
    told = engine.info()
    assert {p.name for p in told.policies} == {RULES, *SEVERITIES}
    levels = {p.name: bool(p.enforcementLevel) for p in told.policies}
    assert levels == {RULES: True, **{c.id: c.mandatory for c in CONTROLS}}
    kinds = {p.name: p.policy_type for p in told.policies}
    assert all(kinds[c.id] == (2 if c.looks_around else 1) for c in CONTROLS)
    assert [p.name for p in told.policies if not p.description] == []
    assert told.supportsConfig


def test_one_judgement_names_everything_a_person_needs(engine: Engine) -> None:
    (found,) = [d for d in engine.one(account(allowSharedKeyAccess=True)).diagnostics if d.policyName == "storage-denies-shared-keys"]
    control = next(c for c in CONTROLS if c.id == found.policyName)
    assert found.message.split("\n") == [
        control.title,
        "fail: allowSharedKeyAccess is true; it must be false.",
        f"Remedy: {control.remedy}",
        f"Clauses: {', '.join(control.clauses)}",
    ]
    assert found.urn == account().id


def test_an_unknown_stops_a_preview_and_stays_an_unknown(engine: Engine) -> None:
    found = {s.control: s for s in engine.stack([account(publicNetworkAccess=UNKNOWN)])}
    told = found["storage-denies-public-access"]
    assert (told.verdict, told.stops) == ("unknown", True)
    assert told.reason == "Cannot tell: publicNetworkAccess is unknown (it is not known before deployment)."


def test_no_secret_is_in_any_answer(engine: Engine, cases: list[Any]) -> None:
    held = [s for c in cases for s in c.subjects if s.kind == "resource" and "SECRET" in repr(_marked(s.inputs))]
    assert held
    for subject in held:
        assert PLAIN_SECRET not in str(engine.one(subject))
    assert PLAIN_SECRET not in str(engine.all(held))


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _marked(v) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list):
        return [_marked(v) for v in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return "SECRET" if value is SECRET else value


def test_what_does_not_apply_is_said_so_that_nobody_counts_it_as_passed(engine: Engine) -> None:
    answer = engine.one(account(kind="StorageV2"))
    about = {c.id for c in CONTROLS if not c.looks_around and ("*" in c.types or ACCOUNT in c.types)}
    idle = {n.policy_name for n in answer.not_applicable}
    early = {c.id for c in CONTROLS if not c.looks_around}
    assert early - about <= idle
    failed = {d.policyName for d in answer.diagnostics}
    assert not failed & idle
    assert early - idle - failed, "something passes, so that this test tells"


def test_what_is_only_read_is_another_s_and_is_left_out(engine: Engine) -> None:
    engine.begin()
    vault = Subject("resource", "azure-native:keyvault:Vault", "urn:pulumi:s::p::azure-native:keyvault:Vault::v", "v", {})
    engine.one(account())
    told = {said(d).subject for d in engine.all([account(), vault]).diagnostics}
    assert vault.id not in told


def test_an_engine_that_asks_only_at_the_end_is_told_everything(engine: Engine) -> None:
    engine.begin()
    found = {d.policyName for d in engine.all([account()]).diagnostics}
    assert "storage-denies-shared-keys" in found


def test_resources_that_no_control_knows_stop_the_deployment(engine: Engine) -> None:
    bucket = Subject("resource", "aws:s3/bucket:Bucket", "urn:pulumi:s::p::aws:s3/bucket:Bucket::b", "b", {})
    found = [s for s in engine.stack([bucket]) if s.control == RULES]
    assert [(s.subject, s.stops) for s in found] == [("", True)]
    assert "1 resource of the package aws" in found[0].message


def test_a_component_of_any_package_is_nothing_in_the_cloud(engine: Engine) -> None:
    group = Subject("resource", "awsx:ec2:Vpc", "urn:pulumi:s::p::awsx:ec2:Vpc::v", "v", {}, is_component=True)
    assert [s for s in engine.stack([group, account()]) if s.control == RULES] == []


def test_a_program_that_asks_for_nothing_more_is_not_stopped(engine: Engine) -> None:
    stack = Subject("resource", "pulumi:pulumi:Stack", "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", "p-s", {}, is_component=True)
    provider = Subject("resource", "pulumi:providers:aws", "urn:pulumi:s::p::pulumi:providers:aws::default", "default", {})
    assert engine.stack([stack, provider]) == set()


@pytest.mark.parametrize("environment", ["production", "test", "development"])
def test_an_environment_lowers_what_is_not_grave_and_never_what_is_critical(engine: Engine, environment: str, cases: list[Any]) -> None:
    engine.configure({RULES: {"environment": environment}})
    subjects = [s for c in cases for s in c.subjects if s.kind == "resource" and c.verdict in BAD]
    found = {(d.policyName, d.enforcementLevel) for s in subjects for d in engine.one(s).diagnostics}
    grave = {Severity.CRITICAL, Severity.HIGH} if environment != "production" else set(Severity)
    assert found == {(name, int(c.mandatory and c.severity in grave)) for name, _ in found for c in CONTROLS if c.id == name}
    assert {SEVERITIES[name] for name, _ in found} == set(Severity)


def test_an_advisory_control_can_be_raised(engine: Engine, cases: list[Any]) -> None:
    advice = {c.id for c in CONTROLS if not c.mandatory and not c.looks_around}
    case = next(c for c in cases if c.control in advice and c.verdict is Verdict.FAIL)
    levels: list[bool] = []
    for raised in ({}, {case.control: "mandatory"}):
        engine.configure(levels=raised)
        levels += [d.enforcementLevel == 1 for s in case.subjects for d in engine.one(s).diagnostics if d.policyName == case.control]
    assert levels == [False, True]


def register(folder: Path, approved: date, expires: date, more: str = "", control: str = "storage-denies-shared-keys") -> str:
    file = folder / "exceptions.toml"
    file.write_text(
        f"""format = "cloud-unless/exceptions/1"
[[exception]]
id = "EX-1"
controls = ["{control}"]
subjects = ["a"]
requester = "Highways systems manager"
approver = "Chief Information Officer"
approved_on = {approved}
expires_on = {expires}
category = "time to mend"
rationale = "The old forms sign in with a key until they are moved."
options = [{{ name = "Keep the key", five_year_cost_pence = 0 }}, {{ name = "Move now", five_year_cost_pence = 900_000 }}]
risk = "Whoever has the key reads the forms."
compensating_controls = ["The key is changed every month."]
review_on = {approved}
exit_plan = "The forms move in June."
evidence = ["Minute 3 of the Digital Board"]
{more}
""",
        encoding="utf-8",
    )
    return str(file)


def test_an_exception_in_force_waives_and_is_not_counted_as_passed(engine: Engine, tmp_path: Path) -> None:
    on = london_day(datetime.now(UTC))
    ends = on + timedelta(days=60)
    engine.configure({RULES: {"exceptions": register(tmp_path, on - timedelta(days=30), ends)}})
    answer = engine.one(account(allowSharedKeyAccess=True))
    assert "storage-denies-shared-keys" not in {d.policyName for d in answer.diagnostics}
    reasons = {n.policy_name: n.reason for n in answer.not_applicable}
    assert reasons["storage-denies-shared-keys"] == f"Exception EX-1 waives this until {ends}."


@pytest.mark.parametrize(
    ("years", "more", "failing"),
    [
        (73, "", "exception-expires-within-its-cap"),
        (0, "renewals_before = 3", "exception-is-renewed-few-times"),
        (0, 'azure = [{ assignment = "a", scope = "council" }]', "exception-is-narrow"),
    ],
)
def test_an_exception_that_fails_its_own_controls_waives_nothing_here(
    engine: Engine, tmp_path: Path, years: int, more: str, failing: str
) -> None:
    """Pulumi shows nobody the verdicts on the register, so such an entry would waive unseen."""
    on = london_day(datetime.now(UTC))
    engine.configure({RULES: {"exceptions": register(tmp_path, on, on + timedelta(days=30 + 365 * years), more)}})
    (found,) = [d for d in engine.one(account(allowSharedKeyAccess=True)).diagnostics if d.policyName == "storage-denies-shared-keys"]
    assert f"Exception EX-1 waives nothing: it fails {failing}." in found.message.split("\n")


def test_an_exception_that_expired_waives_nothing_and_the_judgement_says_so(engine: Engine, tmp_path: Path) -> None:
    engine.configure({RULES: {"exceptions": register(tmp_path, date(2025, 1, 1), date(2025, 6, 30))}})
    (found,) = [d for d in engine.one(account(allowSharedKeyAccess=True)).diagnostics if d.policyName == "storage-denies-shared-keys"]
    assert "Exception EX-1 no longer waives this: it expired on 2025-06-30." in found.message.split("\n")


def test_what_looks_around_and_is_waived_is_not_counted_as_passed_either(engine: Engine, tmp_path: Path, cases: list[Any]) -> None:
    around = {c.id for c in CONTROLS if c.looks_around}
    case = next(c for c in cases if c.control in around and c.verdict is Verdict.FAIL and len(c.subjects) == 1)
    engine.begin()
    engine.one(case.subjects[0])
    assert case.control in {d.policyName for d in engine.all(case.subjects).diagnostics}
    on = london_day(datetime.now(UTC))
    ends = on + timedelta(days=20)
    named = register(tmp_path, on - timedelta(days=5), ends, control=case.control)
    Path(named).write_text(Path(named).read_text("utf-8").replace('["a"]', f'["{case.subjects[0].name}"]'), "utf-8")
    engine.configure({RULES: {"exceptions": named}})
    answer = engine.all(case.subjects)
    assert case.control not in {d.policyName for d in answer.diagnostics}
    assert f"Exception EX-1 waives this until {ends}." in {n.reason for n in answer.not_applicable if n.policy_name == case.control}
