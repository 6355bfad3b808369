"""Writes the reference estate's files from the registers, the same to the byte every time.

Use: `python -m inventory.reference.generate` writes, `--check` compares and writes nothing (1 when a file differs).
Hand-written files of `estate/` (interfaces, datasets, calendar, personas, exceptions, settings) are left alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from inventory.reference import application_sheets, folder, platform_sheets, registers
from inventory.reference.machines import machines
from inventory.reference.planting import plant
from inventory.whole import write_whole


def made() -> Mapping[Path, bytes]:
    """Every generated file with its bytes."""
    applications = registers.applications()
    servers = machines(applications)
    tables = [
        platform_sheets.v_info(servers),
        platform_sheets.v_partition(servers),
        platform_sheets.v_network(servers),
        platform_sheets.v_host(servers),
        platform_sheets.physical_servers(servers),
        platform_sheets.utilisation(servers),
        application_sheets.applications(applications),
        application_sheets.databases(applications),
        application_sheets.shares(applications),
        application_sheets.dependencies(applications),
        application_sheets.costs(),
    ]
    planted = plant({table.file: table for table in tables})
    files = {folder() / table.file: table.data() for table in tables}
    return files | {folder().parent / "planted.toml": planted.encode()}


def differing(files: Mapping[Path, bytes]) -> list[Path]:
    """Those that are not on disk as they would be written."""
    return [path for path, data in files.items() if not path.is_file() or path.read_bytes() != data]


def write(files: Mapping[Path, bytes]) -> None:
    """Put each file in place whole."""
    for path, data in files.items():
        write_whole(path, data)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check; the exit code."""
    parser = argparse.ArgumentParser(description="Write the reference estate's files.")
    parser.add_argument("--check", action="store_true", help="compare only; 1 when a file differs")
    files = made()
    stale = differing(files)
    if parser.parse_args(arguments).check:
        for path in stale:
            sys.stdout.write(f"{path.name} is not as the registers make it. Run: python -m inventory.reference.generate\n")
        return 1 if stale else 0
    write({path: files[path] for path in stale})
    sys.stdout.write(f"{len(stale)} of {len(files)} files written in {folder()}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
