"""Against the real Pulumi CLI, where it is on PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal import rehearse
from rehearsal.seals import PASSPHRASE

pytestmark = [
    pytest.mark.pulumi,
    pytest.mark.skipif(not shutil.which("pulumi"), reason="the Pulumi CLI is not on PATH: unless doctor --install-pulumi"),
]
ROOT = Path(__file__).parents[2]


def _pulumi(*words: str, cwd: Path, home: Path) -> str:
    environment = {
        **os.environ,
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_BACKEND_URL": home.as_uri(),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    done = subprocess.run(["pulumi", *words, "--non-interactive"], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_imports_the_state_of_a_rehearsal(project: Callable[[str], Path], tmp_path: Path) -> None:
    folder = project('a = Thing("a", key=pulumi.Output.secret("s3cret"))\nThing("b", of=a.id)\n')
    state, home = tmp_path / "dev.json", tmp_path / "home"
    home.mkdir()
    rehearse(folder, "dev", state)
    _pulumi("stack", "init", "dev", "--secrets-provider", "passphrase", cwd=folder, home=home)
    assert "Import complete" in _pulumi("stack", "import", "--stack", "dev", "--file", str(state), cwd=folder, home=home)


def test_it_runs_the_very_same_landing_zone(tmp_path: Path) -> None:
    folder, home = tmp_path / "project", tmp_path / "home"
    home.mkdir()
    shutil.copytree(ROOT / "stacks", folder / "stacks")
    for name in ("Pulumi.yaml", "Pulumi.landing-zone.yaml"):
        shutil.copy(ROOT / name, folder / name)  # a copy: `stack init` writes its salt into the stack's file
    (folder / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    _pulumi("stack", "init", "landing-zone", "--secrets-provider", "passphrase", cwd=folder, home=home)
    _pulumi("preview", "--stack", "landing-zone", cwd=folder, home=home)
