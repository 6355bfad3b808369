"""A council's first year in one test: deploy, vend, decommission, destroy; at the end neither state nor cloud holds anything.

Each stage is a function of its own over `Place`, so that a stage (an upgrade of the library, say) can be put between two others.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from console import demonstration
from console.commands import assess, import_, plan
from rehearsal import Preview, RehearsalError, cloud, destroy, refresh, rehearse
from tests.stacks.rehearsed import LIBRARIES, library_config

pytestmark = pytest.mark.xdist_group("stacks")
ROOT = Path(__file__).parents[2]
OPEN = {"protect": "false"}


@dataclass(frozen=True)
class Place:
    """The states, side by side, and the folder of requests."""

    states: Path
    requests: Path

    def state(self, stack: str) -> Path:
        """The state file of a stack."""
        return self.states / f"{stack}.json"

    def up(self, stack: str, config: Mapping[str, str] | None = None) -> Preview:
        """Deploy a stack as its file says, but for `config`."""
        given = {"requests": str(self.requests), "mysql_password": "only-for-rehearsal-0123"} if stack == "workloads" else {}
        return rehearse(ROOT, stack, self.state(stack), config={**given, **(config or {})})

    def resources(self, stack: str) -> list[dict[str, Any]]:
        """What the state holds."""
        return json.loads(self.state(stack).read_text("utf-8"))["deployment"]["resources"]

    @property
    def in_cloud(self) -> dict[str, list[str]]:
        """Ids in the pretend Azure by the stack that made them."""
        found: dict[str, list[str]] = {}
        for held in cloud.load(self.states / "azure.jsonl").held.values():
            found.setdefault(held.by, []).append(held.id)
        return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Nothing is deployed, and three requests wait."""
    shutil.copytree(ROOT / "tests/cases/stacks-requests/good", tmp_path / "requests")
    return Place(tmp_path / "states", tmp_path / "requests")


def _changed(preview: Preview) -> set[str]:
    return {s.op for s in preview.steps} - {"same", "read"}


def _deploy(place: Place, stack: str, config: Mapping[str, str] | None = None) -> None:
    assert _changed(place.up(stack, config)) == {"create"}
    assert not refresh(ROOT, place.state(stack), preview_only=True).has_changes


def _decommission(place: Place, workload: str) -> None:
    """As docs/guides/vending.md says: close it and deploy, let it go and deploy; and, once Azure has let go of its backups, forget it."""
    file = next(place.requests.glob(f"{workload}.toml"))
    held = file.read_text("utf-8")
    file.unlink()
    with pytest.raises(RehearsalError, match="was live when this stack was last deployed and has no request any more"):
        place.up("workloads")
    for state, changes in (("decommissioning", {"update", "delete"}), ("gone", {"delete"})):
        written = held.replace("service = ", f'state = "{state}"\ndecommission_on = 2027-03-31\nservice = ', 1)
        file.write_text(written, "utf-8")
        assert _changed(place.up("workloads")) == changes
    assert [i for i in place.in_cloud["workloads"] if workload in i and "/protectedItems/" in i], "its backups stay"
    file.unlink()
    assert _changed(place.up("workloads")) == {"delete"}
    assert not [r["urn"] for r in place.resources("workloads") if f"::{workload}" in r["urn"]]
    assert not [i for i in place.in_cloud["workloads"] if workload in i]


def _destroy(place: Place, stack: str) -> None:
    destroy(ROOT, place.state(stack))
    assert place.resources(stack) == []
    assert stack not in place.in_cloud


def test_from_the_first_deployment_to_the_last_nothing_is_left_behind(place: Place) -> None:
    _deploy(place, "landing-zone")
    _deploy(place, "workloads")
    _decommission(place, "gis")
    with pytest.raises(RehearsalError, match=r"ManagementGroup .* is protected"):
        destroy(ROOT, place.state("landing-zone"))
    for stack in ("workloads", "landing-zone"):
        place.up(stack, OPEN)
    with pytest.raises(RehearsalError, match=r"lies below it and is not this stack's|while it is in use"):
        destroy(ROOT, place.state("landing-zone"))
    _destroy(place, "workloads")
    _destroy(place, "landing-zone")
    assert place.in_cloud == {}


@pytest.fixture
def planned(tmp_path: Path) -> Place:
    """Nothing is deployed, and three requests of the reference plan wait: the first ones that have servers."""
    held, files = demonstration.prepare(tmp_path / "council", ())
    import_.imported(held, files)
    assess.assessed(held, held.on)
    plan.planned(held, held.on)
    (tmp_path / "requests").mkdir()
    for file in [f for f in sorted(held.requests.glob("*.toml")) if "[[server]]" in f.read_text("utf-8")][:3]:
        shutil.copy(file, tmp_path / "requests")
    return Place(tmp_path / "states", tmp_path / "requests")


@pytest.mark.slow
def test_a_platform_of_the_library_is_upgraded_under_the_landing_zones_of_the_plan(planned: Place) -> None:
    if lacking := [folder for folder in LIBRARIES.values() if not (ROOT / folder).is_dir()]:
        pytest.skip(f"{', '.join(lacking)} is not here: there is no upgrade to make")
    older, newer = library_config("2026.01.3"), library_config("2026.04.2")
    _deploy(planned, "landing-zone", older)
    _deploy(planned, "workloads")
    vended = sorted(f.stem for f in planned.requests.glob("*.toml"))
    assert len(vended) == 3
    assert _changed(planned.up("landing-zone", newer)) == {"create", "update", "delete"}
    assert not planned.up("workloads").has_changes
    _decommission(planned, vended[0])
    for stack, config in (("workloads", OPEN), ("landing-zone", {**newer, **OPEN})):
        planned.up(stack, config)
    for stack in ("workloads", "landing-zone"):
        destroy(ROOT, planned.state(stack), most=1000)
        assert planned.resources(stack) == []
    assert planned.in_cloud == {}
