"""The two controls that judge by Azure's types. They need the type files, so they are judged apart (`judge`), and only where these are."""

from __future__ import annotations

from typing import Final

from policies.answers import not_applicable
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject


def _needs_files(subject: Subject, _: Portfolio) -> Answer:
    return not_applicable(f"{subject.name} is judged by Azure's types where the type files are at hand.")


FIT: Final = Control(
    id="inputs-fit-azure",
    title="What is asked of Azure fits Azure's own types, and refers to what is there",
    severity=Severity.HIGH,
    rule=GoldenRule.SECURE_BY_DESIGN,
    types=("azure-native:*",),
    judge=_needs_files,
    remedy="Correct the input: what is wrong and what to give stands with each. Where the types are wrong, cite an exception.",
)
WHOLE: Final = Control(
    id="inputs-can-all-be-judged",
    title="Azure's types tell of every input whether it fits",
    severity=Severity.LOW,
    rule=GoldenRule.SECURE_BY_DESIGN,
    types=("azure-native:*",),
    judge=_needs_files,
    remedy="Preview again once the values are known; get the type files that are lacking (docs/guides/types.md); check values by hand.",
    mandatory=False,
)
CONTROLS: Final = (WHOLE, FIT)
