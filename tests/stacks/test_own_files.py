"""Files of the council's own: firewall rules and links. Each fault is a plain sentence, all at once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from stacks.errors import StacksError
from stacks.landing_zone.firewall_rules import OwnRules
from stacks.landing_zone.links import Link, Links, ended
from stacks.landing_zone.wanted import embedded_rules
from stacks.own_files import read_file
from stacks.settings import Part

CASES = Path(__file__).parents[1] / "cases"


def _cases(folder: str) -> list[Any]:
    files = sorted((CASES / folder).glob("*.toml"))
    assert files
    return [pytest.param(f, id=f.stem) for f in files]


def _refused(case: dict[str, Any], folder: Path, name: str, form: type[Part]) -> None:
    file = folder / name
    file.write_text(case["text"], "utf-8")
    with pytest.raises(StacksError) as wrong:
        read_file(file, name, form, "links")
    if "starts" in case:
        assert wrong.value.faults[0].startswith(case["starts"])
    else:
        assert sorted(wrong.value.faults) == sorted(case["faults"])


@pytest.mark.parametrize("file", _cases("links/bad"))
def test_links_that_are_wrong_are_refused(file: Path, tmp_path: Path) -> None:
    _refused(tomllib.loads(file.read_text("utf-8")), tmp_path, "links.toml", Links)


@pytest.mark.parametrize("file", _cases("firewall-rules/bad"))
def test_firewall_rules_that_are_wrong_are_refused(file: Path, tmp_path: Path) -> None:
    _refused(tomllib.loads(file.read_text("utf-8")), tmp_path, "rules.toml", OwnRules)


def test_a_folder_is_no_file_and_is_not_told_to_mend_a_line(tmp_path: Path) -> None:
    with pytest.raises(StacksError) as wrong:
        read_file(tmp_path, "links.toml", Links, "links")
    assert wrong.value.faults == ("links.toml cannot be read (Is a directory). Name a file that everybody may read in the setting links.",)
    (tmp_path / "latin.toml").write_bytes(b'name = "caf\xe9"')
    with pytest.raises(StacksError, match=r"latin\.toml is not text in UTF-8"):
        read_file(tmp_path / "latin.toml", "latin.toml", Links, "links")


@pytest.mark.parametrize("file", _cases("links/good"))
def test_links_that_are_right_are_read(file: Path) -> None:
    assert read_file(file, file.name, Links, "links").link


@pytest.mark.parametrize("file", _cases("firewall-rules/good"))
def test_firewall_rules_that_are_right_are_read(file: Path) -> None:
    assert read_file(file, file.name, OwnRules, "firewall.rules").collection


def _sites() -> tuple[Link, ...]:
    return read_file(CASES / "links/good/sites.toml", "sites.toml", Links, "links").link


def test_what_a_link_allows_becomes_rules_between_it_and_us() -> None:
    collection = _sites()[0].collection
    assert collection is not None
    assert (collection.name, collection.priority, collection.kind) == ("link-data-centre", 1000, "network")
    inward, outward = collection.rules
    assert (inward.from_, inward.to) == (("data-centre",), ("spokes",))
    assert (outward.from_, outward.to) == (("spokes", "hub"), ("data-centre",))
    assert {rule.why for rule in collection.rules} == {"Our own network"}


def test_a_link_that_allows_nothing_gets_no_rules() -> None:
    assert _sites()[2].collection is None


def test_an_agreement_holds_on_its_last_day() -> None:
    nhs = [link for link in _sites() if link.id == "nhs"]
    assert list(ended(nhs, nhs[0].ends_on)) == []


def test_the_rules_that_everybody_has_keep_to_the_same_limits() -> None:
    assert len(embedded_rules()) == 2
