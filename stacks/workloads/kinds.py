"""Which of Azure's kinds of storage a degree of care gets."""

from __future__ import annotations

from pulumi_azure_native import storage

from stacks.workloads.data import Care


def storage_kind(held: Care, spread: bool) -> storage.SkuName:
    """How many copies of files stand where."""
    if spread:
        return storage.SkuName.STANDARD_GZRS if held.second_region else storage.SkuName.STANDARD_ZRS
    return storage.SkuName.STANDARD_GRS if held.second_region else storage.SkuName.STANDARD_LRS
