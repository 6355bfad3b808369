"""Shared by the tests of rehearsals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

_THINGS = """\
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, **props):
        super().__init__("test:index:Thing", name, props, opts)


config = pulumi.Config()
"""


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a Pulumi project whose program has `Thing` and `config`, and goes on with the lines given."""

    def make(program: str) -> Path:
        folder = tmp_path / "project"
        folder.mkdir(exist_ok=True)
        (folder / "Pulumi.yaml").write_text("name: case\nruntime: python\n", "utf-8")
        (folder / "__main__.py").write_text(_THINGS + program, "utf-8")
        return folder

    return make
