"""Takes the wanted files out of a commit's archive, and nothing else: no links, no path outside, no more than was agreed."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Final, Protocol, cast

from stacks.errors import StacksError
from stacks.library.pins import Pin

_CHUNK: Final = 1 << 20
_AGAIN: Final = "Nothing was put in place. Bring the archive again."


class Readable(Protocol):
    """Bytes as they come: a file, an answer from a server."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; b"" at the end."""
        ...


class _Capped:
    """Reads what another gives until that is more than was agreed, so that no archive fills the disk or the memory."""

    def __init__(self, source: Readable, pin: Pin, heard: Callable[[int], None] | None = None) -> None:
        self._source, self._pin, self._heard = source, pin, heard
        self._left = pin.limit_mb * 1_000_000

    def read(self, size: int = -1, /) -> bytes:
        held = self._source.read(_CHUNK if size < 0 else min(size, _CHUNK))
        self._left -= len(held)
        if self._left < 0:
            raise StacksError(
                f"{self._pin.name}: the archive holds more than {self._pin.limit_mb} MB, the most that was agreed for it. "
                "Nothing was put in place. It is not the archive of this commit: look at where it comes from."
            )
        if self._heard:
            self._heard(len(held))
        return held


def unpack(archive: Readable, pin: Pin, folder: Path, heard: Callable[[int], None] | None = None) -> None:
    """Write the files that the pin wants into `folder`, which is empty. `heard` is told of the bytes as they come.

    Raises StacksError when the archive is not whole, is too large, or holds what an archive of a commit never holds; OSError when
    what gives the bytes fails. `folder` is then of no use.
    """
    unzipped = gzip.GzipFile(fileobj=cast("IO[bytes]", _Capped(archive, pin, heard)), mode="rb")
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", _Capped(unzipped, pin)), mode="r|", errorlevel=2) as members:
            for member in members:
                _take(members, member, pin, folder)
    except (tarfile.TarError, zlib.error, EOFError, ValueError, gzip.BadGzipFile) as wrong:
        raise StacksError(f"{pin.name}: the archive is not whole, or is none ({wrong}). {_AGAIN}") from wrong


def _take(members: tarfile.TarFile, member: tarfile.TarInfo, pin: Pin, folder: Path) -> None:
    """The first part of each path is the archive's own: repository and commit."""
    _, _, path = member.name.partition("/")
    if not path or member.isdir():
        return
    if _is_outside(path):
        raise StacksError(f"{pin.name}: the archive names {path!r}, which is outside of it. {_AGAIN}")
    if not pin.wants(path):
        return
    if not member.isreg():
        raise StacksError(f"{pin.name}: {path!r} is a link or a device in the archive, and must be a file. {_AGAIN}")
    content = members.extractfile(member)
    if content is not None:
        _write(content, folder / path, path, pin)


def _is_outside(path: str) -> bool:
    """Whether a path would leave its folder, or mean something else, on any system."""
    parts = path.split("/")
    is_strange = any(p in ("", ".", "..") for p in parts) or not path.isprintable() or "\\" in path
    return is_strange or PurePosixPath(path).is_absolute() or bool(PureWindowsPath(path).drive)


def _write(content: IO[bytes], target: Path, path: str, pin: Pin) -> None:
    """A path that comes twice, be it in other capitals on a system for which that is the same, is refused: which of them was meant?"""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        file = target.open("xb")
    except FileExistsError as wrong:
        raise StacksError(f"{pin.name}: {path!r} comes twice in the archive, or lies below a file. {_AGAIN}") from wrong
    except OSError as wrong:
        raise _unwritten(target, wrong) from wrong
    with file:
        while chunk := content.read(_CHUNK):
            try:
                file.write(chunk)
            except OSError as wrong:
                raise _unwritten(target, wrong) from wrong


def _unwritten(target: Path, wrong: OSError) -> StacksError:
    return StacksError(f"{target}: cannot be written ({wrong.strerror}). Look at the room on the disk and the folder's permissions.")
