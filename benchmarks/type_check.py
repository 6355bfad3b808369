"""Judge the 521 resources of the Azure Landing Zones library's landing zone by Azure's own types, against reading them as JSON.

The resources are made straight from the library's files, as a program makes them: management groups, definitions, sets, roles,
assignments and what the identities of assignments are granted. Run: python benchmarks/type_check.py [DATA]
"""

from __future__ import annotations

import gc
import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from policies.model import Subject, Verdict
from policies.schema.azure_native import kind_of
from policies.schema.judge import judge_types
from policies.schema.type_files import open_type_files

SCOPE = "/providers/Microsoft.Management/managementGroups/"
ROLES = "/providers/Microsoft.Authorization/roleDefinitions/"
Held = dict[str, Any]


class Library:
    """The parts of a library that are deployed, by name in small letters."""

    def __init__(self, data: Path) -> None:
        alz = data / "azure-landing-zones-library/platform/alz"
        self.definitions = named(alz / "policy_definitions")
        self.sets = named(alz / "policy_set_definitions")
        self.assignments = named(alz / "policy_assignments")
        self.archetypes = named(alz / "archetype_definitions")
        self.roles = {r["properties"]["roleName"]: r for r in named(alz / "role_definitions").values()}
        self.all_definitions = {**named(data / "azure-policy", "**/policyDefinitions/**/*.json"), **self.definitions}
        self.all_sets = {**named(data / "azure-policy", "**/policySetDefinitions/**/*.json"), **self.sets}
        self.groups: list[Held] = read(alz / "architecture_definitions/alz.alz_architecture_definition.json")["management_groups"]

    def granted(self, definition_id: str) -> set[str]:
        """The roles that a definition, or those of a set, ask for."""
        name = definition_id.rsplit("/", 1)[1].lower()
        if "policySetDefinitions" not in definition_id:
            return set(self.asked(name))
        members = self.all_sets[name]["properties"]["policyDefinitions"]
        return {r for m in members for r in self.asked(m["policyDefinitionId"].rsplit("/", 1)[1].lower())}

    def asked(self, name: str) -> Iterator[str]:
        details: Any = self.all_definitions[name]["properties"]["policyRule"]["then"].get("details", {})
        roles: list[str] = details.get("roleDefinitionIds", []) if hasattr(details, "get") else []
        yield from (role.rsplit("/", 1)[1].lower() for role in roles)


def read(file: Path) -> Any:
    return json.loads(file.read_text("utf-8-sig"))


def named(folder: Path, pattern: str = "*.json") -> dict[str, Held]:
    return {held["name"].lower(): held for held in map(read, sorted(folder.glob(pattern)))}


def resources(library: Library) -> Iterator[Subject]:
    """Every resource of the landing zone."""
    for group in library.groups:
        scope = SCOPE + group["id"]
        parent = {"parent": {"id": SCOPE + (group["parent_id"] or "tenant-root")}}
        yield subject("management:ManagementGroup", group["id"], groupId=group["id"], displayName=group["display_name"], details=parent)
        for archetype in (library.archetypes[a.lower()] for a in group["archetypes"]):
            yield from defined(library, archetype, group["id"], scope)
            for name in archetype["policy_assignments"]:
                yield from assigned(library, library.assignments[name.lower()], group["id"], scope)


def defined(library: Library, archetype: Held, group: str, scope: str) -> Iterator[Subject]:
    keys = ("displayName", "description", "metadata", "parameters", "policyType")
    for name in archetype["policy_definitions"]:
        held = library.definitions[name.lower()]["properties"]
        own = {k: held[k] for k in (*keys, "mode", "policyRule") if k in held}
        yield subject("authorization:PolicyDefinitionAtManagementGroup", name, managementGroupId=group, policyDefinitionName=name, **own)
    for name in archetype["policy_set_definitions"]:
        held = library.sets[name.lower()]["properties"]
        own = {k: held[k] for k in (*keys, "policyDefinitions", "policyDefinitionGroups") if k in held}
        yield subject(
            "authorization:PolicySetDefinitionAtManagementGroup", name, managementGroupId=group, policySetDefinitionName=name, **own
        )
    for name in archetype["role_definitions"]:
        held = library.roles[name]["properties"]
        own = {"roleName": held["roleName"], "permissions": held["permissions"], "assignableScopes": [scope], "roleType": "CustomRole"}
        yield subject("authorization:RoleDefinition", name, scope=scope, **own)


def assigned(library: Library, held: Held, group: str, scope: str) -> Iterator[Subject]:
    said, name = held["properties"], f"{group}-{held['name']}"
    own = {k: v for k, v in said.items() if k not in ("scope", "enforcementMode") and v is not None}
    has_identity = held.get("identity", {}).get("type") == "SystemAssigned"
    more = {"identity": {"type": "SystemAssigned"}, "location": "uksouth"} if has_identity else {}
    yield subject("authorization:PolicyAssignment", name, scope=scope, policyAssignmentName=held["name"], **own, **more)
    for role in sorted(library.granted(said["policyDefinitionId"])) if has_identity else ():
        grant = {"roleDefinitionId": ROLES + role, "principalId": "7e0c3a52-0000-4000-8000-000000000001"}
        yield subject("authorization:RoleAssignment", f"{name}-{role}", scope=scope, principalType="ServicePrincipal", **grant)


def subject(type_: str, name: str, **inputs: Any) -> Subject:
    token = f"azure-native:{type_}"
    return Subject("resource", token, f"urn:pulumi:prod::lz::{token}::{name}", name, inputs)


def best(do: Callable[[], object], times: int = 5) -> float:
    """The least CPU seconds of several runs: what the work costs without what else the machine does."""
    taken: list[float] = []
    for _ in range(times):
        gc.collect()
        begun = time.process_time()
        do()
        taken.append(time.process_time() - begun)
    return min(taken)


def main(data: Path) -> None:
    subjects = [*resources(Library(data))]
    files = open_type_files(data)
    needed = {files.index[f"{k.arm_type}@{k.version}".casefold()] for s in subjects if (k := kind_of(s.type))}
    packed = [(files.folder / name).read_bytes() for name in sorted(needed)]
    unpacks = best(lambda: [json.loads(gzip.decompress(p)) for p in packed])
    text = json.dumps([s.inputs for s in subjects])
    reads = best(lambda: json.loads(text))
    first = time.process_time()
    judged = judge_types(subjects, files)
    first = time.process_time() - first
    judges = best(lambda: judge_types(subjects, files))
    many = subjects * 8
    longer = best(lambda: judge_types(many, files), 3)
    verdicts = Counter(j.answer.verdict for j in judged)
    sys.stdout.write(
        f"{len(subjects)} resources ({len(text) / 1e6:.1f} MB of JSON), {len(needed)} type files (unpacked and parsed in {unpacks:.3f} s): "
        f"json.loads of the resources {reads:.3f} s; judging {judges:.3f} s of CPU ({judges / reads:.1f}x), {first:.3f} s the first time; "
        f"{len(many)} resources {longer:.3f} s ({longer / judges:.1f}x); "
        f"{verdicts[Verdict.PASS]} pass, {verdicts[Verdict.FAIL]} fail, {verdicts[Verdict.UNKNOWN]} unknown\n"
    )
    for j in judged:
        if j.answer.verdict is not Verdict.PASS:
            sys.stdout.write(f"  {j.answer.verdict}: {j.subject.name}: {j.answer.reason}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "../shared/data")
