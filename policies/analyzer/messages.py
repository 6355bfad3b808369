# pyright: reportUnknownMemberType=false
"""Judgements as diagnostics of Pulumi: one a breach. What did not apply or is waived is said as such: the engine counts the rest as passed.

An answer stays well below 4 MiB, the most that Pulumi's language host takes from a pack: its connection to us keeps gRPC's default
(pulumi/pulumi sdk/policy_proxy.go, read 2026-11-25). What does not fit is told by number, and stops if any of it would.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from pulumi.runtime.proto import analyzer_pb2

from policies.analyzer.judge import Judged, by_itself, resource_controls
from policies.analyzer.settings import RULES, Level, Settings, declared, schema
from policies.model import Control, Judgement, Severity, Verdict

NAME: Final = "cloud-unless"
_LARGEST_BYTES: Final = 3_000_000
_LONGEST: Final = 4_000
_SEVERITIES: Final = {
    Severity.CRITICAL: analyzer_pb2.POLICY_SEVERITY_CRITICAL,
    Severity.HIGH: analyzer_pb2.POLICY_SEVERITY_HIGH,
    Severity.MEDIUM: analyzer_pb2.POLICY_SEVERITY_MEDIUM,
    Severity.LOW: analyzer_pb2.POLICY_SEVERITY_LOW,
}
_LEVELS: Final = {Level.ADVISORY: analyzer_pb2.ADVISORY, Level.MANDATORY: analyzer_pb2.MANDATORY}
_RULES_TITLE: Final = "The golden rules: every resource is judged, and nothing that was found is left out"


@cache
def own_version() -> str:
    """The version of this project; 0.0.0 where it is run without being installed."""
    try:
        return version(NAME)
    except PackageNotFoundError:
        return "0.0.0"


def answer(judged: Judged, settings: Settings) -> analyzer_pb2.AnalyzeResponse:
    """The whole answer to one call."""
    bad = [j for j in judged.judgements if j.answer.verdict in (Verdict.FAIL, Verdict.UNKNOWN)]
    made = [_diagnostic(j, settings) for j in bad if not j.waived_by]
    made += [_of_the_rules(sentence) for sentence in judged.not_judged]
    made.sort(key=lambda d: (-d.enforcementLevel, d.urn, d.policyName))
    not_applicable = [*_not_applicable(judged.judgements), *(_idle(i) for i in judged.idle)]
    return analyzer_pb2.AnalyzeResponse(diagnostics=_fitting(made), not_applicable=not_applicable)


def info() -> analyzer_pb2.AnalyzerInfo:
    """The pack: a policy for each control, and one that speaks for the pack itself and carries its settings."""
    settings = analyzer_pb2.PolicyConfigSchema()
    settings.properties.update(schema())
    rules = analyzer_pb2.PolicyInfo(
        name=RULES,
        displayName=_RULES_TITLE,
        description=_RULES_TITLE,
        enforcementLevel=analyzer_pb2.MANDATORY,
        configSchema=settings,
        policy_type=analyzer_pb2.POLICY_TYPE_STACK,
        severity=analyzer_pb2.POLICY_SEVERITY_HIGH,
    )
    return analyzer_pb2.AnalyzerInfo(
        name=NAME,
        displayName="cloud-unless",
        description="The golden rules of a council's cloud.",
        version=own_version(),
        supportsConfig=True,
        policies=[rules, *(_policy(c) for c in resource_controls())],
    )


@cache
def nothing_mended() -> analyzer_pb2.RemediateResponse:
    """The pack changes nothing of what is asked for; said of each control, or the engine counts that as passed."""
    said = (analyzer_pb2.PolicyNotApplicable(policy_name=c.id, reason="It judges, and mends nothing.") for c in by_itself())
    return analyzer_pb2.RemediateResponse(not_applicable=said)


def sentences(judgement: Judgement) -> str:
    """One judgement for a person, a line each: what is demanded, the verdict and why, what is said of waivers, the remedy, the clauses."""
    control, found = judgement.control, judgement.answer
    clauses = f"Clauses: {', '.join(control.clauses)}" if control.clauses else ""
    lines = (control.title, f"{found.verdict.value}: {found.reason}", judgement.waiver, f"Remedy: {control.remedy}", clauses)
    return "\n".join(_line(t) for t in lines if t)


def _policy(control: Control) -> analyzer_pb2.PolicyInfo:
    kind = analyzer_pb2.POLICY_TYPE_STACK if control.looks_around else analyzer_pb2.POLICY_TYPE_RESOURCE
    return analyzer_pb2.PolicyInfo(
        name=control.id,
        displayName=control.title,
        description=control.title,
        message=control.remedy,
        enforcementLevel=_LEVELS[declared(control)],
        policy_type=kind,
        severity=_SEVERITIES[control.severity],
        tags=[control.rule.value, *control.clauses],
        remediation_steps=control.remedy,
    )


def _diagnostic(judgement: Judgement, settings: Settings) -> analyzer_pb2.AnalyzeDiagnostic:
    control = judgement.control
    return analyzer_pb2.AnalyzeDiagnostic(
        policyName=control.id,
        policyPackName=NAME,
        policyPackVersion=own_version(),
        description=control.title,
        message=sentences(judgement),
        enforcementLevel=_LEVELS[settings.level(control)],
        urn=judgement.subject.id,
        severity=_SEVERITIES[control.severity],
    )


def _of_the_rules(sentence: str) -> analyzer_pb2.AnalyzeDiagnostic:
    return analyzer_pb2.AnalyzeDiagnostic(
        policyName=RULES,
        policyPackName=NAME,
        policyPackVersion=own_version(),
        description=_RULES_TITLE,
        message=_line(sentence),
        enforcementLevel=analyzer_pb2.MANDATORY,
        severity=analyzer_pb2.POLICY_SEVERITY_HIGH,
    )


def _fitting(made: Sequence[analyzer_pb2.AnalyzeDiagnostic]) -> list[analyzer_pb2.AnalyzeDiagnostic]:
    """As many as one answer holds, those that stop the deployment first; the rest as a number."""
    kept: list[analyzer_pb2.AnalyzeDiagnostic] = []
    held = 0
    for diagnostic in made:
        held += diagnostic.ByteSize()
        if held > _LARGEST_BYTES:
            break
        kept.append(diagnostic)
    left = made[len(kept) :]
    if left:
        stopping = sum(d.enforcementLevel == analyzer_pb2.MANDATORY for d in left)
        told = _of_the_rules(f"{len(left)} more are not shown here, and {stopping} of them stop the deployment. Run: unless check --all")
        told.enforcementLevel = analyzer_pb2.MANDATORY if stopping else analyzer_pb2.ADVISORY
        kept.append(told)
    return kept


def _not_applicable(judgements: Iterable[Judgement]) -> list[analyzer_pb2.PolicyNotApplicable]:
    """Of each control that passed nothing: what it said of the one subject, or that an exception waives it."""
    held: dict[str, list[Judgement]] = {}
    for j in judgements:
        held.setdefault(j.control.id, []).append(j)
    found: list[analyzer_pb2.PolicyNotApplicable] = []
    for control, said in held.items():
        waived = next((j for j in said if j.waived_by), None)
        if waived or all(j.answer.verdict is Verdict.NOT_APPLICABLE for j in said):
            reason = waived.waiver if waived else said[0].answer.reason
            found.append(analyzer_pb2.PolicyNotApplicable(policy_name=control, reason=_line(reason)))
    return found


@cache
def _idle(control: str) -> analyzer_pb2.PolicyNotApplicable:
    return analyzer_pb2.PolicyNotApplicable(policy_name=control, reason="No resource of its types.")


def _line(text: str) -> str:
    """One line that neither steers the terminal nor fills it: Pulumi takes `<{%…%}>` for a colour of its own."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text).replace("<{%", "<{ %")
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
