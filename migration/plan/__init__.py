"""The plan: what moves when, what does not, and why."""

from __future__ import annotations

from migration.plan.file import dump_plan, read_document, read_plan, write_plan
from migration.plan.make import PlanTerms, make_plan

__all__ = ["PlanTerms", "dump_plan", "make_plan", "read_document", "read_plan", "write_plan"]
