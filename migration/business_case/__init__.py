"""The business case: what staying, the minimum and the plan cost by financial year, and what follows from that."""

from migration.business_case.appraise import payback_months, present_pence, saving_by_month
from migration.business_case.build import build
from migration.business_case.case_file import CaseFile, read_case
from migration.business_case.model import BusinessCase, Choice, Key, Kind, Line, Way

__all__ = [
    "BusinessCase",
    "CaseFile",
    "Choice",
    "Key",
    "Kind",
    "Line",
    "Way",
    "build",
    "payback_months",
    "present_pence",
    "read_case",
    "saving_by_month",
]
