"""The line of each item of a JSON list, against a reader that knows nothing but JSON."""

from __future__ import annotations

import json
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.read.lines import lines_of_items

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@settings(derandomize=True, max_examples=200)
@given(st.dictionaries(st.text(), VALUES), st.sampled_from([None, 0, 1, 2]))
def test_each_item_begins_on_its_line_whatever_stands_around_it(held: dict[str, object], indent: int | None) -> None:
    text = json.dumps(held, indent=indent)
    found = lines_of_items(text)
    lists = {k: cast("list[object]", v) for k, v in held.items() if isinstance(v, list)}
    assert {k: len(v) for k, v in found.items()} == {k: len(v) for k, v in lists.items()}
    for key, lines in found.items():
        for item, line in zip(lists[key], lines, strict=True):
            assert json.dumps(item, indent=indent).split("\n")[0].rstrip("[{") in text.split("\n")[line - 1]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("{}", {}),
        ('{"a": []}', {"a": ()}),
        ('{"a": [1,\r\n 2\r\n,\r\n3]}', {"a": (1, 2, 4)}),
        ('{"b": "]\\"[", "a":\n\n[{"a": [1]},\n\n{}]}', {"a": (3, 5)}),
        ('{"a": [1], "a":\n[2, 3]}', {"a": (2, 2)}),
    ],
)
def test_lines_of_items(text: str, lines: dict[str, tuple[int, ...]]) -> None:
    assert lines_of_items(text) == lines
