"""Alembic's entry: it works on the connection that the store hands it, and reads no settings of its own."""

from __future__ import annotations

from alembic import context

from inventory.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
