"""The executables `pulumi-resource-azure-native` and `pulumi-resource-azuread`, one folder to put on PATH."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from rehearsal import checkpoint
from rehearsal.providers import PACKAGES

_ROOT = Path(__file__).resolve().parents[2]


def write(folder: Path, file: Path, python: str = sys.executable) -> tuple[Path, ...]:
    """Write them into `folder`, for the pretend cloud in `file`; gives their paths. Each has a twin for Windows beside it."""
    return tuple(_launcher(folder, package, file.resolve(), python) for package in PACKAGES)


def _launcher(folder: Path, package: str, file: Path, python: str) -> Path:
    words = [python, "-P", "-m", "rehearsal.providers", package, str(file)]
    launcher = folder / f"pulumi-resource-{package}"
    path = f"{shlex.quote(str(_ROOT))}${{PYTHONPATH:+:$PYTHONPATH}}"
    checkpoint.write_text(launcher, f'#!/bin/sh\nPYTHONPATH={path} exec {shlex.join(words)} "$@"\n')
    launcher.chmod(0o755)
    quoted = " ".join(f'"{w}"' for w in words)
    checkpoint.write_text(launcher.with_suffix(".cmd"), f"@set PYTHONPATH={_ROOT};%PYTHONPATH%\n@{quoted} %*\n")
    return launcher


def of(folder: Path) -> tuple[Path, ...]:
    """Those that are in the folder."""
    return tuple(f for package in PACKAGES if (f := folder / f"pulumi-resource-{package}").is_file())
