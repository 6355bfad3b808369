"""Object stores as the copy sees them: one small port, with S3 and Azure Blob behind it.

Everything that a store raises comes out as StepError in plain words. Every object carries the SHA-256 of its content
as metadata (`sha256`) where it was known before the upload, and the token of the step that put it (`unless-token`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

# Files up to this many bytes travel whole; larger ones in parts of this size (S3 wants parts of at least 5 MiB).
PART_BYTES = 8 * 1024 * 1024


class Held(NamedTuple):
    """An object as a listing shows it: size in bytes, and the stamp (ETag) that changes with its content."""

    size: int
    stamp: str


# Told of a key and of the upload in parts that was begun for it, before the first part.
Begun = Callable[[str, str], None]


def forget(key: str, upload: str) -> None:
    """For whoever keeps no record of uploads."""
    del key, upload


class Store(Protocol):
    """Where files go: keys to bytes."""

    name: str

    def prepare(self) -> None:
        """Make sure that the store is there and lets us in. Changes nothing there."""
        ...

    def abandon(self, key: str, upload: str) -> None:
        """Clear away an upload in parts that a killed run began and left open; one that is gone is no error."""
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

    def put_parts(self, key: str, parts: Iterable[bytes], about: Mapping[str, str], begun: Begun = forget) -> str:
        """Put a large object in parts; nothing appears under the key when `parts` raises. Returns its stamp."""
        ...

    def read(self, key: str) -> Iterator[bytes]:
        """The object's content, in pieces."""
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Delete these objects; missing ones are no error."""
        ...
