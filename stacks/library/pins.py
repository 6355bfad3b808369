"""The public data that the toolkit can use: which files of which commit, and whether a folder holds exactly those."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from stacks.errors import StacksError
from stacks.library.digest import digest_of_contents, text_of

RECEIPT: Final = ".unless-copy.json"
_FORMAT: Final = "cloud-unless/library-copy/1"


@dataclass(frozen=True, slots=True)
class Pin:
    """A commit of a public repository and what is wanted of it. `keep` are patterns of paths, in which `*` also stands for folders.

    `digest` is over names and contents of the files; for those `by_git_id`, over the id that git gives their content.
    """

    name: str
    what: str
    repository: str
    commit: str
    keep: tuple[str, ...]
    digest: str
    limit_mb: int
    by_git_id: tuple[str, ...] = ()

    def wants(self, path: str) -> bool:
        """Whether a file, by its path in the repository, belongs to the copy."""
        return any(fnmatchcase(path, pattern) for pattern in self.keep)

    def address(self, host: str) -> str:
        """Where a copy of the commit is served. Source: GitHub's documentation, "Source code archive URLs", read on 2026-11-25."""
        return f"{host.rstrip('/')}/{self.repository}/archive/{self.commit}.tar.gz"


class CopyState(StrEnum):
    """What a folder is, measured against its pin."""

    AS_PINNED = "as pinned"
    OTHER_PIN = "of another pin"
    DIFFERENT = "different"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Copy:
    """A pin and what was found in its folder. `digest` is "" where nothing is."""

    pin: Pin
    folder: Path
    state: CopyState
    files: int
    digest: str


@cache
def pins() -> tuple[Pin, ...]:
    """Every pin, in the order in which they are listed."""
    held = tomllib.loads(Path(__file__).with_name("pins.toml").read_text("utf-8"))
    return tuple(_pin(p) for p in held["pin"])


def _pin(held: dict[str, Any]) -> Pin:
    lists: dict[str, Any] = {name: tuple(held.get(name, ())) for name in ("keep", "by_git_id")}
    return Pin(**{**held, **lists})


def chosen_pins(names: tuple[str, ...]) -> tuple[Pin, ...]:
    """The pins that have these names, or all. Raises StacksError for names that no pin has."""
    known = {p.name: p for p in pins()}
    if strange := [n for n in names if n not in known]:
        raise StacksError(*(f"{n}: no public data is called this; there are {', '.join(known)}." for n in strange))
    return tuple(known[n] for n in dict.fromkeys(names)) or pins()


def kept_files(folder: Path, pin: Pin) -> tuple[Path, ...]:
    """The files of a folder that the pin wants, in the order of their paths."""
    by_path = {f.relative_to(folder).as_posix(): f for f in folder.rglob("*") if f.is_file()}
    return tuple(by_path[path] for path in sorted(by_path) if pin.wants(path))


def digest_of_copy(folder: Path, files: Iterable[Path], pin: Pin) -> str:
    """The digest of files in a folder, to be compared with the pin's."""
    contents = ((f.relative_to(folder).as_posix(), text_of(f)) for f in files)
    return digest_of_contents((path, _git_id(c) if path in pin.by_git_id else c) for path, c in contents)


def _git_id(content: bytes) -> bytes:
    """What git calls a file's content. It is SHA-1, which git chose, and which the commit's own id rests on as well."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest().encode()


def copy_of(root: Path, pin: Pin) -> Copy:
    """What `root` holds for a pin. Raises StacksError when it is there and cannot be read, or `root` is no folder."""
    folder = root / pin.name
    if root.exists() and not root.is_dir():
        raise StacksError(f"{root}: is a file, and public data is kept in a folder. Name a folder with --library.")
    if not folder.exists() and not folder.is_symlink():
        return Copy(pin, folder, CopyState.ABSENT, 0, "")
    try:
        files = kept_files(folder, pin)
        digest = digest_of_copy(folder, files, pin)
    except OSError as wrong:
        raise StacksError(f"{wrong.filename or folder}: cannot be read ({wrong.strerror}). Look at its permissions.") from wrong
    if digest == pin.digest:
        return Copy(pin, folder, CopyState.AS_PINNED, len(files), digest)
    is_ours = _receipt(folder).get("digest") == digest
    return Copy(pin, folder, CopyState.OTHER_PIN if is_ours else CopyState.DIFFERENT, len(files), digest)


def write_receipt(folder: Path, pin: Pin) -> None:
    """Say in a folder which commit it was brought from: what still has the receipt's digest was not changed by anyone since."""
    said = {"format": _FORMAT, "repository": pin.repository, "commit": pin.commit, "digest": pin.digest}
    (folder / RECEIPT).write_text(json.dumps(said, indent=2) + "\n", "utf-8")


def _receipt(folder: Path) -> dict[str, Any]:
    """What the receipt says; nothing where there is none, or none of ours: the folder then counts as somebody's own."""
    try:
        held: object = json.loads((folder / RECEIPT).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", held) if isinstance(held, dict) else {}
