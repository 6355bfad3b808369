"""Parts of this machine that tests need: what is absent is skipped, and the reason says how to get it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.servers import postgresql_programs


def postgresql_or_skip() -> Path:
    """The folder of PostgreSQL's programs, where the driver is there too."""
    pytest.importorskip("psycopg", reason='the package psycopg is missing: pip install "cloud-unless[postgresql]"')
    programs, why = postgresql_programs()
    if programs is None:
        pytest.skip(why)
    return programs
