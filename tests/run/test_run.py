"""`run.py` on a bare machine: what it says when something is missing, and that it installs by hash."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def _load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_under_test", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run() -> ModuleType:
    return _load(ROOT / "run.py")


def test_usage_is_exit_code_2(run: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main([]) == 2
    assert run.main(["dmeo"]) == 2
    assert "run.py demo" in capsys.readouterr().err


@pytest.mark.parametrize("version", [(3, 6, 8), (3, 10, 14), (2, 7, 18)])
def test_an_old_python_is_told_which_is_needed(run: ModuleType, version: tuple[int, ...]) -> None:
    with pytest.raises(run.SetUpError, match=rf"needs Python 3\.11 or later; .* is Python {version[0]}\.{version[1]}"):
        run.check_python(version)


def test_a_missing_venv_module_names_the_package_to_install(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> object | None:
        return None if name == "ensurepip" else object()

    monkeypatch.setattr(run.importlib.util, "find_spec", find)
    with pytest.raises(run.SetUpError, match=r"apt-get install python3\.12-venv"):
        run.check_python((3, 12, 1))


def test_too_little_disk_is_said_before_anything_is_made(run: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run, "DISK_NEEDED_MB", 10**12)
    with pytest.raises(run.SetUpError, match="MB free; set-up needs"):
        run.make_environment()
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("npm error code ENOSPC", "The disk is full"),
        ("Temporary failure in name resolution", "No package registry answers"),
        ("npm error code ENOTFOUND", "No package registry answers"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "is not what requirements.lock expects"),
        ("Segmentation fault", "A step of set-up failed: python3 -m pip"),
    ],
)
def test_what_went_wrong_is_one_plain_sentence(run: ModuleType, printed: str, said: str) -> None:
    assert run.explain(printed, ["/usr/bin/python3", "-m", "pip"]).startswith(said) or said in run.explain(
        printed, ["python3", "-m", "pip"]
    )


def test_only_the_lines_of_uv_are_taken_from_the_lock(run: ModuleType) -> None:
    lines = run.uv_lines((ROOT / "requirements.lock").read_text("utf-8")).splitlines()
    assert lines[0].startswith("uv==")
    assert len(lines) > 3
    assert all("--hash=sha256:" in line for line in lines[1:])


def test_every_locked_package_is_pinned_by_hash_and_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    packages = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert all("==" in line and line.endswith("\\") for line in packages)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("run.py", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def _closed_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.mark.slow
def test_when_no_registry_answers_it_says_so_and_stops(copy: Path) -> None:
    nowhere = f"http://127.0.0.1:{_closed_port()}/simple"
    held = {k: v for k, v in os.environ.items() if not k.upper().startswith(("PIP_", "UV_"))}
    done = subprocess.run(
        [sys.executable, "run.py", "test"],
        cwd=copy,
        env=held | {"PIP_INDEX_URL": nowhere, "UV_DEFAULT_INDEX": nowhere, "PIP_NO_CACHE_DIR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "No package registry answers" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_call_runs_no_step_of_set_up(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = _load(copy / "run.py")
    stamp = module.stamp_of([copy / "requirements.lock", copy / "pyproject.toml"], [sys.version, sys.executable, str(copy.resolve())])
    (copy / ".venv").mkdir()
    (copy / ".venv" / "cloud-unless.stamp").write_text(stamp, "utf-8")

    def refuse(command: list[str]) -> None:
        raise AssertionError(command)

    monkeypatch.setattr(module, "step", refuse)
    module.set_up()
    (copy / "requirements.lock").write_text("changed", "utf-8")
    with pytest.raises(AssertionError):
        module.set_up()


def test_settings_that_would_install_elsewhere_or_leave_hashes_unchecked_are_not_inherited(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in run.NOT_INHERITED:
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    held = run.environment()
    assert not set(run.NOT_INHERITED) & set(held)
    assert held["PIP_INDEX_URL"] == "https://mirror.example/simple"
    assert held["UV_PYTHON_DOWNLOADS"] == "never"
