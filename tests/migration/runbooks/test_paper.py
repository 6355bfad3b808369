"""The runbook on paper: PDF and Word say what the YAML says, whatever is in the names."""

from __future__ import annotations

import io
import json
import re
import time
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pytest

from migration import runbooks
from migration.runbooks import Runbook
from migration.runbooks.paper import as_docx, as_pdf

GOLDEN = Path(__file__).parents[2] / "cases" / "runbook-golden"
HOSTILE = "#panic() $x$ *b* _i_ @ref <lab> \\u{41} // /* [[ ]] ``` =HYPERLINK() \u202e caf\u00e9 Ynys M\u00f4n \u0175"


@pytest.fixture
def runbook() -> Runbook:
    plan: dict[str, Any] = json.loads((GOLDEN / "plan.json").read_text("utf-8"))
    return runbooks.compile(plan, "wave-1", runbooks.read_targets(GOLDEN / "targets.toml"))


def hostile(runbook: Runbook) -> Runbook:
    return replace(runbook, title=HOSTILE, steps=tuple(replace(s, title=HOSTILE, do=HOSTILE, tell=HOSTILE) for s in runbook.steps))


def words(document: bytes) -> str:
    """Every text of a Word document, tables too."""
    read = docx.Document(io.BytesIO(document))
    cells = [c.text for t in read.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in read.paragraphs), *cells])


def test_the_word_document_says_every_step_and_the_digest(runbook: Runbook) -> None:
    said = words(as_docx(runbook))
    assert runbook.digest in said
    for number, step in enumerate(runbook.steps, 1):
        assert f"{number}. {' '.join(step.title.split())}" in said
        for text in (step.do, step.verify, step.evidence, step.undo or step.no_undo_because):
            assert " ".join(text.split()) in said


def test_the_same_runbook_gives_the_same_bytes(runbook: Runbook) -> None:
    assert as_pdf(runbook) == as_pdf(runbook)
    first = as_docx(runbook)
    time.sleep(2.1)  # the moment of packing has steps of two seconds
    assert as_docx(runbook) == first
    assert as_pdf(replace(runbook, title="Another")) != as_pdf(runbook)


def test_the_pdf_is_tagged_titled_and_in_english(runbook: Runbook) -> None:
    made = as_pdf(runbook)
    assert made.startswith(b"%PDF-")
    everything = made + b"".join(_inflated(made))
    assert b"/StructTreeRoot" in everything
    assert b"en-GB" in everything
    assert len(re.findall(rb"/Type\s*/Page\b", everything)) > 3
    assert b"Runbook, digest " + runbook.digest.encode() in everything


def _inflated(pdf: bytes) -> list[bytes]:
    found: list[bytes] = []
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompressobj().decompress(match[1]))
        except zlib.error:
            continue
    return found


def test_names_are_never_markup(runbook: Runbook) -> None:
    made = hostile(runbook)
    assert as_pdf(made).startswith(b"%PDF-")
    said = words(as_docx(made))
    for part in ("#panic()", "*b*", "<lab>", "\\u{41}", "caf\u00e9 Ynys M\u00f4n \u0175"):
        assert part in said
    assert "\u202e" not in said
