"""`unless doctor`: what is on this machine, what is missing and what it would be for, and what is not built yet."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from console.exits import Exit
from console.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from console.output import fail, note, say, show_json, table
from console.workspace import Workspace, WorkspaceError, open_workspace

_ROOT = Path(__file__).resolve().parents[2]
_INSTALL_SECONDS = 300
_INSTALLER = """\
import socket
socket.setdefaulttimeout(10)
from pulumi.automation import PulumiCommand
print(PulumiCommand.install().command)
"""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked for. `state` is present, missing, wrong or not built yet."""

    section: str
    name: str
    state: str
    told: str


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(doctor)


def doctor(
    install_pulumi: Annotated[
        bool, typer.Option("--install-pulumi", help="Fetch the Pulumi CLI of the SDK's own version, where the network allows it.")
    ] = False,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> None:
    """Say which engine, parts and packages are present, how the workspace is, and what is not built yet."""
    if install_pulumi:
        _install_pulumi()
    found = [*_engines(), *_machine(), *_parts(), *_packages(), *_workspace(workspace), *_not_built()]
    if as_json:
        show_json(found)
    else:
        _show(found)
    if any(f.state == "wrong" for f in found):
        raise typer.Exit(Exit.FOUND)


def _show(found: list[Found]) -> None:
    for section in dict.fromkeys(f.section for f in found):
        rows = [{"name": f.name, "state": f.state, "details": f.told} for f in found if f.section == section]
        table(rows, ("name", "state", "details"), as_json=False, title=section)


def _engines() -> Iterator[Found]:
    wanted = metadata.version("pulumi")
    yield Found("Engines", "rehearsal", "present", f"runs every stack against a pretend cloud, with the Pulumi SDK {wanted}")
    command = shutil.which("pulumi") or _own_pulumi(wanted)
    if not command:
        told = f"needed for pulumi preview and pulumi up. Get version {wanted}: unless doctor --install-pulumi"
        yield Found("Engines", "Pulumi CLI", "missing", told)
        return
    version = _answer([command, "version"]).lstrip("v")
    same = version == wanted
    told = f"{version}, the SDK's own version, at {command}" if same else f"{version or 'no version'} at {command}; the SDK is {wanted}"
    yield Found("Engines", "Pulumi CLI", "present", told)


def _own_pulumi(version: str) -> str:
    """Where the installer puts the CLI, which is not on PATH."""
    command = Path.home() / ".pulumi" / "versions" / version / "bin" / "pulumi"
    return str(command) if command.is_file() else ""


def _answer(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _machine() -> Iterator[Found]:
    yield Found("Machine", "Python", "present", f"{platform.python_version()} at {sys.executable}")
    yield Found("Machine", "platform", "present", platform.platform(terse=True))


def _parts() -> Iterator[Found]:
    for part in _facts()["part"]:
        where = next((w for look in part["look"] if (w := _where(look))), "")
        told = f"at {where}; for {part['needed_for']}" if where else f"for {part['needed_for']}. To get it: {part['get']}"
        yield Found("Parts", part["name"], "present" if where else "missing", told)


def _facts() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def _where(look: str) -> str:
    path = _ROOT / look
    return str(path) if "/" in look and path.is_file() else shutil.which(look) or ""


def _packages() -> Iterator[Found]:
    names = [_name(r) for r in metadata.requires("cloud-unless") or () if "extra ==" not in r]
    missing = [n for n in names if not _version(n)]
    if missing:
        yield Found("Packages", ", ".join(missing), "wrong", "not installed. Run: python3 run.py")
    for name in ("pulumi", "pulumi-azure-native", "pulumi-azuread", "pulumi-policy"):
        yield Found("Packages", name, "present" if _version(name) else "wrong", _version(name) or "not installed. Run: python3 run.py")
    yield Found("Packages", "all others", "present", f"{len(names) - len(missing)} of {len(names)} that cloud-unless asks for")


def _name(requirement: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else " " for c in requirement).split()[0]


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _workspace(folder: Path) -> Iterator[Found]:
    try:
        opened = open_workspace(folder)
    except WorkspaceError as wrong:
        state = "wrong" if (folder / "unless.toml").is_file() else "missing"
        yield from (Found("Workspace", str(folder), state, f) for f in wrong.faults)
        return
    yield Found("Workspace", str(folder), "present", f"of {opened.settings.council.name}")
    for file in ("estate.sqlite", "assessments.json", "plan.json", "findings.json", "report.html"):
        there = opened.path(file).is_file()
        yield Found("Workspace", file, "present" if there else "missing", "" if there else "not made yet")
    yield _providers(opened)
    yield from (_rehearsed(f) for f in sorted(opened.path("rehearsal").glob("*.json")) if not f.name.endswith(".preview.json"))


def _providers(opened: Workspace) -> Found:
    from rehearsal.providers import PACKAGES, launchers

    name, folder = "pretend providers", opened.path("rehearsal", "pulumi", "bin")
    if len(launchers.of(folder)) == len(PACKAGES):
        return Found("Engines", name, "present", f"in {folder}: with that folder on PATH the Pulumi CLI runs against the pretend Azure")
    return Found("Engines", name, "missing", "for running the Pulumi CLI against the pretend Azure. To get them: unless providers")


def _rehearsed(file: Path) -> Found:
    from rehearsal import RehearsalError
    from rehearsal.checkpoint import load

    try:
        return Found("Workspace", f"rehearsal/{file.name}", "present", f"{len(load(file).resources)} resources")
    except RehearsalError as wrong:
        return Found("Workspace", f"rehearsal/{file.name}", "wrong", wrong.faults[0])


def _not_built() -> Iterator[Found]:
    """What stacks say of themselves: the tables `waiting` in their data, with `what`, `waits_for` and `meanwhile`."""
    for file in sorted((_ROOT / "stacks").glob("*/waiting.toml")):
        held = cast("list[dict[str, str]]", tomllib.loads(file.read_text("utf-8")).get("waiting", []))
        for waiting in held:
            told = f"stack {file.parent.name}; waits for {waiting['waits_for']}. Meanwhile: {waiting['meanwhile']}"
            yield Found("Not built yet", waiting["what"], "not built yet", told)


def _install_pulumi() -> None:
    """Fetch the CLI with the Automation API's own installer, in a process that can be given up."""
    wanted = metadata.version("pulumi")
    if command := _own_pulumi(wanted):
        say(f"The Pulumi CLI {wanted} is there already: {command}")
        return
    note(f"Fetching the Pulumi CLI {wanted}…")
    try:
        done = subprocess.run([sys.executable, "-c", _INSTALLER], capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        fail([f"The Pulumi CLI could not be fetched within {_INSTALL_SECONDS} seconds. Rehearsal works without it."])
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        fail([f"The Pulumi CLI {wanted} could not be fetched: {why}. The network may not allow it. Rehearsal works without it."])
    say(f"The Pulumi CLI {wanted} is at {done.stdout.strip()}. Put its folder on PATH.")
