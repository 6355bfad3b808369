"""Differences between old and new inputs, on any input."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rehearsal import diff

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=4)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4), max_leaves=12
)
INPUTS = st.dictionaries(st.text(min_size=1, max_size=4), VALUES, max_size=5)


@given(INPUTS)
def test_nothing_differs_from_itself(inputs: dict[str, Any]) -> None:
    assert list(diff.changes(inputs, deepcopy(inputs))) == []


@given(INPUTS, INPUTS)
def test_the_changes_made_to_the_old_give_the_new(old: dict[str, Any], new: dict[str, Any]) -> None:
    result: Any = deepcopy(old)
    for change in sorted(
        diff.changes(old, new), key=lambda c: (c.kind == "delete", [(isinstance(p, int), p) for p in c.path]), reverse=False
    ):
        if change.kind != "delete":
            _put(result, change.path, _at(new, change.path))
    for change in reversed([c for c in diff.changes(old, new) if c.kind == "delete"]):
        _drop(result, change.path)
    assert result == new


@given(INPUTS, INPUTS)
def test_adding_one_way_is_deleting_the_other(old: dict[str, Any], new: dict[str, Any]) -> None:
    opposite = {"add": "delete", "delete": "add", "update": "update"}
    there = {(c.path, c.kind) for c in diff.changes(old, new)}
    back = {(c.path, opposite[c.kind]) for c in diff.changes(new, old)}
    assert there == back


@given(
    st.lists(st.text(min_size=1, max_size=6) | st.integers(0, 99), min_size=1, max_size=5).filter(
        lambda p: isinstance(p[0], str) and "*" not in p
    )
)
def test_a_path_that_is_written_is_read_again(path: list[str | int]) -> None:
    assert diff.parsed(diff.written(tuple(path))) == tuple(path)


@given(INPUTS, INPUTS)
def test_what_is_ignored_does_not_differ(old: dict[str, Any], new: dict[str, Any]) -> None:
    ignored = [diff.written((k,)) for k in {*old, *new} if k != "*"]
    kept = diff.with_ignored(old, new, ignored)
    assert not [c for c in diff.changes(old, kept) if c.path[0] != "*"]


def test_a_star_ignores_any_member() -> None:
    old = {"rules": [{"port": 1, "name": "a"}, {"port": 2, "name": "b"}]}
    new = {"rules": [{"port": 8, "name": "a"}, {"port": 9, "name": "c"}]}
    kept = diff.with_ignored(old, new, ["rules[*].port"])
    assert [diff.written(c.path) for c in diff.changes(old, kept)] == ["rules[1].name"]


def test_true_is_not_one() -> None:
    assert [c.kind for c in diff.changes({"a": True}, {"a": 1})] == ["update"]


def _at(value: Any, path: diff.Path) -> Any:
    for part in path:
        value = value[part]
    return value


def _put(value: Any, path: diff.Path, new: Any) -> None:
    at: Any = _at(value, path[:-1])
    if path[-1] == len(at) and not hasattr(at, "keys"):
        at.append(new)
    else:
        at[path[-1]] = new


def _drop(value: Any, path: diff.Path) -> None:
    del _at(value, path[:-1])[path[-1]]
