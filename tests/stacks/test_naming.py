"""Names are the same for ever, and within what Azure allows."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stacks.errors import StacksError
from stacks.naming import Naming, computer_name, rules

EXB = Naming("exb", "uksouth", "7e0c3a52-0000-4000-8000-000000000012")
PARTS = st.lists(st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=60).filter(lambda t: any(c.isalnum() for c in t)), min_size=1, max_size=3)  # fmt: skip # noqa: E501


def test_names_read_type_council_part_region() -> None:
    assert EXB.name("virtual-network", "hub") == "vnet-exb-hub-uks"
    assert EXB.name("resource-group", "Housing management") == "rg-exb-housing-management-uks"
    assert EXB.name("firewall-policy", "hub") == "afwp-exb-hub-uks"


def test_a_name_that_must_be_unique_in_azure_carries_a_digest_of_where_it_is() -> None:
    other = Naming("exb", "uksouth", "another subscription")
    assert EXB.name("key-vault", "platform") != other.name("key-vault", "platform")
    assert EXB.name("key-vault", "platform") == EXB.name("key-vault", "platform")
    assert EXB.name("virtual-network", "hub") == other.name("virtual-network", "hub")


@settings(deadline=None)
@given(kind=st.sampled_from(sorted(rules())), parts=PARTS)
def test_every_name_fits(kind: str, parts: list[str]) -> None:
    rule = rules()[kind]
    name = EXB.name(kind, *parts)
    assert len(name) <= rule.longest
    assert re.fullmatch(r"[a-z0-9]+" if rule.plain else r"[a-z][a-z0-9-]*[a-z0-9]", name)
    assert name.startswith(rule.abbreviation)


@settings(deadline=None)
@given(first=PARTS, second=PARTS)
def test_long_names_that_differ_stay_different(first: list[str], second: list[str]) -> None:
    plain = [re.sub(r"[^a-z0-9]+", "-", "-".join(p).lower()).strip("-") for p in (first, second)]
    if plain[0] != plain[1] and plain[0].replace("-", "") != plain[1].replace("-", ""):
        assert EXB.name("virtual-network", *first) != EXB.name("virtual-network", *second)


@settings(deadline=None)
@given(server=st.from_regex(r"[a-z0-9][a-z0-9._-]{0,80}", fullmatch=True), longest=st.sampled_from([15, 63]))
def test_computer_names_fit_and_are_no_number(server: str, longest: int) -> None:
    name = computer_name(server, longest)
    assert 1 <= len(name) <= longest
    assert not name.isdigit()
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*[a-z0-9]|[a-z0-9]", name)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(StacksError, match="Nothing can be named"):
        EXB.name("teapot", "hub")
