"""The first tables: what was imported, what each row says, what it comes to, what does not fit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "imports",
        sa.Column("file", sa.Text, primary_key=True),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("reader", sa.String(80), nullable=False),
        sa.Column("read_on", sa.Date, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("sheets", sa.JSON, nullable=False),
        sa.Column("faults", sa.JSON, nullable=False),
    )
    op.create_table(
        "rows",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("file", sa.Text, sa.ForeignKey("imports.file", ondelete="CASCADE"), nullable=False),
        sa.Column("sheet", sa.Text, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("layout", sa.String(40), nullable=False),
        sa.Column("values", sa.JSON, nullable=False),
        sa.Column("columns", sa.JSON, nullable=False),
    )
    op.create_index("rows_file", "rows", ["file"])
    op.create_table(
        "records",
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("sources", sa.JSON, nullable=False),
    )
    op.create_table("misfits", sa.Column("number", sa.Integer, primary_key=True), sa.Column("fault", sa.JSON, nullable=False))


def downgrade() -> None:
    """Drop the tables."""
    for table in ("misfits", "records", "rows", "imports"):
        op.drop_table(table)
