"""`unless` as a person runs it: a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

_SERVERS = """\
Server name,Cores,Memory (GB),Storage (GB),Operating system
app-01,2,8,100,Windows Server 2019
app-02,4,16,200,Windows Server 2022
"""
_USE = """\
Server,Month,CPU p95 (%),Memory p95 (%)
app-01,2026-10,40,50
app-02,2026-10,40,50
"""


def _run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    held = {k: v for k, v in os.environ.items() if not k.startswith(("UNLESS_", "PYTHONIOENCODING"))}
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-m", "console", *words]
    return subprocess.run(
        command, cwd=folder, env={**held, "PYTHONPATH": root, **environment}, capture_output=True, check=False, timeout=120
    )


@pytest.fixture
def unless(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run `unless` with words in the test's folder; keywords are variables of its environment."""
    return lambda *words, **environment: _run(tmp_path, *words, **environment)


@pytest.fixture(scope="session")
def _planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("council")
    (folder / "servers.csv").write_text(_SERVERS, encoding="utf-8")
    (folder / "use.csv").write_text(_USE, encoding="utf-8")
    for words in (("init",), ("import", "servers.csv", "use.csv"), ("assess",), ("plan",)):
        done = _run(folder, *words)
        assert done.returncode == 0, done.stderr.decode()
    return folder


@pytest.fixture
def council(tmp_path: Path, _planned: Path) -> Path:
    """A workspace with two servers, assessed and planned, in the test's folder."""
    shutil.copytree(_planned, tmp_path, dirs_exist_ok=True)
    return tmp_path / ".unless"
