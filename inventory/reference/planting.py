"""Plants the untidiness of `registers/plants.toml` in tidy tables, and writes down where each plant came to stand.

A plant changes one cell (`subject` is the row's first cell; `month` its second where a row needs both), sets several
(`set`), adds a row (`adds`), or copies one under another name (`copies`). One without any of these is already in the
tables and is only written down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import tomlkit

from inventory.reference.registers import Entry, entries, load, texts
from inventory.reference.tables import Table

_ABOUT = "Written by inventory.reference.generate from registers/plants.toml: what is untidy in estate/, on purpose, and where."


def plant(tables: Mapping[str, Table]) -> str:
    """Change the tables; the text of `planted.toml`, with the file, row and column of each plant."""
    held = entries(load("plants.toml"), "plant")
    for entry in held:
        _plant(entry, tables[str(entry["file"])])
    written = [_written(entry, tables[str(entry["file"])]) for entry in held]
    return f"# {_ABOUT}\n" + tomlkit.dumps({"format": "cloud-unless/planted/1", "planted": written})


def _plant(entry: Entry, table: Table) -> None:
    if "adds" in entry:
        table.rows.append(list(texts(entry, "adds")))
    elif "copies" in entry:
        at = table.find(str(entry["copies"]))
        table.rows.insert(at + 1, [str(entry["subject"]), *table.rows[at][1:]])
    for column, value in _cells(entry, table).items():
        table.rows[_row(entry, table)][table.headings.index(column)] = value


def _cells(entry: Entry, table: Table) -> Mapping[str, str]:
    if "set" in entry:
        return cast("Mapping[str, str]", entry["set"])
    if "append" not in entry and "value" not in entry:
        return {}
    column = str(entry["column"])
    held = table.rows[_row(entry, table)][table.headings.index(column)]
    return {column: held + str(entry["append"]) if "append" in entry else str(entry["value"])}


def _row(entry: Entry, table: Table) -> int:
    """Index of the plant's row. Raises ValueError when no row, or more than one, is meant."""
    if "adds" in entry:
        return table.rows.index(list(texts(entry, "adds")))
    if "month" not in entry:
        return table.find(str(entry["subject"]))
    wanted = [str(entry["subject"]), str(entry["month"])]
    found = [n for n, row in enumerate(table.rows) if row[:2] == wanted]
    if len(found) != 1:
        raise ValueError(f"{table.file} has {len(found)} rows for {wanted}")
    return found[0]


def _written(entry: Entry, table: Table) -> dict[str, object]:
    is_placed = "subject" in entry or "adds" in entry
    return {
        "id": str(entry["id"]),
        "file": table.file,
        "row": table.row_number(_row(entry, table)) if is_placed else 0,
        "column": str(entry.get("column", "")),
        "what": str(entry["what"]),
        "says": list(texts(entry, "says")),
        "reads": str(entry.get("reads", "")),
    }
