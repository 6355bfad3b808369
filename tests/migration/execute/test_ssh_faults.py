"""What is wrong with a key file, a known_hosts file, a host or a path is said of the thing that it is wrong with."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paramiko
import pytest

from migration.steps.endpoints import SharePlace
from migration.steps.locator import LocatorParameters, switch
from migration.steps.model import Bench, StepError
from migration.steps.ssh import list_share


@pytest.fixture
def place(council: Any) -> SharePlace:
    return SharePlace.model_validate(next(s for s in council.runbook.steps if s.kind == "freeze-share").parameters["source"])


def _fault(place: SharePlace, **other: str) -> str:
    with pytest.raises(StepError) as wrong:
        list_share(place.model_copy(update=other))
    return str(wrong.value)


def test_a_path_that_is_not_there_or_no_folder_is_named(council: Any, place: SharePlace) -> None:
    assert f"{council.share}-2 is not there. Check its path" in _fault(place, path=f"{council.share}-2")
    file = next(p for p in council.share.rglob("*") if p.is_file())
    assert str(file) in _fault(place, path=str(file))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may open every folder")
def test_a_folder_that_may_not_be_opened_is_named(council: Any, place: SharePlace) -> None:
    (council.share / "closed").mkdir(mode=0)
    assert f"the server refused {council.share}/closed" in _fault(place)


@pytest.mark.parametrize("content", [b"\xff\x00binary", b"garbage\n", b"", b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"], ids=str)
def test_a_key_file_that_holds_no_key_is_named(place: SharePlace, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    assert f"the key file {tmp_path / 'key'} holds no private key" in _fault(place, key_file=str(tmp_path / "key"))


def test_a_locked_key_file_is_named(place: SharePlace, tmp_path: Path) -> None:
    file = str(tmp_path / "key")
    paramiko.RSAKey.generate(2048).write_private_key_file(file, password="locked")
    assert f"the key file {file} is locked with a passphrase" in _fault(place, key_file=file)


def test_a_key_file_that_is_not_there_or_a_folder_is_named(place: SharePlace, tmp_path: Path) -> None:
    assert f"the key file {tmp_path / 'none'} does not exist on this machine" in _fault(place, key_file=str(tmp_path / "none"))
    assert f"the key file {tmp_path} on this machine cannot be read" in _fault(place, key_file=str(tmp_path))


def test_a_known_hosts_file_is_told_as_one_of_this_machine(place: SharePlace, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    assert f"the known_hosts file {file} on this machine: No such file" in _fault(place, fingerprint="", known_hosts=str(file))
    file.write_bytes(b"\xff\xfe\xff\n")
    assert f"the known_hosts file {file} on this machine is damaged" in _fault(place, fingerprint="", known_hosts=str(file))


def test_a_server_that_is_not_there_is_the_networks_fault(place: SharePlace) -> None:
    assert "the connection failed: " in _fault(place.model_copy(update={"port": 1}))


def test_a_locator_that_cannot_be_written_is_named(council: Any, place: SharePlace, make_bench: Callable[[str], Bench]) -> None:
    file = f"{council.folder}/served/nowhere/hou-docs.json"
    parameters = LocatorParameters(share="hou-docs", server=place, file=file, location="s3://there/")
    with pytest.raises(StepError, match=f"{file} is not there"):
        switch(make_bench("switch"), parameters)
