"""The format that the reference shows is one that a request may have."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from stacks.request import Request
from tests.stacks.rehearsed import ROOT


def test_the_example_in_the_reference_is_a_request() -> None:
    text = (ROOT / "docs/reference/files.md").read_text("utf-8")
    section = text.split("## A request", 1)[1].split("\n### ", 1)[0]
    held: dict[str, Any] = {}
    for block in re.findall(r"```toml\n(.*?)```", section, re.DOTALL):
        for key, value in tomllib.loads(block).items():
            held[key] = [*held[key], *value] if isinstance(value, list) and key in held else value
    request = Request.model_validate(held)
    asked = set(Request.model_fields) & set(held)
    assert {"server", "database", "share", "storage", "sftp", "web", "container", "volume", "desktop", "api"} <= asked
    assert request.own_key is True
