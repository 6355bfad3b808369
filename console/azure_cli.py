"""The Azure CLI, run as the person who is signed in to it: it shows, asks and does, and we hold no credential."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from console.workspace import WorkspaceError

_CLI = "az"


def carry_out(command: Sequence[str], *, tenant: str) -> int:
    """Run a deployment's arguments (without `az`) on this terminal, once the CLI is signed in to `tenant`; Azure's own exit code.

    Raises WorkspaceError where there is no Azure CLI, nobody is signed in, or somebody is signed in elsewhere: then nothing was run.
    """
    program = shutil.which(_CLI)
    if program is None:
        raise WorkspaceError("The Azure CLI (az) is not on PATH. Install it, or run the lines yourself where it is.")
    _refuse_elsewhere(program, tenant)
    return subprocess.run([program, *command], check=False).returncode


def _refuse_elsewhere(program: str, tenant: str) -> None:
    asked = subprocess.run(
        [program, "account", "show", "--query", "tenantId", "--output", "tsv"], capture_output=True, text=True, check=False
    )
    if asked.returncode != 0:
        raise WorkspaceError(f"Nobody is signed in to the Azure CLI. Run: az login --tenant {tenant}")
    if asked.stdout.strip().lower() != tenant.lower():
        raise WorkspaceError(f"The Azure CLI is signed in to another tenant than the settings name. Run: az login --tenant {tenant}")


def deployment(level: str, name: str, scope: Sequence[str], location: str, template: Path) -> list[str]:
    """The arguments of a deployment that shows what would change, asks, and does it. `level` is sub or mg, `scope` its own option."""
    return ["deployment", level, "create", "--confirm-with-what-if", *_where(name, scope, location, template)]


def what_if(level: str, name: str, scope: Sequence[str], location: str, template: Path) -> list[str]:
    """The arguments that show what a deployment would change, and change nothing."""
    return ["deployment", level, "what-if", *_where(name, scope, location, template)]


def _where(name: str, scope: Sequence[str], location: str, template: Path) -> list[str]:
    return ["--name", name, *scope, "--location", location, "--template-file", str(template)]
