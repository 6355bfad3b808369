"""The four stacks, each rehearsed once for all tests of this folder (which run in one worker for that reason)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from policies.schema.type_files import TypeFiles, open_type_files
from rehearsal import rehearse
from tests.stacks.rehearsed import PARTS, REQUESTS, ROOT, SHARING, VENDED, Rehearsed

DATA = Path(__file__).parents[2] / "../shared/data"


@pytest.fixture(scope="session")
def states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the stacks' states, side by side as they refer to one another."""
    return tmp_path_factory.mktemp("states")


def _rehearsed(states: Path, stack: str, config: Mapping[str, str] | None = None) -> Rehearsed:
    state = states / f"{stack}.json"
    return Rehearsed(rehearse(ROOT, stack, state, config=config), state)


@pytest.fixture(scope="session")
def platform(states: Path) -> Rehearsed:
    """The landing zone."""
    return _rehearsed(states, "landing-zone")


@pytest.fixture(scope="session")
def workloads(states: Path, platform: Rehearsed) -> Rehearsed:
    """The workloads of the example requests, upon the landing zone."""
    assert platform.state.is_file()
    return _rehearsed(states, "workloads", REQUESTS)


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory, platform: Rehearsed) -> Rehearsed:
    """The workloads of requests that ask for one of each kind of part, upon the landing zone."""
    beside = tmp_path_factory.mktemp("parts")
    (beside / platform.state.name).write_bytes(platform.state.read_bytes())
    return _rehearsed(beside, "workloads", PARTS)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the states of a platform that several councils share."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="session")
def shared_platform(shared: Path) -> Rehearsed:
    """The landing zone of three councils."""
    return _rehearsed(shared, "landing-zone", SHARING)


@pytest.fixture(scope="session")
def vended(shared: Path, shared_platform: Rehearsed) -> Rehearsed:
    """Workloads with subscriptions made, taken over and shared, of two of those councils."""
    assert shared_platform.state.is_file()
    return _rehearsed(shared, "workloads", VENDED)


@pytest.fixture(scope="session")
def microsoft365(states: Path) -> Rehearsed:
    """The persona groups."""
    return _rehearsed(states, "microsoft365")


@pytest.fixture(scope="session")
def dynamics(states: Path) -> Rehearsed:
    """The customer service platform."""
    return _rehearsed(states, "dynamics")


# Everything that the council may ask for and Exampleborough's own settings do not.
EVERYTHING = {
    "links": "tests/cases/links/good/everything.toml",
    "exceptions": "tests/cases/links/registers/in-force.toml",
    "judged_on": "2026-12-01",
    "link_keys": json.dumps({"data-centre": "OnlyForRehearsal0123456789", "nhs": "OnlyForRehearsal9876543210"}),
    "firewall": json.dumps({"tier": "Premium", "rules": "tests/cases/firewall-rules/good/bureau.toml"}),
    "hub": json.dumps(
        {
            "address_space": "10.100.0.0/23",
            "spokes": "10.101.0.0/16",
            "on_premise": ["10.0.0.0/12", "192.168.0.0/16"],
            "bastion": True,
            "dns_forwarding": [{"domain": "exb.local.", "servers": ["10.0.0.4", "10.0.0.5"]}],
        }
    ),
    "security": json.dumps(
        {
            "sentinel": True,
            "connectors": ["defender-for-cloud", "identity-protection", "office-365"],
            "defender": "foundation",
            "entra_logs": True,
        }
    ),
    "directory": json.dumps(
        {"address_space": "10.103.0.0/26", "domain": "exb.local", "dns_servers": ["10.0.0.4", "10.0.0.5"], "hybrid_benefit": True}
    ),
    "people": json.dumps(
        {
            "owners": ["7e0c3a52-0000-4000-8000-0000000000f1", "7e0c3a52-0000-4000-8000-0000000000f2"],
            "groups": {"owners": "7e0c3a52-0000-4000-8000-0000000000f3"},
            "approvers": "7e0c3a52-0000-4000-8000-0000000000f4",
            "activation": {"owners/owns": "7e0c3a52-0000-4000-8000-0000000000f5", "network/mends": "7e0c3a52-0000-4000-8000-0000000000f6"},
        }
    ),
    "flow_logs": json.dumps({"further_regions": ["ukwest"]}),
    "alerts": json.dumps(
        {
            "urgent": ["duty@exampleborough.example"],
            "texts": [{"number": "7700900123"}],
            "emergency_accounts": ["7e0c3a52-0000-4000-8000-0000000000e1", "7e0c3a52-0000-4000-8000-0000000000e2"],
        }
    ),
}


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """The landing zone with all that can be asked for."""
    state = tmp_path_factory.mktemp("everything") / "landing-zone.json"
    return Rehearsed(rehearse(ROOT, "landing-zone", state, config=EVERYTHING), state)


WIDE = {**EVERYTHING, "network": "virtual-wan", "hub": json.dumps({**json.loads(EVERYTHING["hub"]), "virtual_hub": "10.102.0.0/23"})}


@pytest.fixture(scope="session")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """The landing zone with all that can be asked for, upon a virtual WAN."""
    state = tmp_path_factory.mktemp("wide") / "landing-zone.json"
    return Rehearsed(rehearse(ROOT, "landing-zone", state, config=WIDE), state)


@pytest.fixture(scope="session")
def wide_workloads(wide: Rehearsed) -> Rehearsed:
    """Workloads that join the virtual hub."""
    state = wide.state.with_name("workloads.json")
    return Rehearsed(rehearse(ROOT, "workloads", state, config={**REQUESTS, "network": "virtual-wan"}), state)


@pytest.fixture(scope="session")
def files() -> TypeFiles:
    if not (DATA / "bicep-types").is_dir():
        pytest.skip("../shared/data/bicep-types is not here: Azure's own types cannot be checked against")
    return open_type_files(DATA)
