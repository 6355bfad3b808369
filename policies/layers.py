"""The three layers on which a golden rule is held, and the table of them: what is deployed, what is planned, how it moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from policies.catalogue import known_controls
from policies.model import KINDS, Control, GoldenRule

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "concepts" / "golden-rules.md"
BEGIN: Final = "<!-- written by python -m policies.reference -->"
END: Final = "<!-- end of what is written -->"
_RUNBOOKS: Final = ("runbook", "run")
# More than these in one cell nobody reads: the reference lists them.
_MOST: Final = 12


class Layer(StrEnum):
    """What a control looks at."""

    RESOURCES = "what is deployed"
    PORTFOLIO = "what is planned"
    RUNBOOKS = "how it moves"


def layer(control: Control) -> Layer:
    """The layer of a control, by the subjects that it judges."""
    if not set(control.types) & set(KINDS):
        return Layer.RESOURCES
    return Layer.RUNBOOKS if set(control.types) & set(_RUNBOOKS) else Layer.PORTFOLIO


def page() -> str:
    """The page of golden rules with its table written anew; the rest is as people wrote it."""
    before, rest = PAGE.read_text("utf-8").split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n\n{chr(10).join(_table(known_controls()))}\n\n{END}{after}"


def _table(controls: Sequence[Control]) -> Iterator[str]:
    yield f"| golden rule | {' | '.join(Layer)} |"
    yield f"|---|{'---|' * len(Layer)}"
    for rule in GoldenRule:
        mine = [c for c in controls if c.rule is rule]
        yield f"| [{rule.value}](#{_anchor(rule)}) | {' | '.join(_cell(rule, [c for c in mine if layer(c) is each]) for each in Layer)} |"


def _cell(rule: GoldenRule, controls: Sequence[Control]) -> str:
    if not controls:
        return "none: nothing there can tell"
    if len(controls) > _MOST:
        return f"[{len(controls)} controls](../reference/controls.md#{_anchor(rule)})"
    return ", ".join(f"[{c.id}](../reference/controls.md#{c.id})" for c in controls)


def _anchor(rule: GoldenRule) -> str:
    return rule.value.replace(",", "").replace(" ", "-")
