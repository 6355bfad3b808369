"""Against the real Pulumi CLI, where it is on PATH."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from policies.check import check
from policies.model import Judgement
from rehearsal import cloud, rehearse
from rehearsal.providers import launchers
from rehearsal.seals import PASSPHRASE

pytestmark = [
    pytest.mark.pulumi,
    pytest.mark.skipif(not shutil.which("pulumi"), reason="the Pulumi CLI is not on PATH: unless doctor --install-pulumi"),
]
ROOT = Path(__file__).parents[2]
PACK = ("--policy-pack", str(ROOT / "policies/pack"))
ACCOUNT = """
import pulumi_azure_native.storage as storage

sku = storage.SkuArgs(name=storage.SkuName.STANDARD_LRS)
storage.StorageAccount("open", resource_group_name="rg", kind=storage.Kind.STORAGE_V2, sku=sku, allow_shared_key_access=True)
"""


def _pulumi(*words: str, cwd: Path, home: Path, path: Path | None = None) -> str:
    done = _run(*words, cwd=cwd, home=home, path=path)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _refused(*words: str, cwd: Path, home: Path, path: Path | None = None) -> str:
    done = _run(*words, cwd=cwd, home=home, path=path)
    assert done.returncode != 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def _run(*words: str, cwd: Path, home: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_BACKEND_URL": home.as_uri(),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        **({"PATH": f"{path}{os.pathsep}{os.environ['PATH']}"} if path else {}),
    }
    return subprocess.run(["pulumi", *words, "--non-interactive"], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


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
    _pulumi("preview", *PACK, **held)
    _pulumi("up", "--yes", *PACK, **held)
    made = cloud.load(azure).held
    _pulumi("preview", "--expect-no-changes", **held)
    _pulumi("refresh", "--yes", "--expect-no-changes", **held)
    _pulumi("destroy", "--yes", **held)
    assert made
    assert cloud.load(azure).held == {}


def test_our_pack_stops_a_breach_and_its_settings_cannot_let_it_through(project: Callable[[str], Path], tmp_path: Path) -> None:
    folder, home = project(ACCOUNT), tmp_path / "home"
    home.mkdir()
    launchers.write(tmp_path / "bin", tmp_path / "azure.jsonl")
    held = {"cwd": folder, "home": home, "path": tmp_path / "bin"}
    _pulumi("stack", "init", "dev", "--secrets-provider", "passphrase", cwd=folder, home=home)
    for words in (("preview",), ("up", "--yes")):
        told = _refused(*words, *PACK, **held)
        assert "storage-denies-shared-keys" in told
        assert "fail: allowSharedKeyAccess is true; it must be false." in told
    settings = tmp_path / "pack.json"
    for written, why in (
        ({"all": "advisory"}, "settings may raise a level and never lower it"),
        ({"golden-rules": {"environment": "staging"}}, "environment"),
        ({"golden-rules": {"exceptions": str(tmp_path / "nowhere.toml")}}, "nowhere.toml: cannot be read"),
    ):
        settings.write_text(json.dumps(written), "utf-8")
        assert why in _refused("preview", *PACK, "--policy-pack-config", str(settings), **held)


def test_its_preview_has_the_verdicts_and_the_places_of_our_own(tmp_path: Path) -> None:
    folder, home = _our_project(tmp_path / "project", "landing-zone"), tmp_path / "home"
    home.mkdir()
    launchers.write(tmp_path / "bin", tmp_path / "azure.jsonl")
    _pulumi("stack", "init", "landing-zone", "--secrets-provider", "passphrase", cwd=folder, home=home)
    theirs, ours = tmp_path / "theirs.json", tmp_path / "ours.json"
    theirs.write_text(_pulumi("preview", "--json", "--show-sames", cwd=folder, home=home, path=tmp_path / "bin"), "utf-8")
    ours.write_text(json.dumps(rehearse(folder, "landing-zone", tmp_path / "state.json", preview_only=True).to_json()), "utf-8")
    found = [check([(file, "preview")], None, date(2026, 11, 25)).judgements for file in (theirs, ours)]
    verdicts, places = ([{(j.control.id, j.subject.id, *more(j)) for j in js} for js in found] for more in (_verdict, _place))
    assert verdicts[0] == verdicts[1]
    assert places[0] == places[1]


def _verdict(judgement: Judgement) -> tuple[str, str]:
    return judgement.answer.verdict.value, judgement.answer.reason


def _place(judgement: Judgement) -> tuple[str, int]:
    return judgement.subject.file, judgement.subject.line
