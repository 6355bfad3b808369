"""Runs that several machines carry out: records and files in PostgreSQL, and a lease on each run for who carries it out now."""

from __future__ import annotations

from migration.execution.shared.address import conninfo
from migration.execution.shared.lease import Lease
from migration.execution.shared.store import SharedRuns

__all__ = ["Lease", "SharedRuns", "conninfo"]
