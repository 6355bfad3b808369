"""`unless inventory networks`: what servers' addresses tell, a file that people may add to, ranges that nobody has."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from stacks.address_plan import read_on_premise

Unless = Callable[..., "subprocess.CompletedProcess[bytes]"]
_SERVERS = """\
Server name,Cores,Memory (GB),Storage (GB),Operating system,IP address
app-01,2,8,100,Windows Server 2019,10.96.4.7
app-02,4,16,200,Windows Server 2022,10.96.4.9; fe80::1
web-01,4,16,200,Windows Server 2022,192.168.7.20
cloud-01,4,16,200,Windows Server 2022,51.140.1.1
quiet-01,4,16,200,Windows Server 2022,
"""


@pytest.fixture
def council(unless: Unless, tmp_path: Path) -> Path:
    (tmp_path / "servers.csv").write_text(_SERVERS, "utf-8")
    for words in (("init",), ("import", "servers.csv")):
        assert unless(*words).returncode == 0
    return tmp_path


def test_networks_are_those_of_private_addresses(unless: Unless, council: Path) -> None:
    told = json.loads(unless("inventory", "networks", "--json").stdout)
    assert [(n["range"], n["servers"], n["example"]) for n in told["networks"]] == [
        ("10.96.4.0/24", 2, "app-01 (10.96.4.7)"),
        ("192.168.7.0/24", 1, "web-01 (192.168.7.20)"),
    ]
    assert told["networks"][0]["source"].startswith("servers.csv")
    assert council.is_dir()


def test_the_file_is_one_that_stacks_read_and_keeps_what_people_stated(unless: Unless, council: Path) -> None:
    file = council / "on-premise.toml"
    assert unless("inventory", "networks", "--output", "on-premise.toml").returncode == 0
    with file.open("a", encoding="utf-8") as added:
        added.write('\n[[network]]\nrange = "172.20.0.0/16"\nkind = "stated"\nnote = "the \\"telephones\\""\n')
    assert unless("inventory", "networks", "--output", "on-premise.toml").returncode == 0
    held = read_on_premise(council, "on-premise.toml")
    assert held is not None
    assert [(str(n.range), n.kind, n.note) for n in held.network] == [
        ("172.20.0.0/16", "stated", 'the "telephones"'),
        ("10.96.4.0/24", "inferred", ""),
        ("192.168.7.0/24", "inferred", ""),
    ]
    once = file.read_text("utf-8")
    assert unless("inventory", "networks", "--output", "on-premise.toml").returncode == 0
    assert file.read_text("utf-8") == once


def test_ranges_are_proposed_where_nobody_is(unless: Unless, council: Path) -> None:
    told = json.loads(unless("inventory", "networks", "--from", "10.96.0.0/12", "--json").stdout)
    given = {p["setting"]: p["range"] for p in told["proposed"]}
    assert given["hub.spokes"] == "10.97.0.0/16"
    assert given["hub.address_space"] == "10.96.0.0/23"
    assert council.is_dir()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "10.96.0.1/12"), "--from 10.96.0.1/12: it is not an address range"),
        (("--from", "10.96.4.0/24"), "10.96.4.0/24 has no free /16 for hub.spokes"),
        (("--output", "nowhere/on-premise.toml"), "nowhere/on-premise.toml cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said_plainly(unless: Unless, council: Path, words: tuple[str, ...], said: str) -> None:
    done = unless("inventory", "networks", *words)
    told = " ".join((done.stdout + done.stderr).decode().split())
    assert done.returncode == 1
    assert said in told
    assert "Traceback" not in told
    assert not list(council.glob("*.toml"))


def test_a_file_that_is_not_ours_is_not_written_over(unless: Unless, council: Path) -> None:
    (council / "on-premise.toml").write_text("mine = true\n", "utf-8")
    done = unless("inventory", "networks", "--output", "on-premise.toml")
    assert done.returncode == 1
    assert tomllib.loads((council / "on-premise.toml").read_text("utf-8")) == {"mine": True}
