"""Addresses are proposed once and then only checked: never one that is in use."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.address_plan import FORMAT, WANTS, InUse, Want, overlaps, propose, read_on_premise
from stacks.errors import StacksError

TWELVE = [IPv4Network("10.96.0.0/12")]
HEAD = f'format = "{FORMAT}"\non = 2026-11-24\n'


def _taken(*texts: str) -> list[IPv4Network]:
    return [IPv4Network(t) for t in texts]


def test_an_empty_range_is_filled_from_its_beginning() -> None:
    assert {k: str(n) for k, n in propose(TWELVE, []).items()} == {
        "hub.spokes": "10.96.0.0/16",
        "hub.address_space": "10.97.0.0/23",
        "hub.virtual_hub": "10.97.2.0/23",
        "directory.address_space": "10.97.4.0/26",
    }


def test_what_is_taken_is_jumped_over_however_large_it_is() -> None:
    given = propose(TWELVE, _taken("10.96.3.0/24", "10.98.0.0/15"))
    assert given["hub.spokes"] == IPv4Network("10.97.0.0/16")
    assert given["hub.address_space"] == IPv4Network("10.96.0.0/23")


def test_a_second_range_serves_where_the_first_is_full() -> None:
    given = propose(_taken("10.0.0.0/16", "172.16.0.0/15"), _taken("10.0.0.0/24"))
    assert given["hub.spokes"] == IPv4Network("172.16.0.0/16")
    assert given["hub.address_space"].subnet_of(IPv4Network("10.0.0.0/16"))


def test_everything_that_finds_no_room_is_named_at_once() -> None:
    with pytest.raises(StacksError) as wrong:
        propose(_taken("10.0.0.0/22"), _taken("10.0.0.0/23"), [Want("a", 16, ""), Want("b", 23, ""), Want("c", 23, "")])
    assert wrong.value.faults == ("10.0.0.0/22 has no free /16 for a, no free /23 for c; set a larger range aside.",)


@given(st.lists(st.tuples(st.integers(0, 2**20 - 1), st.integers(16, 28)), max_size=12))
def test_nothing_proposed_overlaps_anything(held: list[tuple[int, int]]) -> None:
    base = int(TWELVE[0].network_address)
    taken = [IPv4Network((base + offset, prefix), strict=False) for offset, prefix in held]
    given_ = propose(TWELVE, taken)
    assert set(given_) == {w.key for w in WANTS}
    assert all(n.subnet_of(TWELVE[0]) for n in given_.values())
    assert not any(a.overlaps(b) for a, b in combinations(given_.values(), 2))
    assert not any(n.overlaps(t) for n in given_.values() for t in taken)


def test_a_range_in_use_is_named_with_who_has_it() -> None:
    servers = InUse.model_validate({"range": "10.101.4.0/24", "kind": "inferred", "servers": 3, "example": "exb-app-01 (10.101.4.7)"})
    partner = InUse.model_validate({"range": "10.100.0.0/16", "kind": "stated", "note": "telephones"})
    ours = {"hub.spokes": IPv4Network("10.101.0.0/16"), "hub.address_space": IPv4Network("10.100.0.0/23"), "directory.address_space": None}
    assert list(overlaps(ours, [servers, partner], "on-premise.toml")) == [
        (
            "hub.spokes",
            "10.101.0.0/16 overlaps 10.101.4.0/24, in use by 3 servers such as exb-app-01 (10.101.4.7) (on-premise.toml, network[0]); "
            "choose a range that nobody has.",
        ),
        (
            "hub.address_space",
            "10.100.0.0/23 overlaps 10.100.0.0/16, in use by telephones (on-premise.toml, network[1]); choose a range that nobody has.",
        ),
    ]


def test_the_usual_file_may_be_absent_and_one_that_is_named_may_not(tmp_path: Path) -> None:
    assert read_on_premise(tmp_path, "") is None
    with pytest.raises(StacksError) as wrong:
        read_on_premise(tmp_path, "nowhere.toml")
    assert wrong.value.faults == ("nowhere.toml does not exist. Correct the setting hub.on_premise_file, or write the file.",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + '[[network]]\nrange = "10.0.0.1/8"\nkind = "stated"\n', "n.toml, key network[0].range: 10.0.0.1/8 is not an"),
        (HEAD + '[[network]]\nrange = "10.0.0.0/8"\nkind = "guessed"\n', "n.toml, key network[0].kind: write 'inferred' or 'stated'"),
        (HEAD + '[[network]]\nrange = "10.0.0.0/8"\nkind = "stated"\nservres = 3\n', "n.toml, key network[0].servres: no setting"),
        ('format = "x"\non = 2026-11-24\n', "n.toml, key format: write 'cloud-unless/on-premise/1'"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "n.toml").write_text(text, "utf-8")
    with pytest.raises(StacksError) as wrong:
        read_on_premise(tmp_path, "n.toml")
    assert wrong.value.faults[0].startswith(said)
