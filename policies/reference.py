"""What is written from the controls and the register themselves: python -m policies.reference."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from policies import layers, reference_frameworks
from policies.azure_policy.controls import CONTROLS as BY_POLICIES
from policies.catalogue import known_controls
from policies.frameworks import frameworks
from policies.model import Control, GoldenRule
from policies.register import schema
from policies.schema.controls import CONTROLS as BY_TYPES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "controls.md"
SCHEMA = Path(__file__).resolve().parent / "exceptions.schema.json"


def page() -> str:
    """The page as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    controls = known_controls()
    yield "# Controls"
    yield ""
    yield f"The {len(controls)} controls of `unless check`, by golden rule. Written by `python -m policies.reference`; do not edit."
    yield ""
    yield (
        "A *mandatory* control blocks when it fails and when it cannot tell, unless an [exception](files.md) in force waives it; "
        "an *advisory* one only says so. What the golden rules are: [golden rules](../concepts/golden-rules.md)."
    )
    for rule in GoldenRule:
        held = [c for c in controls if c.rule is rule]
        yield from ("", f"## {rule.value.capitalize()}", "", "| control | severity | force | demands |", "|---|---|---|---|")
        yield from (_row(c) for c in held)
        for control in held:
            yield from _control(control)
    yield from _frameworks()


def _row(control: Control) -> str:
    return f"| [{control.id}](#{control.id}) | {control.severity.value} | {_force(control)} | {control.title} |"


def _control(control: Control) -> Iterator[str]:
    yield from ("", f"### {control.id}", "", f"{control.title}. {control.severity.value.capitalize()}, {_force(control)}.", "")
    yield f"- Judges: {', '.join(f'`{t}`' for t in control.types)}"
    if control.looks_around:
        yield "- Looks at what stands beside it, so it is judged once all of that is known."
    yield f"- Remedy: {control.remedy}"
    if control.clauses:
        yield f"- Clauses: {', '.join(f'`{c}`' for c in control.clauses)}"
    if control in BY_TYPES:
        yield "- Judged where Azure's type files are at hand: [Azure's types](../guides/types.md)."
    if control in BY_POLICIES:
        yield "- Judged where assignments are planned and Azure's definitions at hand: [Azure's policies](../concepts/azure-policy.md)."


def _frameworks() -> Iterator[str]:
    yield from ("", "## Frameworks", "", "Clause by clause, with what people owe: [frameworks](frameworks.md).", "")
    yield from ("| framework | version | clauses | served by controls | source |", "|---|---|---|---|---|")
    for f in frameworks():
        served = sum(bool(c.controls) for c in f.clause)
        yield f"| `{f.id}`: {f.title} | {f.version} | {len(f.clause)} | {served} | <{f.source}> |"


def _force(control: Control) -> str:
    return "mandatory" if control.mandatory else "advisory"


def schema_text() -> str:
    """The register's schema as its file holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def written() -> dict[Path, str]:
    """Every generated file and what it must hold."""
    return {PAGE: page(), SCHEMA: schema_text(), reference_frameworks.PAGE: reference_frameworks.page(), layers.PAGE: layers.page()}


if __name__ == "__main__":
    for file, text in written().items():
        file.write_text(text, encoding="utf-8")
        sys.stdout.write(f"Written: {file}\n")
