"""How the tables came to be, for alembic; run by the store when it opens."""
