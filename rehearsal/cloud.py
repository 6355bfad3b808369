"""What the pretend clouds hold, apart from every state: as in the real ones, each may say something else.

The file (azure.jsonl, beside the states) is a log: one JSON object a line, each about one resource, the last one counts.
`{"id", "type", "by", "at", "properties"}` says that a resource exists, `{"id", "set": {PATH: VALUE}}` that some of its
properties are others, `{"id", "gone": true}` that it does not exist, `{"id", "purged": true}` that its name is free again.
Whoever adds such a line with an editor makes drift. Nothing in it is an open secret: see `seals`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast

from rehearsal import checkpoint, diff, urns
from rehearsal.errors import RehearsalError
from rehearsal.seals import new_salt
from rehearsal.state import State

FORMAT: Final = "cloud-unless/pretend-cloud/1"
_KEYS: Final = {"id", "type", "by", "at", "kept", "properties", "set", "gone", "purged"}
_SOMEBODY: Final = "somebody"
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """One resource as its cloud has it.

    `by` is the stack that made it (empty: nobody's) and `kept` says that it no longer holds it; `changed_by` is who else
    changed or deleted it since, `at` when that or its making was (ISO 8601, perhaps empty).
    """

    id: str
    type: str
    properties: Mapping[str, Any]
    by: str = ""
    at: str = ""
    kept: bool = False
    changed_by: str = ""


@dataclass(slots=True)
class Cloud:
    """What exists and what is deleted but keeps its name, by id in small letters.

    `lines` are not yet written down; `salt` is for the seals of those who have none of their own (see providers).
    """

    held: dict[str, Held] = field(default_factory=dict[str, Held])
    deleted: dict[str, Held] = field(default_factory=dict[str, Held])
    lines: list[Line] = field(default_factory=list[Line])
    salt: str = ""

    def get(self, identity: str) -> Held | None:
        """The resource of that id, whatever its letters' case."""
        return self.held.get(identity.lower())

    def put(self, new: Held) -> None:
        """The resource exists as it is given."""
        self._take(_line(new))

    def remove(self, identity: str, by: str, at: str) -> None:
        """The resource and all that lies below its id are gone."""
        for held in (*self.below(identity), self.get(identity)):
            if held:
                self._take({"id": held.id, "by": by, "at": at, "gone": True})

    def below(self, identity: str) -> tuple[Held, ...]:
        """What lies below an id: its children and whatever is attached to it."""
        head = f"{identity.lower().rstrip('/')}/"
        return tuple(h for k, h in self.held.items() if k.startswith(head)) if identity.startswith("/") else ()

    def _take(self, line: Line) -> None:
        self.lines.append(line)
        self.follow(line)

    def follow(self, line: Line) -> None:
        """Bring up to date with one line. Raises LookupError or TypeError, with a sentence, when it makes no sense."""
        if unknown := sorted(line.keys() - _KEYS):
            raise LookupError(f"{', '.join(unknown)}: no such key; there are {', '.join(sorted(_KEYS))}")
        key = str(line["id"]).lower()
        if line.get("purged"):
            self.deleted.pop(key, None)
        elif line.get("gone"):
            if gone := self.held.pop(key, None):
                self.deleted[key] = replace(gone, changed_by=str(line.get("by") or _SOMEBODY), at=str(line.get("at", "")))
        elif "set" in line:
            self._set(key, line)
        else:
            self.deleted.pop(key, None)
            by, at = str(line.get("by", "")), str(line.get("at", ""))
            self.held[key] = Held(line["id"], line["type"], _object(line, "properties"), by, at, bool(line.get("kept")))

    def _set(self, key: str, line: Line) -> None:
        if key not in self.held:
            raise LookupError(f"no line before it says that {line['id']} exists")
        properties: Any = dict(self.held[key].properties)
        for path, value in _object(line, "set").items():
            properties = _with(properties, diff.parsed(path), value)
        by, at = str(line.get("by") or _SOMEBODY), str(line.get("at", ""))
        self.held[key] = replace(self.held[key], properties=properties, changed_by=by, at=at)


def _object(line: Line, key: str) -> dict[str, Any]:
    if not isinstance(line[key], dict):
        raise TypeError(f"{key} is not an object")
    return cast("dict[str, Any]", line[key])


def _with(value: Any, path: diff.Path, new: Any) -> Any:
    """A copy with `new` at the path; null takes away what is there."""
    if not path:
        return new
    head, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(head, int) and head < len(cast("list[Any]", value)):
        held = cast("list[Any]", value)
        return [_with(v, rest, new) if i == head else v for i, v in enumerate(held)]
    known = dict(cast("Mapping[str, Any]", value)) if isinstance(value, Mapping) else {}
    if not rest and new is None:
        known.pop(str(head), None)
        return known
    return {**known, str(head): _with(known.get(str(head)), rest, new)}


def file_of(state: Path) -> Path:
    """The file of the cloud in which the stack of that state lives."""
    return state.with_name("azure.jsonl")


def load(file: Path) -> Cloud:
    """What the file says; when there is none yet, what the states beside it say that they made.

    Raises RehearsalError, naming each line that cannot be read.
    """
    if not file.is_file():
        return _of_states(file.parent)
    cloud = Cloud()
    faults = list(_followed(cloud, file))
    if faults:
        raise RehearsalError(*faults)
    return cloud


def _followed(cloud: Cloud, file: Path) -> Iterator[str]:
    """Bring the cloud up to date with the file; gives a fault for each line that cannot be."""
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as wrong:
        yield f"{file} is not text in UTF-8 ({wrong.reason} at byte {wrong.start + 1}). Mend it, or remove it: {_ANEW}"
        return
    for number, written in enumerate(text.split("\n"), start=1):
        if not written.strip():
            continue
        try:
            _read(cloud, json.loads(written))
        except (ValueError, LookupError, TypeError) as wrong:
            yield f"{file}, line {number}: {_told(wrong)}. Mend the line, or remove it."


_ANEW = "the pretend cloud then holds what the states beside it say."


def _read(cloud: Cloud, line: Any) -> None:
    if not isinstance(line, dict):
        raise TypeError("it is not a JSON object")
    held = cast("Line", line)
    if "format" in held:
        if held["format"] != FORMAT:
            raise ValueError(f"its format is {held['format']!r}, not {FORMAT}")
        cloud.salt = str(held.get("salt", ""))
        return
    if not isinstance(held.get("id"), str) or ("properties" in held and not isinstance(held.get("type"), str)):
        raise TypeError("it needs id, and with properties also type, as texts")
    if not held.keys() & {"properties", "set", "gone", "purged"}:
        raise TypeError("it needs one of properties, set, gone and purged")
    cloud.follow(held)


def _told(wrong: Exception) -> str:
    return f"it is not JSON ({wrong})" if isinstance(wrong, json.JSONDecodeError) else str(wrong.args[0] if wrong.args else wrong)


def _of_states(folder: Path) -> Cloud:
    """The cloud as the rehearsals of a time before this file left it; all of it is still to be written down."""
    cloud = Cloud(salt=new_salt())
    for file in sorted(folder.glob("*.json")):
        if not file.name.endswith(".preview.json") and '"deployment"' in file.read_text("utf-8", errors="replace"):
            for state in checkpoint.load(file).resources:
                if lives_in_cloud(state):
                    cloud.put(Held(state.id, state.type, state.outputs, file.stem, state.modified))
    return cloud


def lives_in_cloud(state: State) -> bool:
    """Whether a resource is something in a cloud: not a component, a provider, Pulumi's own, or somebody else's."""
    return state.custom and not state.external and urns.package_of(state.type) != "pulumi"


def save(file: Path, cloud: Cloud) -> None:
    """Write down the lines that are not yet. The caller holds the file's lock."""
    fresh = not file.is_file()
    head = [{"format": FORMAT, "salt": cloud.salt}] if fresh else []
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(", ", ": ")) + "\n" for line in (*head, *cloud.lines))
    if not text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab", buffering=0) as written:
        written.write((_line_end(file) + text).encode())
        os.fsync(written.fileno())
    cloud.lines.clear()


def _line_end(file: Path) -> str:
    """What ends the last line, where an editor did not."""
    if not file.stat().st_size:
        return ""
    with file.open("rb") as held:
        held.seek(-1, os.SEEK_END)
        return "" if held.read(1) == b"\n" else "\n"


def compacted(file: Path, cloud: Cloud) -> None:
    """Write the file anew without what later lines overrule, when that is most of it. The caller holds the file's lock."""
    wanted = [_line(h) for h in cloud.held.values()]
    for gone in cloud.deleted.values():
        wanted += [_line(gone), {"id": gone.id, "by": gone.changed_by, "at": gone.at, "gone": True}]
    with file.open("rb") as written:
        lines = sum(1 for _ in written)
    if lines > 2 * len(wanted) + 1000:
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in ({"format": FORMAT, "salt": cloud.salt}, *wanted))
        checkpoint.write_text(file, text)


def _line(held: Held) -> Line:
    kept = {"kept": True} if held.kept else {}
    return {"id": held.id, "type": held.type, "by": held.by, "at": held.at, **kept, "properties": dict(held.properties)}
