"""Every name has a key, and no two names have the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from migration.steps.names import KEY_BYTES, key_for, raw, shown, text

_PART = some.text(alphabet=some.sampled_from("ab%4120. \\\x01\x7f\n\u00e9\U0001f3e0\udce9"), min_size=1, max_size=12).filter(
    lambda p: p not in (".", "..")
)
_PATH = some.lists(_PART, min_size=1, max_size=4).map("/".join)


@given(_PATH, _PATH)
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert (key_for(one) == key_for(other)) == (one == other)


@given(_PATH)
def test_keys_are_what_every_store_can_hold(path: str) -> None:
    key = key_for(path, "docs/")
    key.encode("utf-8")
    assert len(key.encode("utf-8")) <= KEY_BYTES
    assert all(ord(c) >= 32 and c not in "\\\x7f" for c in key)
    assert not any(part.endswith((".", " ")) for part in key.split("/"))


@given(some.binary(min_size=1, max_size=20))
def test_raw_names_come_back(name: bytes) -> None:
    assert raw(text(name)) == name


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("Housing/Tenancy agreement.docx", "Housing/Tenancy agreement.docx"),
        ("100% relief.xlsx", "100% relief.xlsx"),
        ("a%20b.txt", "a%2520b.txt"),
        ("back\\slash", "back%5Cslash"),
        ("dot./trailing ", "dot%2E/trailing%20"),
        ("line\nbreak", "line%0Abreak"),
        ("caf\udce9.txt", "caf%E9.txt"),
        ("odd\ufffe\uffff.txt", "odd%EF%BF%BE%EF%BF%BF.txt"),
        ("minutes~" + "0a" * 16, "minutes%7E" + "0a" * 16),
        ("minutes~" + "0a" * 16 + ".doc", "minutes~" + "0a" * 16 + ".doc"),
    ],
)
def test_what_a_store_cannot_hold_is_escaped(path: str, key: str) -> None:
    assert key_for(path) == key


def test_long_names_are_shortened_and_stay_apart() -> None:
    one, other = key_for("x" * 5000 + "1"), key_for("x" * 5000 + "2")
    assert one != other
    assert len(one) <= KEY_BYTES


def test_a_file_that_is_called_as_a_shortened_name_keeps_apart_from_it() -> None:
    long = "x" * 5000
    twin = key_for(long)
    assert key_for(twin) != key_for(long)
    assert key_for(key_for(twin)) not in (key_for(twin), twin)


def test_names_on_screen_cannot_move_the_cursor() -> None:
    assert shown("a\x1b[2Jb\udce9") == "a%1B[2Jb%E9"
