"""What is wrong with a library is said in plain sentences that name file and key, all at once."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from stacks.errors import StacksError
from stacks.library import Member, architecture_of, read_library
from stacks.library.values import Values

CASES = Path(__file__).parents[1] / "cases"
SMALL = CASES / "library-small"


def _cases() -> list[Any]:
    files = sorted((CASES / "library-faults").glob("*.toml"))
    assert len(files) > 20
    return [pytest.param(tomllib.loads(f.read_text("utf-8")), id=f.stem) for f in files]


def _laid_out(case: dict[str, Any], folder: Path) -> None:
    shutil.copytree(SMALL, folder / "library")
    (folder / "own").mkdir()
    for under, files in (("library", case.get("change", {})), ("own", case.get("own", {}))):
        for name, text in files.items():
            (folder / under / name).write_text(text, "utf-8")


@pytest.mark.parametrize("case", _cases())
def test_every_fault_is_said(case: dict[str, Any], tmp_path: Path) -> None:
    _laid_out(case, tmp_path)
    members = [Member(m, case.get("version", ""), case.get("digest", "")) for m in case.get("members", ["platform/base"])]
    own, built_ins = tmp_path / case.get("own_folder", "own"), tmp_path / case.get("built_ins", "library/built-ins")

    def derived() -> None:
        library = read_library(tmp_path / "library", members, own, built_ins)
        architecture_of(library, case.get("architecture", ""), Values(**case.get("values", {})))

    with pytest.raises(StacksError) as wrong:
        derived()
    said = wrong.value.faults
    for fault in case["faults"]:
        assert any(fault in s.replace(f"{tmp_path}/", "") for s in said), said
    assert len(said) == len(case["faults"]), said
