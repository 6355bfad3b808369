"""An upgrade of the library is told as it is: every change, whom it bears on, how much it matters, what to do first."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from stacks.errors import StacksError
from stacks.library import Member, architecture_of, read_library
from stacks.library.copies import copy_of
from stacks.library.difference import Difference, Kind, Release, Weight, difference
from stacks.library.difference.advice import rules
from stacks.library.difference.effects import effects

CASES = Path(__file__).parents[1] / "cases"
SMALL = CASES / "library-small"
DATA = Path(__file__).parents[2] / "../shared/data"
DIFFERENCES = sorted((CASES / "library-differences").glob("*.toml"))
_FIELDS = ("create", "update", "replace", "delete")


def _release(root: Path, member: str = "platform/base") -> Release:
    library = read_library(root, [Member(member)], built_ins=SMALL / "built-ins")
    return Release(library, architecture_of(library))


def _releases(case: dict[str, Any], folder: Path) -> tuple[Release, Release]:
    """The small library with the case's `both`, and that with the rest of the case."""
    before = _edited(case.get("both", {}), SMALL, folder / "before")
    return _release(before), _release(_edited(case, before, folder / "after"))


def _edited(case: dict[str, Any], base: Path, folder: Path) -> Path:
    shutil.copytree(base, folder)
    for edit in case.get("edit", []):
        file = folder / "platform/base" / edit["file"]
        held = file.read_text("utf-8")
        assert edit["old"] in held, edit
        file.write_text(held.replace(edit["old"], edit["new"]), "utf-8")
    for name, text in case.get("add", {}).items():
        (folder / "platform/base" / name).write_text(text, "utf-8")
    for name in case.get("remove", []):
        (folder / "platform/base" / name).unlink()
    return folder


def _lines(found: Difference) -> list[str]:
    """Each change on a line: its weight, what it is, where, and the rules of its points."""
    return [
        f"{c.weight.value} | {c.kind.value} {c.verb.value} {c.name} @ {' '.join(g or 'top' for g in c.groups)} | "
        f"{', '.join(p.rule for p in c.points)}"
        for c in found.changes
    ]


@pytest.mark.parametrize("file", DIFFERENCES, ids=lambda f: f.stem)
def test_a_change_is_told_as_it_is(file: Path, tmp_path: Path) -> None:
    case = tomllib.loads(file.read_text("utf-8"))
    before, after = _releases(case, tmp_path)
    found = difference(before, after)
    assert _lines(found) == case["changes"]
    assert {f: getattr(found.whole, f) for f in _FIELDS} == dict(zip(_FIELDS, case["resources"], strict=True))
    said = " ".join(p.says for c in found.changes for p in c.points)
    for words in case.get("says", []):
        assert words in said


@pytest.mark.parametrize("file", DIFFERENCES, ids=lambda f: f.stem)
def test_the_way_back_creates_what_the_way_there_deletes(file: Path, tmp_path: Path) -> None:
    case = tomllib.loads(file.read_text("utf-8"))
    before, after = _releases(case, tmp_path)
    there, back = difference(before, after).whole, difference(after, before).whole
    assert (back.create, back.update, back.replace, back.delete) == (there.delete, there.update, there.replace, there.create)


def test_every_rule_has_a_case() -> None:
    lines = (line for f in DIFFERENCES for line in tomllib.loads(f.read_text("utf-8"))["changes"])
    reached = {rule.strip() for line in lines for rule in line.split("|")[2].split(",")}
    assert set(rules()) - reached == set()
    assert all(Weight(said.weight) for said in rules().values())


def test_what_is_breaking_says_what_to_do_first() -> None:
    assert [name for name, said in rules().items() if said.weight in (Weight.BREAKING, Weight.REFUSES) and not said.first] == []


def _published() -> tuple[Release, Release]:
    if not (DATA / "azure-landing-zones-library").is_dir():
        pytest.skip("../shared/data/azure-landing-zones-library is not here: two published versions cannot be compared")

    def release(folder: str) -> Release:
        library = read_library(DATA / folder, [Member("platform/alz")], built_ins=DATA / "azure-policy")
        return Release(library, architecture_of(library))

    return release("azure-landing-zones-library-2026.01.3"), release("azure-landing-zones-library")


def test_two_published_versions_differ_as_their_files_do() -> None:
    """Checked by hand against the files of both versions."""
    before, after = _published()
    case = tomllib.loads((CASES / "library-upgrade.toml").read_text("utf-8"))
    found = difference(before, after)
    assert _lines(found) == case["changes"]
    assert {k.value: [getattr(c, f) for f in (*_FIELDS, "same")] for k, c in found.resources.items()} == case["resources"]
    whole = found.whole
    assert whole.delete + whole.update + whole.same == before.architecture.resources == 538
    assert whole.create + whole.update + whole.same == after.architecture.resources == 521
    used = {c.name: c.used_by for c in found.changes if c.kind is Kind.SET and c.used_by}
    assert used == {"Deploy-MDFC-Config_20240319": ("Deploy-MDFC-Config-H224 at the top group",)}
    local = next(c for c in found.changes if c.kind is Kind.ASSIGNMENT and c.groups == ("local",))
    assert "At most it reports." in local.points[0].says
    assert difference(after, after).changes == ()


def test_effects_are_those_of_the_assignment_not_of_the_definition() -> None:
    _, after = _published()
    at = {(g.id, a.name): effects(after.library, a) for g, a in after.architecture.slots}
    # A set that refuses; the one member of which Azure can only audit stays what it is.
    audited = [name for name, e in at["corp", "Deny-Public-Endpoints"].items() if e.effect == "Audit"]
    assert audited == ["deny-manageddisk-public-network-access"]
    assert {e.effect for e in at["", "Deny-UnmanagedDisk"].values()} == {"Deny"}
    assert {e.effect for e in at["local", "Enforce-ALDO-Services"].values()} == {"Audit"}
    unknown = {(g, n, e.effect) for (g, n), held in at.items() for e in held.values() if e.strength is None}
    assert {n for _, n, _ in unknown} <= {"Enforce-GR-MachLearn0"}, unknown


def test_a_version_is_found_by_its_files_and_a_folder_by_its_name(tmp_path: Path) -> None:
    if not (DATA / "azure-landing-zones-library").is_dir():
        pytest.skip("../shared/data/azure-landing-zones-library is not here: no version can be found")
    assert copy_of("2026.01.3", DATA, "platform/alz").name == "azure-landing-zones-library-2026.01.3"
    assert copy_of(str(DATA / "azure-landing-zones-library"), tmp_path, "platform/alz") == DATA / "azure-landing-zones-library"
    with pytest.raises(StacksError, match=r"2025.01.1 is neither .* there is 2026.04.2 in .*unless library sync"):
        copy_of("2025.01.1", DATA, "platform/alz")
    with pytest.raises(StacksError, match="there is none at all"):
        copy_of("2026.04.2", tmp_path, "platform/alz")
    with pytest.raises(StacksError, match="holds no platform/alz"):
        copy_of(str(tmp_path), DATA, "platform/alz")
