"""A folder read into a layer, and layers laid upon one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stacks.library.files import Asset, asset_files, asset_of, parse
from stacks.library.model import DefaultValue, key
from stacks.library.shapes import SHAPES, checked

_CALLED = {
    Asset.DEFINITION: "policy definition",
    Asset.SET: "policy set definition",
    Asset.ASSIGNMENT: "policy assignment",
    Asset.ROLE: "role definition",
    Asset.ARCHETYPE: "archetype",
    Asset.OVERRIDE: "archetype",
    Asset.ARCHITECTURE: "architecture",
    Asset.DEFAULTS: "default value",
}


def called(asset: Asset) -> str:
    """What people call a kind of file's content."""
    return _CALLED[asset]


@dataclass
class Layer:
    """What one folder holds, by kind and compared name. `is_own` is a council's own folder, which may take names over."""

    folder: Path
    is_own: bool = False
    held: dict[Asset, dict[str, Any]] = field(default_factory=lambda: {a: {} for a in SHAPES})
    faults: list[str] = field(default_factory=list[str])

    def add(self, asset: Asset, name: str, value: Any, file: Path) -> None:
        """Keep a value; the same name twice in one layer is a fault."""
        before = self.held[asset].setdefault(key(name), value)
        if before is not value:
            self.faults.append(f"{file}: {called(asset)} {name} stands in {_file_of(before)} too; give one of them another name.")


def _file_of(value: Any) -> str:
    return str(value.file) if hasattr(value, "file") else "the same file"


def read_layer(folder: Path, is_own: bool = False) -> Layer:
    """Every asset of a folder; what is wrong with its files stands in `faults`."""
    layer = Layer(folder, is_own)
    for file in asset_files(folder):
        asset = asset_of(file)
        if asset is not None and asset is not Asset.METADATA:
            _read_file(layer, asset, file)
    return layer


def _read_file(layer: Layer, asset: Asset, file: Path) -> None:
    held, faults = parse(file, str(file))
    shape, become = SHAPES[asset]
    said, wrong = checked(shape, held, str(file)) if held is not None else (None, [])
    layer.faults += faults + wrong
    if said is None:
        return
    value = become(said, file)
    for each in value if asset is Asset.DEFAULTS else (value,):
        # A role is referred to by what people call it; its own name is a GUID.
        layer.add(asset, each.name, each, file)


def laid(layers: Sequence[Layer]) -> tuple[Mapping[Asset, Mapping[str, Any]], list[str], tuple[str, ...]]:
    """All layers as one, the faults, and what a council's own layer took over from those beneath it."""
    whole: dict[Asset, dict[str, Any]] = {a: {} for a in SHAPES}
    faults: list[str] = []
    replaced: list[str] = []
    for layer in layers:
        for asset, held in layer.held.items():
            for name in held.keys() & whole[asset].keys():
                if asset is Asset.DEFAULTS:
                    held[name] = _joined(whole[asset][name], held[name])
                elif layer.is_own:
                    replaced.append(f"{called(asset)} {held[name].name}")
                else:
                    faults.append(_twice(asset, held[name], whole[asset][name]))
            whole[asset] |= held
    return whole, faults, tuple(sorted(replaced))


def _joined(before: DefaultValue, after: DefaultValue) -> DefaultValue:
    return DefaultValue(after.name, after.description or before.description, (*before.targets, *after.targets))


def _twice(asset: Asset, value: Any, before: Any) -> str:
    return f"{value.file}: {called(asset)} {value.name} stands in {before.file} too; leave one of the two members out."


def every(layers: Iterable[Layer]) -> list[str]:
    """All layers' faults."""
    return [fault for layer in layers for fault in layer.faults]
