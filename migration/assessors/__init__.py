"""The assessors: pure functions from a workload, its estate and the terms to findings, in the order in which they are read.

To add one: write its module, put it here, and add its cases under tests/cases/assessor-NAME.
"""

from collections.abc import Callable

from inventory.model import Estate, Workload
from migration.assessors import (
    attached_devices,
    backup_and_recovery,
    batch_window,
    bits_and_boot,
    contract_end,
    data_classification,
    data_residency,
    database_support,
    dependencies_crossing,
    duplicate_function,
    end_user_devices,
    fixed_addresses,
    integration_count,
    legacy_authentication,
    licensing,
    machine_limits,
    missing_data,
    network_needs,
    operating_system_support,
    power,
    private_links,
    questionnaire,
    reliability,
    retention,
    right_size,
    runtime_support,
    saas_availability,
    security_posture,
    shared_paths,
    sharing_agreements,
    skills,
    supplier_statement,
    supplier_support,
    ties,
    use_class,
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
        bits_and_boot,
        machine_limits,
        database_support,
        runtime_support,
        supplier_support,
        supplier_statement,
        skills,
        contract_end,
        use_class,
        right_size,
        dependencies_crossing,
        integration_count,
        fixed_addresses,
        shared_paths,
        batch_window,
        licensing,
        data_classification,
        data_residency,
        retention,
        sharing_agreements,
        private_links,
        legacy_authentication,
        security_posture,
        ties,
        attached_devices,
        network_needs,
        end_user_devices,
        backup_and_recovery,
        reliability,
        saas_availability,
        duplicate_function,
        questionnaire,
    )
)
