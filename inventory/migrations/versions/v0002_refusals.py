"""A place for the faults of files that could not be imported the last time that somebody tried."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table("refusals", sa.Column("file", sa.Text, primary_key=True), sa.Column("faults", sa.JSON, nullable=False))


def downgrade() -> None:
    """Drop it."""
    op.drop_table("refusals")
