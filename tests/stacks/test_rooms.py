"""Subnets that services have to themselves stand at a place that never moves, and those that do not fit are refused."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest

from stacks.addresses import halves
from stacks.workloads.rooms import INSTANCE, faults, rooms

KINDS = (INSTANCE, "containers", "apis", "web", "volumes")


@pytest.mark.parametrize("prefix", [20, 21, 22, 23])
def test_a_large_network_holds_every_kind(prefix: int) -> None:
    network = IPv4Network((int(IPv4Network("10.0.0.0/8").network_address), prefix))
    placed = rooms(network, KINDS)
    quarter = halves(network)[2]
    assert all(r.addresses.subnet_of(quarter) for r in placed)
    assert not any(a.addresses.overlaps(b.addresses) for a, b in combinations(placed, 2))
    assert list(faults(network, KINDS)) == []


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_kind_stands_where_it_stood_whatever_is_asked_for_besides(kind: str) -> None:
    network = IPv4Network("10.0.0.0/23")
    alone = rooms(network, (kind,))[0]
    assert alone in rooms(network, KINDS)


def test_a_managed_instance_that_is_alone_has_the_whole_quarter() -> None:
    assert [str(r.addresses) for r in rooms(IPv4Network("10.0.0.0/25"), (INSTANCE,))] == ["10.0.0.96/27"]
    assert list(faults(IPv4Network("10.0.0.0/25"), (INSTANCE,))) == []


@pytest.mark.parametrize(
    ("network", "names", "said"),
    [
        ("10.0.0.0/25", ("containers", "web"), ["the subnets containers, web want the same addresses"]),
        ("10.0.0.0/24", ("apis", "containers", "web"), ["the subnets containers, web want the same addresses"]),
        ("10.0.0.0/26", ("containers",), ["10.0.0.48/28 is too small for the subnet containers"]),
        ("10.0.0.0/26", (INSTANCE,), ["10.0.0.48/28 is too small for the subnet managed-instance"]),
        ("10.0.0.0/25", ("web", "volumes"), []),
        ("10.0.0.0/24", ("apis", "web", "volumes"), []),
    ],
)
def test_what_does_not_fit_is_said(network: str, names: tuple[str, ...], said: list[str]) -> None:
    assert list(faults(IPv4Network(network), names)) == said
