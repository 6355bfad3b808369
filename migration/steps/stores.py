"""Object stores as the copy sees them: one small port, with S3 and Azure Blob behind it.

Everything that a store raises comes out as StepError in plain words. Every object carries the SHA-256 of its content
as metadata (`sha256`) where it was known before the upload, and the token of the step that put it (`unless-token`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

# Files up to this many bytes travel whole; larger ones in parts of this size (S3 wants parts of at least 5 MiB).
PART_BYTES = 8 * 1024 * 1024


class Held(NamedTuple):
    """An object as a listing shows it: size in bytes, and the stamp (ETag) that changes with its content."""

    size: int
    stamp: str


class Store(Protocol):
    """Where files go: keys to bytes."""

    name: str

    def prepare(self) -> None:
        """Make sure that the store is there and lets us in; clear away uploads that a killed run left open."""
        ...

    def listing(self) -> dict[str, Held]:
        """Every object below our prefix."""
        ...

    def digest(self, key: str) -> str:
        """The SHA-256 (hexadecimal) that the object was put with, or "" where none is recorded."""
        ...

    def put(self, key: str, content: bytes, sha256: bytes, about: Mapping[str, str]) -> str:
        """Put a small object, whose digest the store checks on arrival where it can; returns its stamp."""
        ...

    def put_parts(self, key: str, parts: Iterable[bytes], about: Mapping[str, str]) -> str:
        """Put a large object in parts; nothing appears under the key when `parts` raises. Returns its stamp."""
        ...

    def read(self, key: str) -> Iterator[bytes]:
        """The object's content, in pieces."""
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Delete these objects; missing ones are no error."""
        ...
