"""Against the real Pulumi CLI, where it is on PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal import cloud, rehearse
from rehearsal.providers import launchers
from rehearsal.seals import PASSPHRASE

pytestmark = [
    pytest.mark.pulumi,
    pytest.mark.skipif(not shutil.which("pulumi"), reason="the Pulumi CLI is not on PATH: unless doctor --install-pulumi"),
]
ROOT = Path(__file__).parents[2]


def _pulumi(*words: str, cwd: Path, home: Path, path: Path | None = None) -> str:
    environment = {
        **os.environ,
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_BACKEND_URL": home.as_uri(),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        **({"PATH": f"{path}{os.pathsep}{os.environ['PATH']}"} if path else {}),
    }
    done = subprocess.run(["pulumi", *words, "--non-interactive"], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _our_project(folder: Path, stack: str) -> Path:
    """A copy: `stack init` writes its salt into the stack's file."""
    shutil.copytree(ROOT / "stacks", folder / "stacks")
    for name in ("Pulumi.yaml", f"Pulumi.{stack}.yaml"):
        shutil.copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    return folder


def test_it_imports_the_state_of_a_rehearsal(project: Callable[[str], Path], tmp_path: Path) -> None:
    folder = project('a = Thing("a", key=pulumi.Output.secret("s3cret"))\nThing("b", of=a.id)\n')
    state, home = tmp_path / "dev.json", tmp_path / "home"
    home.mkdir()
    rehearse(folder, "dev", state)
    _pulumi("stack", "init", "dev", "--secrets-provider", "passphrase", cwd=folder, home=home)
    assert "Import complete" in _pulumi("stack", "import", "--stack", "dev", "--file", str(state), cwd=folder, home=home)


def test_it_deploys_and_destroys_the_very_same_landing_zone_in_the_pretend_azure(tmp_path: Path) -> None:
    folder, home, azure = _our_project(tmp_path / "project", "landing-zone"), tmp_path / "home", tmp_path / "azure.jsonl"
    home.mkdir()
    launchers.write(tmp_path / "bin", azure)
    held = {"cwd": folder, "home": home, "path": tmp_path / "bin"}
    _pulumi("stack", "init", "landing-zone", "--secrets-provider", "passphrase", cwd=folder, home=home)
    _pulumi("config", "set", "cloud-unless:protect", "false", cwd=folder, home=home)
    pack = ("--policy-pack", str(ROOT / "policies/pack"))
    _pulumi("preview", *pack, **held)
    _pulumi("up", "--yes", *pack, **held)
    made = cloud.load(azure).held
    _pulumi("preview", "--expect-no-changes", **held)
    _pulumi("refresh", "--yes", "--expect-no-changes", **held)
    _pulumi("destroy", "--yes", **held)
    assert made
    assert cloud.load(azure).held == {}
