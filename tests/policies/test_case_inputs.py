"""What cases write is what azure-native takes: a control of an input that no class has would pass its cases and judge nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from policies.model import Subject
from tests.policies.conftest import all_cases
from tests.policies.sdk_inputs import Input, module

# Names that azure-native has had for classes, which controls and facts still know, and one that it never had.
NO_CLASSES = {
    *("azure-native:network:FrontDoor", "azure-native:network:PrivateZone", "azure-native:network:TrafficManagerProfile"),
    *("azure-native:insights:ActionGroup", "azure-native:insights:DiagnosticSetting"),
    *("azure-native:network:VirtualNetworkLink", "azure-native:network:Zone", "azure-native:unheardof:Thing"),
}


def unknown_inputs(name: str, taken: Mapping[str, Input], given: Mapping[str, Any], path: str) -> list[str]:
    """The paths of what is given and not taken. A map has keys of its own; of a union the class counts that takes most."""
    wrong: list[str] = []
    for key, value in given.items():
        here = f"{path}.{key}" if path else key
        found = taken.get(key)
        if found is None:
            wrong.append(here)
        elif found.classes and found.container != "map":
            items = cast("list[Any]", value) if isinstance(value, list) else [value]
            for item in (cast("dict[str, Any]", i) for i in items if isinstance(i, dict)):
                kinds = [module(name).nested.get(c, {}) for c in found.classes]
                wrong += min((unknown_inputs(name, kind, item, here) for kind in kinds), key=len)
    return wrong


def wrong_inputs(control: str, subject: Subject) -> list[str]:
    _, name, kind = subject.type.split(":")
    taken = module(name).resources.get(kind)
    if taken is None:
        return [] if subject.type in NO_CLASSES else [f"{control}: {subject.type} is no class"]
    return [f"{control}: {subject.type} has no {path}" for path in unknown_inputs(name, taken, subject.inputs, "")]


def test_every_input_of_a_case_is_one_that_azure_native_takes() -> None:
    asked = [(case.control, s) for case in all_cases() for s in case.subjects if s.type.startswith("azure-native:")]
    assert sorted({w for control, subject in asked for w in wrong_inputs(control, subject)}) == []
