"""What one step of a runbook is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Scope:
    """What one step is about: the names its template's text may use, and its parameters."""

    suffix: str
    names: Mapping[str, Any]
    workload_id: str = ""
    subject: str = ""


def id_of(name: str) -> str:
    """A name as part of a step's id."""
    return re.sub(r"[^a-z0-9._]+", "-", name.lower()).strip("-") or "unnamed"
