"""Azure's built-in definitions, from a copy of Azure/azure-policy. Only what is named is kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from stacks.library.files import parse
from stacks.library.model import Definition, SetDefinition, key

_WHOLE = "built-in-policies"
_KINDS = ("policyDefinitions", "policySetDefinitions")


def read_built_ins(folder: Path) -> tuple[dict[str, Definition], dict[str, SetDefinition], list[str]]:
    """Definitions and sets of a copy of Azure/azure-policy, or of its folder built-in-policies, by compared name, and the faults.

    Any other folder is a fault and is not searched.
    """
    beneath, faults = _policies(folder)
    definitions: dict[str, Definition] = {}
    sets: dict[str, SetDefinition] = {}
    for file in sorted(f for b in beneath for f in b.rglob("*.json")):
        held, wrong = parse(file, str(file))
        faults += wrong
        if held is None or not isinstance(held.get("properties"), Mapping) or not isinstance(held.get("name"), str):
            continue
        properties = cast("Mapping[str, Any]", held["properties"])
        if isinstance(properties.get("policyDefinitions"), list):
            sets[key(held["name"])] = SetDefinition(held["name"], properties, file, built_in=True)
        elif isinstance(properties.get("policyRule"), Mapping):
            definitions[key(held["name"])] = Definition(held["name"], properties, file, built_in=True)
    return definitions, sets, faults


def _policies(folder: Path) -> tuple[list[Path], list[str]]:
    """The two folders that Azure/azure-policy keeps what is built in in."""
    root = folder / _WHOLE if (folder / _WHOLE).is_dir() else folder
    found = [root / kind for kind in _KINDS if (root / kind).is_dir()]
    if found or not folder.is_dir():
        return found, []
    return [], [
        f"{folder} is no copy of Azure/azure-policy: it has no folder {_WHOLE} with {' or '.join(_KINDS)}; name another, or bring it "
        "(unless library sync azure-policy)."
    ]
