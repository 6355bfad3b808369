"""The runbook on paper: a tagged PDF and a Word document, from the same object that is executed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migration.runbooks.model import Runbook, Step
from migration.runbooks.render import BY_HAND, clock, flat, hours, names

if TYPE_CHECKING:
    from docx.document import Document

_TEMPLATE = Path(__file__).parent / "templates" / "runbook.typ"
Pairs = list[tuple[str, str]]


def as_pdf(runbook: Runbook) -> bytes:
    """A tagged PDF, A4; the same runbook gives the same bytes. What it says comes to the typesetter as data, never as markup."""
    import typst

    made: Any = typst.compile(
        _TEMPLATE,
        format="pdf",
        sys_inputs={"data": json.dumps(_content(runbook))},
        ignore_system_fonts=True,
        timestamp=_first(runbook),
    )
    return bytes(made)


def as_docx(runbook: Runbook) -> bytes:
    """A Word document with headings and tables that people can fill in."""
    import docx

    held, document = _content(runbook), docx.Document()
    document.core_properties.title, document.core_properties.author = held["title"], "cloud-unless"
    document.core_properties.created = document.core_properties.modified = _first(runbook)
    document.add_heading(held["title"], 0)
    _pairs(document, held["facts"])
    document.add_paragraph("The program carries out exactly this: a run is refused when its content has another digest.")
    if held["line"]:
        document.add_paragraph().add_run(held["line"]).bold = True
    _section(document, "Who does what", ("Role", "Does", "Responsible", "Accountable", "Consulted", "Informed", "Name"), held["roles"])
    _section(document, "The night", ("Step", "When", "Time", "Minutes", "What", "Who"), held["night"])
    _section(document, "Who is told what", ("After step", "Told", "What"), held["told"])
    for phase in held["phases"]:
        document.add_heading(phase["title"], 1)
        for step in phase["steps"]:
            document.add_heading(step["title"], 2)
            if step["warning"]:
                document.add_paragraph().add_run(step["warning"]).bold = True
            _pairs(document, step["facts"])
    _section(document, "Signatures", ("Role", "Name", "Signature", "Date"), [(s, "", "", "") for s in held["signers"]])
    out = io.BytesIO()
    document.save(out)
    return _undated(out)


def _undated(document: io.BytesIO) -> bytes:
    """The same document without the moment at which it was packed, so that the same runbook gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(document) as held, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in held.namelist():
            packed.writestr(zipfile.ZipInfo(name), held.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _first(runbook: Runbook) -> datetime:
    """The day that the document bears: the wave's first, so that the same runbook gives the same bytes."""
    return datetime(runbook.starts.year, runbook.starts.month, runbook.starts.day, tzinfo=UTC)


def _section(document: Document, title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    document.add_heading(title, 1)
    table = document.add_table(rows=1, cols=len(head), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, head, strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for row in rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = str(value)


def _pairs(document: Document, rows: Pairs) -> None:
    table = document.add_table(rows=0, cols=2)
    for name, text in rows:
        cells = table.add_row().cells
        cells[0].paragraphs[0].add_run(name).bold = True
        cells[1].text = text


def _content(runbook: Runbook) -> dict[str, Any]:
    """What is on the paper, as texts in one line each."""
    held = names(runbook)
    line, numbers, titles = held["line"], held["numbers"], held["titles"]
    turn = f"Point of no return: step {numbers[line.id]}, {line.title}. From then on: {line.no_undo_because}." if line else None
    return {
        "title": flat(runbook.title),
        "digest": runbook.digest,
        "facts": _facts(runbook),
        "line": turn and flat(turn),
        "roles": [[r["title"], r["does"], r["responsible"], r["accountable"], r["consulted"], r["informed"], ""] for r in held["roles"]],
        "night": [[str(n), s.when, at, str(s.minutes), flat(s.step.title), titles[s.step.role]] for n, s, at in held["slots"]],
        "told": [[str(numbers[s.id]), ", ".join(titles[r] for r in s.informed), flat(s.tell)] for s in held["told"]],
        "phases": [
            {
                "title": f"{p.name.capitalize()} (about {p.total})",
                "steps": [_step(s, numbers, titles) for s in p.steps],
            }
            for p in held["phases"]
        ],
        "signers": [r["title"] for r in held["roles"]],
    }


def _facts(runbook: Runbook) -> Pairs:
    window = runbook.window
    agreed = (
        f"{clock(window.opens)} to {clock(window.closes)}, the last {window.contingency_minutes} minutes kept for what goes wrong"
        if window
        else "not agreed yet: give it a [[window]] in targets.toml"
    )
    return [
        ("Wave", f"{runbook.starts} to {runbook.ends}"),
        ("Window", agreed),
        ("Workloads", ", ".join(f"{flat(name)} ({flat(i)})" for i, name in runbook.workloads.items())),
        ("Steps", f"{len(runbook.steps)}, about {hours(runbook.steps)}"),
        ("Digest", runbook.digest),
        ("From the plan", runbook.plan_digest),
    ]


def _step(step: Step, numbers: dict[str, int], titles: dict[str, str]) -> dict[str, Any]:
    how = "by hand" if step.kind in BY_HAND else "by the program"
    undone = f"{step.undo} (about {step.undo_minutes} minutes)" if step.undo else step.no_undo_because or "none is needed"
    back = ("Undo" if step.undo else "No undo", undone)
    rows = [
        ("Who", f"{titles[step.role]}, {how}, about {step.minutes} minutes; {titles[step.accountable]} answers for it; id {step.id}"),
        ("Before", step.precondition),
        ("Do", step.do),
        ("Verify", step.verify),
        ("Kept", step.evidence),
        back,
        ("After", ", ".join(str(numbers[i]) for i in step.after)),
    ]
    warning = f"Point of no return. From here on there is no way back: {step.no_undo_because}." if step.is_point_of_no_return else ""
    return {
        "title": f"{numbers[step.id]}. {flat(step.title)}",
        "warning": flat(warning),
        "facts": [(name, flat(text)) for name, text in rows if text],
    }
