"""The controls that judge by Azure's own policies. They need the planned assignments and Azure's definitions, so they are judged apart."""

from __future__ import annotations

from typing import Final

from policies.answers import not_applicable
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject


def _needs_definitions(subject: Subject, _: Portfolio) -> Answer:
    return not_applicable(f"{subject.name} is judged by Azure's policies where assignments are planned and Azure's definitions at hand.")


REFUSES: Final = Control(
    id="azure-policy-refuses-nothing",
    title="No policy that the landing zone assigns would refuse the resource",
    severity=Severity.HIGH,
    rule=GoldenRule.SECURE_BY_DESIGN,
    types=("azure-native:*",),
    judge=_needs_definitions,
    remedy="Change what the reason names, or exempt the resource from the assignment by an exception; preview again once values are known.",
    looks_around=True,
)
REPORTS: Final = Control(
    id="azure-policy-reports-nothing",
    title="No policy that the landing zone assigns would report the resource",
    severity=Severity.MEDIUM,
    rule=GoldenRule.SECURE_BY_DESIGN,
    types=("azure-native:*",),
    judge=_needs_definitions,
    remedy="Change what the reason names, or exempt the resource from the assignment; Azure lists the rest under compliance.",
    mandatory=False,
    looks_around=True,
)
CHANGES: Final = Control(
    id="azure-policy-changes-nothing",
    title="No policy that the landing zone assigns would change what is asked for",
    severity=Severity.LOW,
    rule=GoldenRule.SECURE_BY_DESIGN,
    types=("azure-native:*",),
    judge=_needs_definitions,
    remedy="Ask for the value that the policy sets, so that the program and Azure do not differ from then on.",
    mandatory=False,
    looks_around=True,
)
CONTROLS: Final = (CHANGES, REFUSES, REPORTS)
