from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date

import pytest

from inventory.importing import estate_from_files
from inventory.model import Estate, Fault
from inventory.reference import files, folder

Rows = list[dict[str, str]]
_PLAIN = {"*Application": "Application", "DB Name": "Database", "File server": "Server", "Number of files": "Files"}


def rows(name: str, encoding: str = "utf-8-sig") -> Rows:
    """A file's rows by heading, whatever stands above the headings; blank rows left out."""
    lines = list(csv.reader(io.StringIO((folder() / name).read_bytes().decode(encoding), newline="")))
    top = max(range(6), key=lambda n: len([c for c in lines[n] if c]) if n < len(lines) else 0) if name.startswith("servers") else 0
    headings = [_PLAIN.get(heading, heading) for heading in lines[top]]
    return [dict(zip(headings, line, strict=False)) for line in lines[top + 1 :] if any(line)]


@pytest.fixture(scope="session")
def sheets() -> Mapping[str, Rows]:
    return {p.name: rows(p.name, "cp1252" if p.name == "costs.csv" else "utf-8-sig") for p in files() if p.suffix == ".csv"}


@pytest.fixture(scope="session")
def read() -> tuple[Estate, tuple[Fault, ...]]:
    """The estate as the reader reads it, and every fault."""
    return estate_from_files(files(), date(2026, 11, 22))
