"""Assets and archives: known by the digest of what they hold, as Pulumi knows them.

An archive's digest here is of its files' names and contents; Pulumi digests the packed archive, so the two differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from rehearsal.values import ARCHIVE, ASSET, each, signature


def digested(value: Any, folder: Path) -> Any:
    """The value with a `hash` in every asset and archive; relative paths start at `folder`.

    Raises LookupError, with a plain sentence, when a file does not exist.
    """
    if signature(value) not in (ASSET, ARCHIVE):
        return each(value, lambda v: digested(v, folder))
    held = cast("Mapping[str, Any]", value)
    digest = hashlib.sha256()
    for part in _parts(held, folder):
        digest.update(len(part).to_bytes(8, "big") + part)
    return {**held, "hash": digest.hexdigest()}


def _parts(held: Mapping[str, Any], folder: Path) -> Iterator[bytes]:
    if "text" in held:
        yield str(held["text"]).encode()
    elif "uri" in held:
        yield str(held["uri"]).encode()
    elif "assets" in held:
        for name, asset in sorted(cast("Mapping[str, Any]", held["assets"]).items()):
            yield name.encode()
            yield str(digested(asset, folder)["hash"]).encode()
    else:
        yield from _files(folder / str(held.get("path", "")))


def _files(path: Path) -> Iterator[bytes]:
    if not path.exists():
        raise LookupError(f"the file {path} does not exist")
    if path.is_file():
        yield path.read_bytes()
        return
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        yield file.relative_to(path).as_posix().encode()
        yield file.read_bytes()
