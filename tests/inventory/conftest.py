from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

CASES = Path(__file__).parents[1] / "cases"
READ_ON = date(2026, 11, 22)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `case` runs once for every file of the folder that its module names in CASES."""
    if "case" in metafunc.fixturenames:
        folder = str(vars(cast("ModuleType", metafunc.module))["CASES"])  # pyright: ignore[reportUnknownMemberType]
        files = sorted((CASES / folder).glob("*.toml"))
        assert files, f"no cases in {folder}"
        held = [tomllib.loads(f.read_text("utf-8")) for f in files]
        metafunc.parametrize("case", held, ids=[f.stem for f in files])


@pytest.fixture
def read_on() -> date:
    return READ_ON


@pytest.fixture
def estates() -> Path:
    folder = Path(__file__).parents[2] / "../shared/data/estates"
    if not folder.is_dir():
        pytest.skip("the public estates are not on this machine (../shared/data/estates)")
    return folder


@pytest.fixture
def konveyor() -> Path:
    folder = Path(__file__).parents[2] / "../shared/data/konveyor"
    if not folder.is_dir():
        pytest.skip("the konveyor files are not on this machine (../shared/data/konveyor)")
    return folder
