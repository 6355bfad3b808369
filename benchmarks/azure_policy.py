"""Judge 521 workload resources by every policy of the Azure Landing Zones library's assignments, against reading them as JSON.

The assignments, definitions and initiatives are made straight from the library's files, as a program makes them (`type_check.py`); the
resources are those of a council's workloads, in as many resource groups of one corporate subscription as it takes.
Run: python benchmarks/azure_policy.py [DATA]
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count, islice
from pathlib import Path
from typing import Any

from policies.azure_policy.built_ins import find_built_ins
from policies.azure_policy.judge import judge_policies
from policies.model import Subject
from policies.schema.azure_native import kind_of
from policies.schema.type_files import open_type_files

SCOPE = "/providers/Microsoft.Management/managementGroups/"
SUBSCRIPTION = "/subscriptions/00000000-0000-4000-8000-000000000021"
Held = dict[str, Any]
RESOURCES = 521
_LOCKED: Held = {"defaultAction": "Deny", "bypass": "AzureServices"}
# One workload: what its parts ask for.
WORKLOAD: list[tuple[str, Held]] = [
    ("resources:ResourceGroup", {}),
    (
        "storage:StorageAccount",
        {"kind": "StorageV2", "minimumTlsVersion": "TLS1_2", "networkRuleSet": _LOCKED, "allowSharedKeyAccess": False},
    ),
    ("keyvault:Vault", {"properties": {"enablePurgeProtection": True, "networkAcls": _LOCKED, "publicNetworkAccess": "Disabled"}}),
    (
        "network:VirtualNetwork",
        {"addressSpace": {"addressPrefixes": ["10.1.0.0/24"]}, "subnets": [{"name": "a", "addressPrefix": "10.1.0.0/25"}]},
    ),
    (
        "network:NetworkSecurityGroup",
        {"securityRules": [{"name": "a", "access": "Deny", "direction": "Inbound", "destinationPortRange": "22"}]},
    ),
    ("network:NetworkInterface", {"ipConfigurations": [{"name": "a", "privateIPAllocationMethod": "Dynamic"}]}),
    ("compute:VirtualMachine", {"hardwareProfile": {"vmSize": "Standard_D2s_v5"}, "securityProfile": {"encryptionAtHost": True}}),
    ("compute:Disk", {"diskSizeGB": 64, "networkAccessPolicy": "DenyAll", "publicNetworkAccess": "Disabled"}),
    ("sql:Server", {"minimalTlsVersion": "1.2", "publicNetworkAccess": "Disabled"}),
    ("sql:Database", {"sku": {"name": "GP_Gen5_2"}}),
    ("dbforpostgresql:Server", {"network": {"publicNetworkAccess": "Disabled"}}),
    ("operationalinsights:Workspace", {"retentionInDays": 90}),
    ("recoveryservices:Vault", {"sku": {"name": "RS0"}}),
    ("network:PrivateEndpoint", {"subnet": {"id": "a"}}),
]


def read(folder: Path, pattern: str = "*.json") -> list[Held]:
    """Files of the library; it writes two names for the group at which its own definitions are to be."""
    texts = (f.read_text("utf-8-sig") for f in sorted(folder.glob(pattern)))
    return [json.loads(t.replace(f"{SCOPE}contoso/", f"{SCOPE}placeholder/")) for t in texts]


def subject(token: str, name: str, own: str, inputs: Held) -> Subject:
    return Subject("resource", token, f"urn:pulumi:prod::b::{token}::{own}", name, inputs, resource_id=own)


def governance(data: Path) -> Iterator[Subject]:
    """The library's groups, definitions, initiatives and assignments, each at its group."""
    alz = data / "azure-landing-zones-library/platform/alz"
    groups = read(alz / "architecture_definitions", "alz.alz_architecture_definition.json")[0]["management_groups"]
    archetypes = {a["name"]: a for a in read(alz / "archetype_definitions")}
    assignments = {a["name"]: a for a in read(alz / "policy_assignments")}
    for kind, folder in (("PolicyDefinition", "policy_definitions"), ("PolicySetDefinition", "policy_set_definitions")):
        for held in read(alz / folder):
            own = f"{SCOPE}placeholder/providers/Microsoft.Authorization/{kind[0].lower()}{kind[1:]}s/{held['name']}"
            yield subject(f"azure-native:authorization:{kind}AtManagementGroup", held["name"], own, held["properties"])
    for group in groups:
        yield from placed(group)
        for name in (n for a in group["archetypes"] for n in archetypes[a]["policy_assignments"]):
            own = f"{SCOPE}{group['id']}/providers/Microsoft.Authorization/policyAssignments/{name}"
            said = {k: v for k, v in assignments[name]["properties"].items() if v is not None}
            yield subject("azure-native:authorization:PolicyAssignment", name, own, {**said, "policyAssignmentName": name})


def placed(group: Held) -> Iterator[Subject]:
    own = SCOPE + group["id"]
    parent = {"parent": {"id": SCOPE + (group["parent_id"] or "root")}}
    yield subject("azure-native:management:ManagementGroup", group["id"], own, {"groupId": group["id"], "details": parent})
    if group["id"] == "corp":
        yield subject("azure-native:management:ManagementGroupSubscription", "place", own + SUBSCRIPTION, {"groupId": "corp"})


def workloads() -> Iterator[Subject]:
    """Resources without end, a resource group for each workload."""
    for n in count():
        group = f"{SUBSCRIPTION}/resourceGroups/rg-{n}"
        for module, asked in WORKLOAD:
            kind = kind_of(f"azure-native:{module}")
            assert kind is not None
            namespace, *segments = kind.arm_type.split("/")
            tail = "/".join(f"{s}/app{n}" for s in segments)
            own = group if module == "resources:ResourceGroup" else f"{group}/providers/{namespace}/{tail}"
            common = {"location": "uksouth", "tags": {"owner": "Head of Housing"}, **dict.fromkeys(kind.path, f"app{n}")}
            yield subject(f"azure-native:{module}", f"{module}-{n}", own, {**common, "resourceGroupName": f"rg-{n}", **asked})


def best(do: Callable[[], object], times: int = 3) -> float:
    """The least CPU seconds of several runs: what the work costs without what else the machine does."""
    taken: list[float] = []
    for _ in range(times):
        gc.collect()
        begun = time.process_time()
        do()
        taken.append(time.process_time() - begun)
    return min(taken)


def main(data: Path) -> None:
    begun = time.process_time()
    files, built_ins = open_type_files(data), find_built_ins(data)
    assert built_ins is not None
    planned = [*governance(data)]
    subjects = [*planned, *islice(workloads(), RESOURCES)]
    opened = time.process_time() - begun
    text = json.dumps([s.inputs for s in subjects[len(planned) :]])
    reads = best(lambda: json.loads(text))
    begun = time.process_time()
    judged = judge_policies(subjects, files, built_ins, date(2026, 11, 25), is_all=True)
    first = time.process_time() - begun
    again = best(lambda: judge_policies(subjects, files, built_ins, date(2026, 11, 25), is_all=True))
    longer = [*planned, *islice(workloads(), RESOURCES * 4)]
    four_times = best(lambda: judge_policies(longer, files, built_ins, date(2026, 11, 25), is_all=True), 1)
    verdicts = Counter(f"{j.control.id.removeprefix('azure-policy-')} {j.answer.verdict}" for j in judged.judgements)
    sys.stdout.write(
        f"{judged.told}: {first:.2f} s of CPU the first time, {again:.2f} s again ({again / reads:.0f} times json.loads of the resources, "
        f"{reads:.3f} s); {RESOURCES * 4} resources {four_times:.2f} s; opening the library {opened:.2f} s; "
        f"{', '.join(f'{n} {v}' for v, n in sorted(verdicts.items()))}\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "../shared/data")
