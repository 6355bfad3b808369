"""`unless bootstrap --apply`: the Azure CLI does it, in the right tenant or not at all."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.bootstrap.given import SETTINGS, unless


def _az(folder: Path, tenant: str, *, shown: int = 0, created: int = 0) -> Path:
    """An `az` that notes what it was asked, and answers as the Azure CLI does: the tenant on a line of its own, or an exit code."""
    made = folder / "az"
    made.write_text(
        f"""#!/bin/sh
printf '%s\\n' "$*" >> {folder}/asked
if [ "$1" = account ]; then [ {shown} -eq 0 ] && echo {tenant}; exit {shown}; fi
exit {created}
""",
        "utf-8",
    )
    made.chmod(0o755)
    return made.parent


def _applied(folder: Path, *arguments: str, az: Path | None) -> subprocess.CompletedProcess[str]:
    (folder / "bootstrap.toml").write_text(SETTINGS, "utf-8")
    return unless(*arguments, folder=folder, PATH=str(az or folder / "nothing"))


TENANT = "bbbbbbbb-0000-4000-8000-0000000000bb"
SUBSCRIPTION = "aaaaaaaa-0000-4000-8000-0000000000aa"


@pytest.mark.parametrize(
    ("part", "asked"),
    [
        ("state", f"deployment sub create --confirm-with-what-if --name cloud-unless-bootstrap --subscription {SUBSCRIPTION}"),
        ("access", f"deployment mg create --confirm-with-what-if --name cloud-unless-access-exb --management-group-id {TENANT}"),
    ],
)
def test_apply_has_the_azure_cli_show_ask_and_do_one_part(tmp_path: Path, part: str, asked: str) -> None:
    ours = tmp_path / "bin"
    ours.mkdir()
    ended = _applied(tmp_path, "--apply", part, az=_az(ours, TENANT.upper()))
    assert ended.returncode == 0, ended.stderr
    first, second = (ours / "asked").read_text("utf-8").splitlines()
    assert first == "account show --query tenantId --output tsv"
    assert second.startswith(f"{asked} --location uksouth --template-file bootstrap.")


@pytest.mark.parametrize(
    ("tenant", "shown", "said"),
    [("cccccccc-0000-4000-8000-0000000000cc", 0, "signed in to another tenant"), ("", 1, "Nobody is signed in")],
)
def test_apply_does_nothing_for_somebody_who_is_signed_in_elsewhere_or_not_at_all(
    tmp_path: Path, tenant: str, shown: int, said: str
) -> None:
    ours = tmp_path / "bin"
    ours.mkdir()
    ended = _applied(tmp_path, "--apply", "state", az=_az(ours, tenant, shown=shown))
    assert ended.returncode == 1
    assert said in ended.stderr
    assert f"az login --tenant {TENANT}" in ended.stderr
    assert len((ours / "asked").read_text("utf-8").splitlines()) == 1


def test_apply_says_when_the_azure_cli_fails_or_is_not_there(tmp_path: Path) -> None:
    ours = tmp_path / "bin"
    ours.mkdir()
    failed = _applied(tmp_path, "--apply", "state", az=_az(ours, TENANT, created=3))
    assert failed.returncode == 1
    assert "The Azure CLI ended with 3" in failed.stderr
    absent = _applied(tmp_path, "--apply", "state", az=None)
    assert absent.returncode == 1
    assert "The Azure CLI (az) is not on PATH." in absent.stderr
    assert _applied(tmp_path, "--apply", "state", "--json", az=None).returncode == 2
    assert "Traceback" not in failed.stderr + absent.stderr
