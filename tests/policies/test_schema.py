"""Planted mistakes are found, each where it is and for what it is, and their right twins pass: one file a case, one loop."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.errors import PoliciesError
from policies.model import SECRET, UNKNOWN, Subject, Verdict
from policies.schema.controls import FIT, WHOLE
from policies.schema.judge import fits, judge_types, summary
from policies.schema.misfits import Misfit
from policies.schema.references import ids_of
from policies.schema.shapes import Shapes
from policies.schema.type_files import TypeFiles, Types, find_type_files, open_type_files
from tests.policies.conftest import decoded

DATA = Path(__file__).parents[2] / "../shared/data"
CASES = Path(__file__).parents[1] / "cases" / "arm-types"


def ref(number: int) -> dict[str, str]:
    return {"$ref": f"#/{number}"}


@dataclass(frozen=True)
class Case:
    """A mistake: the resource as it is wrong and as it is right, what is found, and what stands beside it."""

    name: str
    wrong: Subject
    right: Subject
    beside: tuple[Subject, ...]
    found: tuple[tuple[str, str], ...]
    says: str
    unknown: tuple[str, ...]


def read_case(file: Path) -> Case:
    held = json.loads(file.read_text("utf-8"))
    beside = tuple(subject(b, n) for n, b in enumerate(held.get("beside", [])))
    shared = {k: held[k] for k in ("type", "id") if k in held}
    return Case(
        name=file.stem,
        wrong=subject({**shared, "inputs": held["wrong"]}),
        right=subject({**shared, **({"id": held["right_id"]} if "right_id" in held else {}), "inputs": held["right"]}),
        beside=beside,
        found=tuple((f[0], f[1]) for f in held["found"]),
        says=held.get("says", ""),
        unknown=tuple(held.get("unknown", [])),
    )


def subject(held: Mapping[str, Any], number: int = -1) -> Subject:
    type_ = f"azure-native:{held['type']}"
    urn = f"urn:pulumi:dev::p::{type_}::{'judged' if number < 0 else number}"
    new = bool(held.get("is_new", True))
    return Subject("resource", type_, urn, "judged", decoded(held["inputs"]), resource_id=held.get("id", ""), is_new=new)


@pytest.fixture(scope="module")
def files() -> TypeFiles:
    if not (DATA / "bicep-types").is_dir():
        pytest.skip("../shared/data/bicep-types is not here: nothing can be checked against Azure's types")
    return open_type_files(DATA)


ALL = [read_case(f) for f in sorted(CASES.glob("*.json"))]


def test_there_are_cases_of_every_misfit() -> None:
    assert len(ALL) >= 40
    assert {m for c in ALL for m, _ in c.found} == {m.value for m in Misfit}
    assert len({c.wrong.type for c in ALL}) >= 20


@pytest.mark.parametrize("case", ALL, ids=[c.name for c in ALL])
def test_a_planted_mistake_is_found_and_nothing_else(files: TypeFiles, case: Case) -> None:
    told = next(t for t in fits([case.wrong, *case.beside], files) if t.subject is case.wrong)
    assert sorted((f.misfit.value, f.path) for f in told.fit.found) == sorted(case.found)
    assert case.says in " ".join(f"{f.what} {f.remedy}" for f in told.fit.found)
    assert (told.fit.unknown, told.untold) == (case.unknown, "")


@pytest.mark.parametrize("case", ALL, ids=[c.name for c in ALL])
def test_its_right_twin_passes(files: TypeFiles, case: Case) -> None:
    told = next(t for t in fits([case.right, *case.beside], files) if t.subject is case.right)
    assert (told.fit.found, told.untold) == ((), "")


def hidden(value: Any, by: object) -> Any:
    """The value with every leaf hidden but those that say which kind an object is of."""
    if isinstance(value, dict):
        return {k: hidden(v, by) for k, v in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [hidden(v, by) for v in cast("list[Any]", value)]
    return by


@pytest.mark.parametrize("by", [UNKNOWN, SECRET, "[secret]"], ids=["unknown", "secret", "as-a-preview-writes-it"])
@pytest.mark.parametrize("case", ALL, ids=[c.name for c in ALL])
def test_what_is_unknown_or_secret_is_never_wrong(files: TypeFiles, case: Case, by: object) -> None:
    veiled = replace(case.right, inputs=hidden(case.right.inputs, by), resource_id="")
    told = fits([veiled], files)[0]
    assert told.fit.found == ()
    assert told.untold or bool(told.fit.unknown) is (by is UNKNOWN)


NAMES = sorted({k for c in ALL for k in c.right.inputs} | {"name", "properties", "id", "type", "kind", "ruleType"})
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(["<unknown>", "<secret>"]))
VALUES = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)), max_leaves=12
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=st.sampled_from(ALL), key=st.data(), value=VALUES)
def test_whatever_stands_there_is_judged_without_an_error(files: TypeFiles, case: Case, key: st.DataObject, value: Any) -> None:
    name = key.draw(st.sampled_from(sorted(case.right.inputs)))
    odd = replace(case.right, inputs={**case.right.inputs, name: decoded(value)})
    for told in fits([odd, *case.beside], files, is_all=True):
        assert all(f.what and f.remedy for f in told.fit.found)
    judge_types([odd], files)


def test_a_type_that_no_file_has_is_not_a_pass(files: TypeFiles) -> None:
    resolver = subject({"type": "dnsresolver:DnsResolver", "inputs": {"resourceGroupName": "rg", "whatever": 1}})
    stranger = subject({"type": "nowhere:Thing", "inputs": {}}, 2)
    judged = judge_types([resolver, stranger], files)
    assert {(j.control.id, j.answer.verdict) for j in judged} == {(WHOLE.id, Verdict.UNKNOWN)}
    assert not any(j.blocks for j in judged)
    told = summary(judged, files)
    assert "0 resources judged; 2 could not be" in told
    assert "azure-native:dnsresolver:DnsResolver, azure-native:nowhere:Thing" in told


def test_another_api_version_than_the_packages_own_cannot_be_told(files: TypeFiles) -> None:
    old = replace(ALL[0].wrong, api_version="v20200101")
    (judged,) = judge_types([old], files)
    assert judged.answer.verdict is Verdict.UNKNOWN
    assert "API version v20200101" in judged.answer.reason


def test_each_misfit_is_a_judgement_that_blocks_and_a_resource_that_fits_is_one_pass(files: TypeFiles) -> None:
    case = next(c for c in ALL if c.name == "storage-two-mistakes-at-once")
    judged = judge_types([case.wrong], files)
    assert [(j.control.id, j.answer.verdict, j.answer.path) for j in judged] == [
        (FIT.id, Verdict.FAIL, "kind"),
        (FIT.id, Verdict.FAIL, "networkRuleSet.bypas"),
    ]
    assert all(j.blocks for j in judged)
    assert [(j.control.id, j.answer.verdict) for j in judge_types([case.right], files)] == [(FIT.id, Verdict.PASS)]


def test_other_packages_are_let_be(files: TypeFiles) -> None:
    group = Subject("resource", "azuread:index/group:Group", "urn:pulumi:a::b::c::d", "d", {"anything": 1})
    assert judge_types([group], files) == ()


def test_ids_are_not_judged_while_a_name_beside_them_is_unknown(files: TypeFiles) -> None:
    case = next(c for c in ALL if c.name == "id-of-a-misspelt-subnet")
    unnamed = subject({"type": "network:Subnet", "inputs": {**case.beside[2].inputs, "subnetName": "<unknown>"}}, 9)
    assert fits([case.wrong, *case.beside, unnamed], files)[0].fit.found == ()


def test_ids_in_groups_of_others_are_not_judged(files: TypeFiles) -> None:
    case = next(c for c in ALL if c.name == "id-of-a-misspelt-subnet")
    assert fits([case.wrong, *case.beside[1:]], files)[0].fit.found == ()


def test_where_the_resources_are_all_there_are_nothing_is_made_elsewhere(files: TypeFiles) -> None:
    case = next(c for c in ALL if c.name == "id-that-somebody-else-may-have-made")
    found = fits([case.wrong, *case.beside], files, is_all=True)[0].fit.found
    assert [f.misfit for f in found] == [Misfit.NOTHING_THERE]


def test_a_zone_without_an_id_yet_is_known_by_its_name() -> None:
    case = next(c for c in ALL if c.name == "id-of-a-zone-that-is-not-there")
    assert any(i.endswith("/privatednszones/privatelink.blob.core.windows.net") for i in ids_of(case.beside).ids)


KINDS_WITHIN_A_KIND = [
    {"$type": "StringType"},
    {
        "$type": "DiscriminatedObjectType",
        "name": "Body",
        "discriminator": "kind",
        "baseProperties": {},
        "elements": {"A": ref(2), "B": ref(3)},
    },
    {"$type": "ObjectType", "name": "A", "properties": {"a": {"type": ref(0), "flags": 0}}},
    {"$type": "ObjectType", "name": "B", "properties": {"properties": {"type": ref(4), "flags": 0}}},
    {"$type": "DiscriminatedObjectType", "name": "P", "discriminator": "way", "baseProperties": {}, "elements": {"X": ref(5), "Y": ref(6)}},
    {"$type": "ObjectType", "name": "X", "properties": {"x": {"type": ref(0), "flags": 0}}},
    {"$type": "ObjectType", "name": "Y", "properties": {"y": {"type": ref(0), "flags": 0}}},
]


def test_kinds_within_a_kind_are_told_apart_whichever_comes_first() -> None:
    types, shapes = Types("made-up@1", KINDS_WITHIN_A_KIND), Shapes()
    given = [{"kind": "A"}, {"kind": "B", "way": "X"}, {"kind": "B", "way": "Y"}, {"kind": "A"}, {"kind": "B", "way": "X"}]
    fields = [sorted(shapes.of(types, types.held[1], g).fields) for g in given]
    a, x, y = ["a", "kind"], ["kind", "way", "x"], ["kind", "way", "y"]
    assert fields == [a, x, y, a, x]


def folder(place: Path, index: object, **held: bytes) -> Path:
    (place / "bicep-types").mkdir(parents=True, exist_ok=True)
    (place / "bicep-types" / "index.json").write_text(index if isinstance(index, str) else json.dumps(index), "utf-8")
    for name, text in held.items():
        (place / "bicep-types" / name).write_bytes(text)
    return place


VAULTS = "Microsoft.KeyVault/vaults@2024-11-01"


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ("{", "is not whole JSON"),
        ([], "is not an index of type files"),
        ({VAULTS: 1}, "is not an index of type files"),
        ({VAULTS: "../a.json.gz"}, "outside its folder"),
        ({VAULTS: "/etc/passwd"}, "outside its folder"),
    ],
)
def test_an_index_that_is_none_is_told(tmp_path: Path, index: object, said: str) -> None:
    with pytest.raises(PoliciesError, match=said):
        open_type_files(folder(tmp_path, index))


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (b"\x1f\x8bnot gzip", "cannot be read"),
        (gzip.compress(b"[]", mtime=0)[:-4], "cannot be read"),
        (b"{}", "is not a list of types"),
        (b"[1]", "is not a list of types"),
        (b'[{"$type": "ResourceType"}]', r"lack a part: 0 \(ResourceType\)"),
        (b'[{"$type": "ObjectType", "name": "a", "properties": {"b": {"type": 1, "flags": 0}}}]', r"lack a part: 0 \(ObjectType\)"),
        (b'[{"$type": "ObjectType", "name": "a", "properties": [1]}]', r"lack a part: 0 \(ObjectType\)"),
        (b'[{"$type": "UnionType", "elements": 1}]', r"lack a part: 0 \(UnionType\)"),
        (b"[", "is not whole JSON"),
        (b"[" * 100_000, "is not whole JSON"),
    ],
)
def test_a_type_file_that_is_none_is_told(tmp_path: Path, held: bytes, said: str) -> None:
    opened = open_type_files(folder(tmp_path, {VAULTS: "kv"}, kv=held))
    with pytest.raises(PoliciesError, match=said):
        opened.body("Microsoft.KeyVault/vaults", "2024-11-01")


def test_an_absent_folder_is_told_when_it_was_named_and_only_then(tmp_path: Path) -> None:
    with pytest.raises(PoliciesError, match="holds no type files"):
        open_type_files(tmp_path)
    assert find_type_files(tmp_path) is None


def test_microsofts_own_index_and_folders_are_read_too(tmp_path: Path, files: TypeFiles) -> None:
    place = tmp_path / "bicep-types" / "generated"
    held = place / "keyvault" / "microsoft.keyvault" / "2024-11-01"
    held.mkdir(parents=True)
    packed = files.folder / files.index[VAULTS.casefold()]
    (held / "types.json").write_bytes(gzip.decompress(packed.read_bytes()))
    index = {"resources": {VAULTS: {"$ref": "keyvault/microsoft.keyvault/2024-11-01/types.json#/41"}}, "resourceFunctions": {}}
    (place / "index.json").write_text(json.dumps(index), "utf-8")
    opened = open_type_files(tmp_path)
    found = opened.body("Microsoft.KeyVault/vaults", "2024-11-01")
    assert found is not None
    assert found[0].namespace == "microsoft.keyvault"
    for case in (c for c in ALL if c.wrong.type == "azure-native:keyvault:Vault"):
        assert fits([case.wrong], opened)[0].fit == fits([case.wrong], files)[0].fit


def test_a_type_file_that_refers_to_nothing_is_told(tmp_path: Path) -> None:
    types = [{"$type": "ResourceType", "name": VAULTS, "body": {"$ref": "#/9"}}]
    opened = open_type_files(folder(tmp_path, {VAULTS: "kv"}, kv=json.dumps(types).encode()))
    with pytest.raises(PoliciesError, match="refers to a type that it does not hold"):
        opened.body("Microsoft.KeyVault/vaults", "2024-11-01")
