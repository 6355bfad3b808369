"""Which copy of the library is meant: a folder that is named, or the one of several whose files are a published version's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stacks.errors import StacksError
from stacks.library.digest import digest_of, version_of
from stacks.library.files import METADATA


def copy_of(said: str, root: Path, member: str) -> Path:
    """The folder that holds `member`: `said` itself where it is a folder, else the copy at or beneath `root` of that version.

    Versions are known by the digest of the files, never by the name of a folder. Raises StacksError.
    """
    named = Path(said)
    if named.is_dir():
        if not (named / member / METADATA).is_file():
            raise StacksError(
                f"{named} holds no {member} ({named / member / METADATA} is not there); name the folder that holds platform/."
            )
        return named
    held = list(_copies(root, member))
    found = next((folder for folder, version in held if version == said), None)
    if found is None:
        there = ", ".join(f"{version or 'no published version'} in {folder}" for folder, version in held) or "none at all"
        raise StacksError(
            f"{said} is neither a folder nor a version of {member} that is at {root}; there is {there}. "
            "Bring that version (unless library sync), or name a folder."
        )
    return found


def _copies(root: Path, member: str) -> Iterator[tuple[Path, str]]:
    """Folders at `root`, and one and two beneath it, that hold the member, each with its version."""
    beneath = (f for pattern in ("*", "*/*") for f in sorted(root.glob(pattern)))
    for folder in (root, *beneath):
        if (folder / member / METADATA).is_file():
            yield folder, version_of(member, digest_of(folder / member))
