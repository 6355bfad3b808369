"""The landing zone through the pretend providers, one by one as the real engine would take it: up, no change, refresh, destroy."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

import grpc
import pytest

from rehearsal import cloud, urns
from rehearsal.providers import launchers
from rehearsal.values import bare
from tests.rehearsal.provider_engine import NONE, Engine, Resource, running
from tests.stacks.rehearsed import Rehearsed

pytestmark = [
    pytest.mark.xdist_group("stacks"),
    pytest.mark.skipif(sys.platform == "win32", reason="the launcher of Windows is another file"),
]


def _wanted(platform: Rehearsed) -> list[Mapping[str, Any]]:
    """What is in Azure of the landing zone, in the order of making."""
    return [s for s in platform.states if s["custom"] and not s.get("external") and s["type"].startswith("azure-native:")]


@contextmanager
def _providers(platform: Rehearsed, launcher: Path) -> Generator[Callable[[Mapping[str, Any]], Engine]]:
    """A process for each provider of the program, as the engine starts them; gives the one that answers for a resource."""
    wanted = {s["urn"]: s["inputs"] for s in platform.states if urns.provider_package(s["type"]) == "azure-native"}
    with ExitStack() as held:
        engines = {urn: held.enter_context(running(launcher, "azure-native", bare(given))) for urn, given in wanted.items()}
        yield lambda state: engines[state["provider"].rpartition("::")[0]]


def test_the_landing_zone_is_made_seen_again_and_taken_away(platform: Rehearsed, tmp_path: Path) -> None:
    file, wanted = tmp_path / "azure.jsonl", _wanted(platform)
    launcher = launchers.write(tmp_path / "bin", file)[0]
    with _providers(platform, launcher) as engine_of:
        made = [(engine_of(s), _made(engine_of(s), s)) for s in wanted]
        assert sorted(h.id for h in cloud.load(file).held.values()) == sorted(s["id"] for s in wanted)
        for engine, resource in made:
            assert engine.diff(resource, resource.inputs).changes == NONE, resource.urn
            assert engine.refresh(resource) == resource, resource.urn
        engine, hub = next((e, r) for e, r in made if r.type == "azure-native:network:VirtualNetwork")
        with pytest.raises(grpc.RpcError, match=r"Azure refuses to delete .* while it is in use .*/azureFirewalls/"):
            engine.delete(hub)
        for engine, resource in reversed(made):
            engine.delete(resource)
    assert cloud.load(file).held == {}


def _made(engine: Engine, state: Mapping[str, Any]) -> Resource:
    return engine.create(state["type"], urns.name_of(state["urn"]), cast("dict[str, Any]", bare(state["inputs"])))
