"""The type files of Azure Resource Manager: a folder with `index.json` (type@version to file) and a file for each namespace and version.

A file is a flat list of types that refer to one another by `{"$ref": "#/n"}`. Flags of a property: 1 required, 2 read-only. The
index is Microsoft's own, in which a reference names the file (`generated/` of Azure/bicep-types-az), or says the file's name alone.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from policies.errors import PoliciesError

FOLDER: Final = "bicep-types"
_PLACES: Final = (".", FOLDER, f"{FOLDER}/generated", "generated")
REQUIRED: Final = 1
READ_ONLY: Final = 2
Type = Mapping[str, Any]
_PARTS: Final[Mapping[str, Mapping[str, type]]] = {
    "ResourceType": {"name": str, "body": dict},
    "ObjectType": {"name": str, "properties": dict},
    "DiscriminatedObjectType": {"name": str, "discriminator": str, "baseProperties": dict, "elements": dict},
    "UnionType": {"elements": list},
    "ArrayType": {"itemType": dict},
    "StringLiteralType": {"value": str},
}
_GET: Final = "Get them again, or name the folder that holds their index.json."


@dataclass(frozen=True, slots=True, eq=False)
class Types:
    """One file's types, by their place in it."""

    name: str
    held: Sequence[Type]

    @property
    def namespace(self) -> str:
        """`microsoft.storage` of `microsoft.storage@2024-01-01.json.gz` and of `storage/microsoft.storage/2024-01-01/types.json`."""
        parts = self.name.split("/")
        return parts[-3] if len(parts) > 2 else parts[-1].partition("@")[0]

    def at(self, reference: Mapping[str, str]) -> Type:
        """What a `{"$ref": "#/n"}` refers to. Raises PoliciesError when it is none, or is of a type that the file does not hold."""
        try:
            return self.held[int(reference["$ref"][2:])]
        except (LookupError, ValueError, TypeError) as wrong:
            raise PoliciesError(f"{self.name}: refers to a type that it does not hold ({reference}). {_GET}") from wrong


@dataclass(frozen=True, slots=True, eq=False)
class TypeFiles:
    """A folder of type files. Each file is read when a resource of its types is first judged, and then kept."""

    folder: Path
    index: Mapping[str, str]
    _read: dict[str, tuple[Types, Mapping[str, Type]]] = field(default_factory=dict[str, tuple[Types, Mapping[str, Type]]], repr=False)

    def body(self, arm_type: str, version: str) -> tuple[Types, Type] | None:
        """The type of what Azure takes for a resource, with the file that it is in, or None when no file has that version of it.

        Raises PoliciesError when the file cannot be read.
        """
        name = f"{arm_type}@{version}".casefold()
        file = self.index.get(name)
        if file is None:
            return None
        if file not in self._read:
            self._read[file] = _parsed(self.folder / file, file)
        types, resources = self._read[file]
        return (types, types.at(resources[name]["body"])) if name in resources else None


def open_type_files(folder: Path) -> TypeFiles:
    """The type files in a folder, or in its folder `bicep-types`. Raises PoliciesError when there are none to use."""
    place = _place(folder)
    if place is None:
        raise PoliciesError(f"{folder}: holds no type files (no index.json, nor {FOLDER}/index.json). {_GET}")
    file = place / "index.json"
    index = _json(file, _bytes(file))
    named = _files_of(cast("dict[str, Any]", index)) if isinstance(index, dict) else None
    if named is None:
        raise PoliciesError(f"{file}: is not an index of type files, which gives a file's name for each type@version. {_GET}")
    outside = sorted({n for n in named.values() if Path(n).is_absolute() or ".." in Path(n).parts})
    if outside:
        raise PoliciesError(*(f"{file}: names {n}, which is outside its folder. {_GET}" for n in outside))
    return TypeFiles(place, named)


def find_type_files(folder: Path) -> TypeFiles | None:
    """The type files where they are looked for without being asked for: None when there are none."""
    return open_type_files(folder) if _place(folder) else None


def _place(folder: Path) -> Path | None:
    return next((folder / p for p in _PLACES if (folder / p / "index.json").is_file()), None)


def _files_of(index: Mapping[str, Any]) -> dict[str, str] | None:
    """The file of each type@version in small letters; None when the index is of another form."""
    entries: object = index.get("resources", index.get("Resources", index))
    if not isinstance(entries, Mapping):
        return None
    files = {k.casefold(): _file_of(v) for k, v in cast("Mapping[str, object]", entries).items()}
    return {k: f for k, f in files.items() if f} if all(files.values()) else None


def _file_of(entry: object) -> str:
    """The file that an entry names; "" when it is of another form."""
    if isinstance(entry, Mapping):
        held = cast("Mapping[str, object]", entry)
        entry = held.get("$ref") or held.get("RelativePath")
    return entry.partition("#")[0] if isinstance(entry, str) else ""


def _parsed(file: Path, name: str) -> tuple[Types, Mapping[str, Type]]:
    held = _json(file, _bytes(file))
    if not isinstance(held, list) or not all(isinstance(t, dict) and "$type" in t for t in cast("list[object]", held)):
        raise PoliciesError(f"{file}: is not a list of types. {_GET}")
    types = cast("list[Type]", held)
    partial = [f"{n} ({t['$type']})" for n, t in enumerate(types) if not _is_whole(t)]
    if partial:
        raise PoliciesError(f"{file}: has types that lack a part: {', '.join(partial[:5])}. {_GET}")
    return Types(name, types), {t["name"].casefold(): t for t in types if t["$type"] == "ResourceType"}


def _is_whole(held: Type) -> bool:
    """Whether a type has every part that is read of it, and of the right kind."""
    parts = _PARTS.get(str(held["$type"]), {})
    if not all(isinstance(held.get(name), kind) for name, kind in parts.items()):
        return False
    objects = [cast("Mapping[str, object]", held[name]) for name in ("properties", "baseProperties") if name in parts]
    return all(_is_field(f) for fields in objects for f in fields.values())


def _is_field(held: object) -> bool:
    if not isinstance(held, dict):
        return False
    told = cast("dict[str, object]", held)
    return isinstance(told.get("type"), dict) and isinstance(told.get("flags"), int)


def _bytes(file: Path) -> bytes:
    try:
        held = file.read_bytes()
        return gzip.decompress(held) if held[:2] == b"\x1f\x8b" else held
    except (OSError, EOFError, zlib.error) as wrong:
        raise PoliciesError(f"{file}: cannot be read ({wrong}). {_GET}") from wrong


def _json(file: Path, text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise PoliciesError(f"{file}: is not whole JSON ({wrong}). {_GET}") from wrong
