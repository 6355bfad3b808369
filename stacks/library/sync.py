"""Brings public data into a folder: taken out of its archive beside its place, compared with its pin, and only then put there."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from stacks.errors import StacksError
from stacks.library.archive import Readable, unpack
from stacks.library.pins import Copy, CopyState, Pin, copy_of, digest_of_copy, kept_files, write_receipt

_INCOMING: Final = ".incoming-"
_FORGOTTEN_SECONDS: Final = 24 * 3600
Source = Callable[[Pin], AbstractContextManager[Readable]]


def sync(root: Path, pin: Pin, source: Source, *, is_replaced: bool = False, heard: Callable[[int], None] | None = None) -> Copy:
    """Make `root` hold the copy that is pinned, and say what it holds. What is as pinned already is left alone, and nothing is asked for.

    Until the new copy is whole and has the pin's digest the old one stays. One that somebody changed stays unless `is_replaced`.
    Raises StacksError when there is no such copy to be had, or no place for it.
    """
    held = copy_of(root, pin)
    if held.state is CopyState.AS_PINNED:
        return held
    if held.state is CopyState.DIFFERENT and not is_replaced:
        raise StacksError(
            f"{held.folder}: is not the copy that is pinned, and was not brought by unless (its digest is {held.digest}). "
            "Move it away, or give --replace to have it removed."
        )
    try:
        root.mkdir(parents=True, exist_ok=True)
        _forget(root)
        with tempfile.TemporaryDirectory(prefix=_INCOMING, dir=root) as incoming:
            _bring(Path(incoming), held, source, heard)
    except OSError as wrong:
        raise StacksError(f"{wrong.filename or root}: {wrong.strerror or wrong}. Look at the folder's permissions and the disk.") from wrong
    return copy_of(root, pin)


def _bring(incoming: Path, held: Copy, source: Source, heard: Callable[[int], None] | None) -> None:
    pin, made = held.pin, incoming / "made"
    made.mkdir()
    with source(pin) as archive:
        unpack(archive, pin, made, heard)
    files = kept_files(made, pin)
    if (digest := digest_of_copy(made, files, pin)) != pin.digest:
        raise StacksError(
            f"{pin.name}: what came is not what was reviewed: {len(files)} files with the digest {digest}, and {pin.digest} is pinned. "
            "Nothing was put in place. Look at where the archive comes from, and run it again."
        )
    write_receipt(made, pin)
    _put(made, held.folder, incoming / "former")


def _put(made: Path, place: Path, former: Path) -> None:
    """Two renames on one disk; when the second fails, the first is taken back."""
    is_there = place.exists() or place.is_symlink()
    if is_there:
        place.rename(former)
    try:
        made.rename(place)
    except OSError:
        if is_there:
            former.rename(place)
        raise


def _forget(root: Path) -> None:
    """Remove what runs that were killed left behind; another run's work of today stays."""
    for left in root.glob(f"{_INCOMING}*"):
        if time.time() - left.stat().st_mtime > _FORGOTTEN_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
