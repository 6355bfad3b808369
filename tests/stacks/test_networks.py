"""The file of networks: who has one keeps it, and what cannot stand is said before anything is built."""

from __future__ import annotations

import json
import shutil
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from rehearsal import ProgramError, rehearse
from stacks.errors import StacksError
from stacks.settings import Cidr
from stacks.workloads.networks import FILE, clashes, read_networks, text_of
from stacks.workloads.settings import Addresses
from tests.stacks.rehearsed import REQUESTS, ROOT, Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
GIS, HOUSING = IPv4Network("10.101.4.128/25"), IPv4Network("10.101.8.0/25")


def _addresses(**more: object) -> Addresses:
    return Addresses.model_validate({"range": "10.101.0.0/16", **more})


def _file(folder: Path, text: str) -> Path:
    (folder / FILE).write_text(text, "utf-8")
    return folder


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    networks = {"housing": HOUSING, "gis": GIS}
    assert read_networks(_file(tmp_path, text_of(networks)), "requests") == networks
    assert list(json.loads(text_of(networks))["networks"]) == ["gis", "housing"]


def test_no_file_fixes_nothing(tmp_path: Path) -> None:
    assert read_networks(tmp_path, "requests") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "requests/networks.json is not readable as JSON"),
        ("[" * 100_000, "requests/networks.json is not readable as JSON"),
        ("[]", "requests/networks.json: its format must be cloud-unless/networks/1"),
        ('{"format": "cloud-unless/networks/1", "networks": {"gis": "here"}}', "requests/networks.json, gis: "),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(StacksError) as wrong:
        read_networks(_file(tmp_path, text), "requests")
    assert wrong.value.faults[0].startswith(said)


def test_networks_that_the_settings_leave_no_room_for_are_named() -> None:
    given = {"gis": GIS, "housing": HOUSING}
    assert clashes(given, _addresses()) == []
    assert clashes(given, _addresses(networks={"gis": "10.101.9.0/25"})) == []
    assert clashes(given, _addresses(reserved=["10.101.4.0/24"])) == ["gis has 10.101.4.128/25, which overlaps reserved 10.101.4.0/24"]
    assert len(clashes(given, _addresses(range="10.200.0.0/16"))) == 2
    assert clashes({"gis": GIS, "housing": GIS}, _addresses()) == ["gis and housing both have 10.101.4.128/25"]


def test_a_workload_keeps_the_network_it_was_given_and_who_has_none_is_named(
    tmp_path: Path, platform: Rehearsed, workloads: Rehearsed
) -> None:
    told = [d.message for d in workloads.preview.diagnostics if "Nothing fixes" in d.message]
    assert len(told) == 1
    assert "housing-management, libraries, gis" in told[0]
    requests = shutil.copytree(ROOT / REQUESTS["requests"], tmp_path / "requests")
    elsewhere: dict[str, Cidr] = {"gis": IPv4Network("10.101.250.0/25")}
    _file(requests, text_of(elsewhere))
    again = rehearse(ROOT, "workloads", workloads.state, config={**REQUESTS, "requests": str(requests)}, preview_only=True)
    assert (again.outputs or {})["networks"]["gis"] == "10.101.250.0/25"
    assert platform.state.is_file()


def test_a_file_that_clashes_stops_the_stack_before_anything_is_built(tmp_path: Path, workloads: Rehearsed) -> None:
    requests = shutil.copytree(ROOT / REQUESTS["requests"], tmp_path / "requests")
    _file(requests, text_of({"gis": IPv4Network("10.99.0.0/25")}))
    with pytest.raises(ProgramError) as wrong:
        rehearse(ROOT, "workloads", workloads.state, config={**REQUESTS, "requests": str(requests)}, preview_only=True)
    assert "gis has 10.99.0.0/25, which is not within range 10.101.0.0/16" in "\n".join(wrong.value.faults)
