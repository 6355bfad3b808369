"""Runbooks: compiled from a plan, read and signed by people, executed as they are."""

from __future__ import annotations

from migration.runbooks.compiler import compile_runbook
from migration.runbooks.faults import faults
from migration.runbooks.model import FORMAT, Phase, Runbook, Step, Window
from migration.runbooks.places import DatabasePlace, ServicePlace, ShareTargets, read_databases, read_services, read_targets, read_windows

compile = compile_runbook  # noqa: A001 - the room's own verb, always used as runbooks.compile

__all__ = [
    "FORMAT",
    "DatabasePlace",
    "Phase",
    "Runbook",
    "ServicePlace",
    "ShareTargets",
    "Step",
    "Window",
    "compile",
    "compile_runbook",
    "faults",
    "read_databases",
    "read_services",
    "read_targets",
    "read_windows",
]
