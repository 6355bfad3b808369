"""PostgreSQL's client programs on this machine, by major version."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from migration.steps.model import StepError

# Where Debian's packages put them, and those of the PostgreSQL project for Red Hat.
_PLACES: Final = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
_VERSION: Final = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True, slots=True)
class Programs:
    """`pg_dump` and `pg_restore` of one major version."""

    version: int
    dump: Path
    restore: Path


def installed(environment: Mapping[str, str]) -> tuple[Programs, ...]:
    """Those that are there, oldest first."""
    found = {p.version: p for p in _found(environment)}
    return tuple(found[v] for v in sorted(found))


def _found(environment: Mapping[str, str]) -> Iterator[Programs]:
    folders = [f for place in _PLACES for f in sorted(Path("/").glob(place.removeprefix("/")))]
    on_path = shutil.which("pg_dump", path=environment.get("PATH", os.defpath))
    if on_path:
        folders.insert(0, Path(on_path).parent)
    for folder in folders:
        suffix = ".exe" if os.name == "nt" else ""
        dump, restore = folder / f"pg_dump{suffix}", folder / f"pg_restore{suffix}"
        versions = {_version(p) for p in (dump, restore)}
        if len(versions) == 1 and (only := versions.pop()):
            yield Programs(only, dump, restore)


def _version(program: Path) -> int | None:
    try:
        ran = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(ran.stdout)
    return int(found.group(1)) if found else None


def choose(there: Sequence[Programs], source: int, target: int) -> Programs:
    """The oldest that is no older than either server, else no older than the source: what is newer may write what the target cannot read.

    Raises StepError where there is none: a program older than the source's server refuses it.
    """
    for least in (max(source, target), source):
        for programs in there:
            if programs.version >= least:
                return programs
    held = ", ".join(str(p.version) for p in there) or "none"
    raise StepError(
        f"pg_dump and pg_restore of PostgreSQL {max(source, target)} are not on this machine (there: {held}). Install them; on Debian: "
        f"apt-get install postgresql-client-{max(source, target)}"
    )
