"""A digest of one member of the library, the same on every machine, and the published versions that we know by theirs."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from stacks.library.files import asset_files


def digest_of(folder: Path) -> str:
    """SHA-256 over names and contents of what is read of `folder`, in hexadecimal.

    Pages and scripts beside the assets do not count, nor does how a checkout ends its lines.
    """
    return digest_of_contents((f.relative_to(folder).as_posix(), text_of(f)) for f in asset_files(folder))


def text_of(file: Path) -> bytes:
    """A file's content as the repository holds it, however a checkout ends its lines."""
    return file.read_bytes().replace(b"\r\n", b"\n")


def digest_of_contents(contents: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256 over names and contents, in the order given."""
    whole = hashlib.sha256()
    for name, content in contents:
        whole.update(f"{name}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()


@cache
def releases() -> dict[tuple[str, str], str]:
    """Digest by (member, version)."""
    held = tomllib.loads(Path(__file__).with_name("releases.toml").read_text("utf-8"))
    return {(r["member"], r["version"]): r["digest"] for r in held["release"]}


def version_of(member: str, digest: str) -> str:
    """The published version that has this digest, or ""."""
    return next((version for (name, version), known in releases().items() if name == member and known == digest), "")
