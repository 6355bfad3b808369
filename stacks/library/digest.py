"""A digest of one member of the library, the same on every machine, and the published versions that we know by theirs."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from pathlib import Path

from stacks.library.files import asset_files


def digest_of(folder: Path) -> str:
    """SHA-256 over names and contents of what is read of `folder`, in hexadecimal.

    Pages and scripts beside the assets do not count, nor does how a checkout ends its lines.
    """
    whole = hashlib.sha256()
    for file in asset_files(folder):
        content = file.read_bytes().replace(b"\r\n", b"\n")
        whole.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
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
