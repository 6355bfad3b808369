"""The schemas that others publish for the forms of a check (`schemas/README.md` says whence), and what a document breaks of them."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import jsonschema
import pytest

SCHEMAS: Final = Path(__file__).parent / "schemas"
# OSCAL's patterns are ECMA's with the u flag; Python's re has no \p, and its $ also matches before a last line end.
_ECMA: Final = (("\\p{L}", "[^\\W\\d_]"), ("\\p{N}", "\\d"))


def sarif_faults(document: object) -> list[str]:
    """What breaks the schema of SARIF 2.1.0."""
    return _faults(jsonschema.Draft4Validator(_schema("sarif-schema-2.1.0.json")), document)


def oscal_faults(document: object) -> list[str]:
    """What breaks the complete schema of OSCAL 1.1.3."""
    return _faults(jsonschema.Draft7Validator(_for_python(_schema("oscal-complete-schema-1.1.3.json"))), document)


def junit_faults(document: str) -> list[str]:
    """What breaks the schema of Jenkins' xunit plugin."""
    xmlschema = pytest.importorskip("xmlschema", reason="xmlschema, which reads the schema of JUnit XML, is not installed")
    return [str(e.reason) for e in xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd")).iter_errors(document)]


@cache
def _schema(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text("utf-8"))


def _for_python(schema: Any) -> Any:
    if isinstance(schema, dict):
        held = cast("dict[str, Any]", schema)
        return {k: _pattern(v) if k == "pattern" and isinstance(v, str) else _for_python(v) for k, v in held.items()}
    return [_for_python(v) for v in cast("list[Any]", schema)] if isinstance(schema, list) else schema


def _pattern(written: str) -> str:
    for ecma, ours in _ECMA:
        written = written.replace(ecma, ours)
    re.compile(written)
    return written[:-1] + r"\Z" if written.endswith("$") else written


def _faults(validator: Any, document: object) -> list[str]:
    held = json.loads(json.dumps(document))
    return [f"{'.'.join(str(p) for p in e.absolute_path)}: {str(e.message)[:200]}" for e in validator.iter_errors(held)]
