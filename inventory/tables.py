"""The tables of a store. Their history is in `migrations/versions`."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

# What was imported: a file by its name. A higher sequence was imported later, and wins where two state one field.
imports = Table(
    "imports",
    metadata,
    Column("file", Text, primary_key=True),
    Column("digest", String(80), nullable=False),
    Column("reader", String(80), nullable=False),
    Column("read_on", Date, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("sheets", JSON, nullable=False),
    Column("faults", JSON, nullable=False),
)

# What each row of each file says, so that a corrected file replaces exactly what it said before.
rows = Table(
    "rows",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("file", Text, ForeignKey("imports.file", ondelete="CASCADE"), nullable=False),
    Column("sheet", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("layout", String(40), nullable=False),
    Column("values", JSON, nullable=False),
    Column("columns", JSON, nullable=False),
    Index("rows_file", "file"),
)

# What the rows come to: the estate.
records = Table(
    "records",
    metadata,
    Column("kind", String(40), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("body", JSON, nullable=False),
    Column("sources", JSON, nullable=False),
)

# What of the rows does not fit together, newly said after every import.
misfits = Table(
    "misfits",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("fault", JSON, nullable=False),
)

# Files of the last import of which nothing was taken, and why; what they said before, if anything, is above.
refusals = Table(
    "refusals",
    metadata,
    Column("file", Text, primary_key=True),
    Column("faults", JSON, nullable=False),
)
