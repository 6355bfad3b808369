"""Requests on disk: written, brought up to date and removed without ever touching what a person changed.

The first line of a file that a plan wrote names the council and the digest of the rest. While the digest still
agrees, the plan may write the file anew or remove it; when it does not, or the line is absent, a person has
written or edited the file, and it is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inventory.whole import write_whole

MARK: Final = re.compile(r"# written by unless plan for (?P<council>[a-z0-9-]+), sha256:(?P<digest>[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Written:
    """File names of the folder: written anew or changed, already right, removed, and kept because a person edited them."""

    written: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def write_requests(folder: Path, texts: Mapping[str, str], council: str) -> Written:
    """Make the folder hold these requests, by workload id, and none that this council's plan wrote before.

    Files of other councils are left alone, as are those that a person wrote or edited: an edited one that the plan
    would have written or removed is in `kept`. Each file is written whole or not at all.
    """
    wanted = {f"{workload_id}.toml": marked(text, council) for workload_id, text in texts.items()}
    found = {p.name: _read(p) for p in sorted(folder.glob("*.toml"))} if folder.is_dir() else {}
    folder.mkdir(parents=True, exist_ok=True)
    mine = {name for name, text in found.items() if is_untouched(text, council)}
    same = {name for name, text in wanted.items() if found.get(name) == text}
    write = {name for name in wanted if name not in same and (name in mine or name not in found)}
    gone = mine - set(wanted)
    kept = {name for name, text in found.items() if name not in mine | same and (name in wanted or _council(text) == council)}
    for name in sorted(write):
        write_whole(folder / name, wanted[name])
    for name in gone:
        (folder / name).unlink()
    return Written(*(tuple(sorted(names)) for names in (write, same, gone, kept)))


def marked(text: str, council: str) -> str:
    """The text below the line by which we know it again."""
    return f"# written by unless plan for {council}, sha256:{_digest(text)}\n{text}"


def is_untouched(text: str, council: str) -> bool:
    """Whether this council's plan wrote the file and nobody has changed it since."""
    line, _, rest = text.partition("\n")
    held = MARK.fullmatch(line)
    return held is not None and held["council"] == council and held["digest"] == _digest(rest)


def _council(text: str) -> str:
    held = MARK.fullmatch(text.partition("\n")[0])
    return held["council"] if held else ""


def _read(path: Path) -> str:
    # A checkout on Windows may turn the ends of lines; a file that is not even text is a person's.
    return path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
