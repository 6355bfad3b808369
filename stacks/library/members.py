"""Which members of the library are read, in which order, and whether they are the ones that were pinned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stacks.library.digest import digest_of, releases, version_of
from stacks.library.files import METADATA, parse
from stacks.library.model import Dependency, Metadata
from stacks.library.shapes import MetadataFile, checked


@dataclass(frozen=True, slots=True)
class Member:
    """A member that is asked for: `platform/alz`, with its published version or its digest."""

    path: str
    version: str = ""
    digest: str = ""


def ordered(root: Path, wanted: Sequence[Member]) -> tuple[tuple[Metadata, ...], list[str]]:
    """The members asked for and what they depend on, each after its dependencies, and the faults."""
    found: dict[str, Metadata] = {}
    faults: list[str] = []
    for member in wanted:
        _visit(root, member.path, (), found, faults)
    pins = {m.path: m for m in wanted}
    for path, held in found.items():
        faults += _pin_faults(root, held, pins.get(path)) + _dependency_faults(root, held, found)
    return tuple(found.values()), faults


def keys_of_faults(root: Path, wanted: Sequence[Member]) -> dict[str, tuple[int, str]]:
    """Which of `wanted` each fault of `ordered` is of, and which key of it people correct: reference, version or digest."""
    found: dict[str, tuple[int, str]] = {}
    for i, member in enumerate(wanted):
        held, wrong = _metadata(root, member.path)
        pins = _pin_faults(root, held, member) if held else []
        found |= dict.fromkeys(wrong, (i, "reference")) | dict.fromkeys(pins, (i, "version" if member.version else "digest"))
    return found


def _visit(root: Path, path: str, above: tuple[str, ...], found: dict[str, Metadata], faults: list[str]) -> None:
    if path in above:
        faults.append(f"{root / path / METADATA}: members depend on one another in a circle: {' → '.join((*above, path))}; break it.")
    if path in found or path in above:
        return
    held, wrong = _metadata(root, path)
    faults += wrong
    if held is None:
        return
    for dependency in held.dependencies:
        if dependency.path:
            _visit(root, dependency.path, (*above, path), found, faults)
    found[path] = held


def _metadata(root: Path, path: str) -> tuple[Metadata | None, list[str]]:
    folder = root / path
    file = folder / METADATA
    if not folder.resolve().is_relative_to(root.resolve()) or not file.is_file():
        return None, [f"{file} does not exist, so {path} is not a member of the library at {root}; name another, or bring the library."]
    held, faults = parse(file, str(file))
    said, wrong = checked(MetadataFile, held, str(file)) if held is not None else (None, [])
    if said is None:
        return None, faults + wrong
    digest = digest_of(folder)
    dependencies = tuple(Dependency(d.path, d.ref, d.custom_url) for d in said.dependencies)
    return Metadata(path, said.name, said.display_name, said.description, dependencies, digest, version_of(path, digest)), []


def _pin_faults(root: Path, held: Metadata, pin: Member | None) -> list[str]:
    if pin is None:
        return []
    known = releases().get((held.path, pin.version), "")
    if pin.version and not known and not pin.digest:
        versions = ", ".join(sorted(v for name, v in releases() if name == held.path)) or "none"
        return [f"{held.path} version {pin.version} is not one whose digest we know ({versions}); give the digest as well: {held.digest}."]
    wanted = {d.removeprefix("sha256:") for d in (known, pin.digest) if d}
    if wanted <= {held.digest}:
        return []
    is_really = f"version {held.version}" if held.version else "no version that we know"
    asked = f"version {pin.version}" if pin.version else f"digest {pin.digest}"
    return [
        f"{root / held.path} is not {asked} of {held.path}: its digest is {held.digest}, which is {is_really}. "
        "Bring that version, or correct the setting."
    ]


def _dependency_faults(root: Path, held: Metadata, found: Mapping[str, Metadata]) -> list[str]:
    faults = [
        f"{root / held.path / METADATA}: {held.path} depends on {d.url}, which we do not fetch; put its files in the own folder."
        for d in held.dependencies
        if d.url
    ]
    for dependency in held.dependencies:
        beneath = found.get(dependency.path)
        if beneath and dependency.ref and beneath.version and dependency.ref != beneath.version:
            faults.append(
                f"{held.path} stands on {dependency.path} {dependency.ref}, and {root / dependency.path} is {beneath.version}; "
                f"bring {dependency.ref}, or another version of {held.path}."
            )
    return faults
