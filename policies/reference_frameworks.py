"""The reference of frameworks, written from the frameworks themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from policies.catalogue import all_controls
from policies.coverage import Coverage, Covered, coverage, sums
from policies.frameworks import Framework, frameworks

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "frameworks.md"
_MEANING = {
    Covered.CONTROLS: "controls decide it for whatever is judged",
    Covered.BOTH: "controls decide part of it; people show the rest",
    Covered.PEOPLE: "no program can decide it; people show it",
    Covered.NOT_YET: "a program could decide some of it, and no control of ours does yet; people show it",
}


def page() -> str:
    """The page as Markdown. Raises PoliciesError when a framework names a control that is not there."""
    all_controls()
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    held = frameworks()
    yield from ("# Frameworks", "", "Written by `python -m policies.reference`; do not edit.", "")
    yield "Published lists of demands. Each clause points at the [controls](controls.md) that serve it, and says what people owe."
    yield "`unless frameworks coverage` prints the same, `--json` for a program. That a clause is covered does not say that it is met."
    yield from ("", "| answered for by | meaning |", "|---|---|", *(f"| {kind} | {_MEANING[kind]} |" for kind in Covered))
    yield from ("", f"| framework | clauses | {' | '.join(Covered)} |", f"|---|---|{'---|' * len(Covered)}")
    for f in held:
        counted = sums(coverage(f))
        yield f"| [{_name(f)}](#{_anchor(f)}) | {sum(counted.values())} | {' | '.join(map(str, counted.values()))} |"
    for f in held:
        yield from _framework(f)


def _framework(framework: Framework) -> Iterator[str]:
    f = framework
    yield from ("", f"## {_name(f)}", "", f"`{f.id}`, of {f.publisher}: <{f.source}>. Licence: {f.licence}.", "")
    yield from (f"Read on {f.read_on}. The pointing rests on {f.mapping}.", "")
    yield from ("| clause | answered for by | controls | what people owe |", "|---|---|---|---|")
    yield from (_row(line) for line in coverage(f))


def _name(framework: Framework) -> str:
    return f"{framework.title}, {framework.version}"


def _anchor(framework: Framework) -> str:
    """As Markdown makes it of the heading."""
    return re.sub(r"[^\w\- ]", "", _name(framework).casefold()).replace(" ", "-")


def _row(line: Coverage) -> str:
    name = f"`{line.clause}` {line.title}".rstrip()
    controls = ", ".join(f"[{c}](controls.md#{c})" for c in line.controls)
    return f"| {name} | {line.covered} | {controls} | {line.evidence} |"
