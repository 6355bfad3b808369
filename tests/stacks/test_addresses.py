"""Networks: the same each time, never two in one place, and steady when others come and go."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stacks.addresses import allocate, halves
from stacks.errors import StacksError
from stacks.landing_zone.data import hub_addresses, hub_subnets, least_hub_prefix

RANGE = IPv4Network("10.101.0.0/16")
NAMES = st.lists(st.from_regex(r"[a-z]{1,12}", fullmatch=True), unique=True, max_size=40)


@settings(deadline=None)
@given(NAMES)
def test_networks_lie_in_the_range_and_apart(names: list[str]) -> None:
    given_ = allocate(names, RANGE, 25, {}, [])
    assert set(given_) == set(names)
    assert all(n.subnet_of(RANGE) and n.prefixlen == 25 for n in given_.values())
    assert not any(a.overlaps(b) for a, b in combinations(given_.values(), 2))


@settings(deadline=None)
@given(NAMES, NAMES)
def test_a_later_wave_moves_no_earlier_one(first: list[str], second: list[str]) -> None:
    later = [n for n in second if n not in first]
    alone = allocate(first, RANGE, 25, {}, [])
    together = allocate([*first, *later], RANGE, 25, {}, [])
    assert {n: together[n] for n in first} == alone


def test_what_is_pinned_or_taken_is_left_alone() -> None:
    free = allocate(["housing"], RANGE, 25, {}, [])["housing"]
    moved = allocate(["housing"], RANGE, 25, {}, [free])["housing"]
    assert not moved.overlaps(free)
    pinned = IPv4Network("10.101.200.0/24")
    both = allocate(["gis", "housing"], RANGE, 25, {"gis": pinned}, [])
    assert both["gis"] == pinned
    assert not both["housing"].overlaps(pinned)


def test_a_full_range_names_who_found_no_room() -> None:
    with pytest.raises(StacksError) as wrong:
        allocate(["a", "b", "c"], IPv4Network("10.0.0.0/24"), 25, {}, [])
    assert wrong.value.faults == ("10.0.0.0/24 has no free /25 left for c; give workloads a larger range.",)


@settings(deadline=None)
@given(NAMES)
def test_a_further_range_is_used_only_when_the_first_is_full(names: list[str]) -> None:
    first, further = IPv4Network("10.0.0.0/21"), IPv4Network("10.9.0.0/20")
    found = allocate(names, [first, further], 25, {}, [])
    assert len([n for n in found.values() if n.subnet_of(first)]) == min(len(names), 16)
    assert all(n.subnet_of(first) or n.subnet_of(further) for n in found.values())
    assert not any(a.overlaps(b) for a, b in combinations(found.values(), 2))
    assert {n: found[n] for n in names[:16]} == allocate(names[:16], first, 25, {}, [])


def test_when_every_range_is_full_all_are_named() -> None:
    with pytest.raises(StacksError) as wrong:
        allocate(["a", "b", "c"], [IPv4Network("10.0.0.0/25"), IPv4Network("10.9.0.0/25")], 25, {}, [])
    assert wrong.value.faults == ("10.0.0.0/25 and 10.9.0.0/25 have no free /25 left for c; give workloads a larger range.",)


def test_a_network_is_halved_into_three_parts() -> None:
    servers, endpoints, instance = halves(IPv4Network("10.101.4.0/25"))
    assert (str(servers), str(endpoints), str(instance)) == ("10.101.4.0/26", "10.101.4.64/27", "10.101.4.96/27")


@settings(deadline=None)
@given(st.integers(0, 2**15 - 1), st.integers(16, 23))
def test_the_hubs_subnets_fit_its_space_and_lie_apart(start: int, prefix: int) -> None:
    space = IPv4Network(((10 << 24) + (start << 8) & ~(2 ** (32 - prefix) - 1), prefix))
    ranges = hub_addresses(space)
    assert list(ranges) == [s.name for s in hub_subnets()]
    assert all(r.subnet_of(space) for r in ranges.values())
    assert not any(a.overlaps(b) for a, b in combinations(ranges.values(), 2))
    assert least_hub_prefix() == 23
