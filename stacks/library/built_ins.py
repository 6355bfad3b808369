"""Azure's built-in definitions, from a copy of Azure/azure-policy. Only what is named is kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from stacks.library.files import parse
from stacks.library.model import Definition, SetDefinition, key


def read_built_ins(folder: Path) -> tuple[dict[str, Definition], dict[str, SetDefinition], list[str]]:
    """Definitions and sets beneath `folder` by compared name, and the faults."""
    definitions: dict[str, Definition] = {}
    sets: dict[str, SetDefinition] = {}
    faults: list[str] = []
    for file in sorted(folder.rglob("*.json")):
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
