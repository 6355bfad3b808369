"""The assessors: pure functions from a workload, its estate and the terms to findings, in the order in which they are read.

To add one: write its module, put it here, and add its cases under tests/cases/assessor-NAME.
"""

from collections.abc import Callable

from inventory.model import Estate, Workload
from migration.assessors import (
    data_classification,
    database_support,
    dependencies_crossing,
    licensing,
    missing_data,
    operating_system_support,
    power,
    private_links,
    questionnaire,
    right_size,
    saas_availability,
    supplier_support,
    ties,
)
from migration.model import Finding
from migration.terms import Terms

Assessor = Callable[[Workload, Estate, Terms], tuple[Finding, ...]]

ASSESSORS: tuple[tuple[str, Assessor], ...] = tuple(
    (module.NAME, module.assess)
    for module in (
        missing_data,
        power,
        operating_system_support,
        database_support,
        supplier_support,
        right_size,
        dependencies_crossing,
        licensing,
        data_classification,
        private_links,
        ties,
        saas_availability,
        questionnaire,
    )
)
