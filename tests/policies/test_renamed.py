"""A resource of an earlier azure-native meets the controls of what its class is called today, as the package itself declares it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib import metadata
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import pytest

from policies.catalogue import all_controls
from policies.evaluate import matches
from policies.read.resources import plain_type

_TOKEN = re.compile(r"super\(\w+, __self__\)\.__init__\(\s*'azure-native:([^']+)'")
_ALIAS = re.compile(r'pulumi\.Alias\(type_="azure-native:([^"]+)"\)')
_VERSION = re.compile(r"/v\d{8}[a-z]*:")


@pytest.fixture(scope="module")
def declared() -> Mapping[str, set[str]]:
    """Today's classes by every name, today's included, that the package's classes say that they have or had."""
    spec = find_spec("pulumi_azure_native")
    assert spec is not None
    assert spec.submodule_search_locations
    found: dict[str, set[str]] = {}
    for source in Path(spec.submodule_search_locations[0]).rglob("*.py"):
        text = source.read_text("utf-8")
        if (token := _TOKEN.search(text)) is None:
            continue
        for name in (token[1], *_ALIAS.findall(text)):
            found.setdefault(_VERSION.sub(":", name), set()).add(token[1])
    return found


def _now(was: str, classes: set[str]) -> str:
    """The one class that an earlier name has become, or the one of the same name; "" where several could be meant."""
    same = sorted(c for c in classes if c.split(":")[1] == was.split(":")[1])
    found = sorted(classes) if len(classes) == 1 else same
    return found[0] if len(found) == 1 else ""


def test_the_table_is_what_the_package_declares(declared: Mapping[str, set[str]]) -> None:
    held = tomllib.loads(files("policies.schema").joinpath("azure_native_renamed.toml").read_text("utf-8"))
    assert held["azure_native"] == metadata.version("pulumi-azure-native"), "read the aliases again, and write the version"
    assert held["renamed"] == {was: now for was, classes in sorted(declared.items()) if was not in classes and (now := _now(was, classes))}


def test_no_name_of_old_escapes_the_controls_of_one_class(declared: Mapping[str, set[str]]) -> None:
    """Where an earlier name could mean several classes, no control is about one of them by its type.

    Sentinel's rules apart: the package gives kinds of rule as names of one another, and those that it has no class for are other kinds.
    """
    wanted = [t for c in all_controls() for t in c.types if t.startswith("azure-native:") and not t.endswith("*")]
    unsure = {now for was, classes in declared.items() if was not in classes and not _now(was, classes) for now in classes}
    assert sorted(n for n in unsure if any(matches(f"azure-native:{n}", t) for t in wanted) and not n.startswith("securityinsights:")) == []


@pytest.mark.parametrize(
    ("written", "now"),
    [
        ("azure-native:documentdb:DatabaseAccount", "azure-native:cosmosdb:DatabaseAccount"),
        ("azure-native:documentdb/v20230315:DatabaseAccount", "azure-native:cosmosdb:DatabaseAccount"),
        ("azure-native:cache:Redis", "azure-native:redis:Redis"),
        ("azure-native:insights/v20210501preview:DiagnosticSetting", "azure-native:monitor:DiagnosticSetting"),
        ("azure-native:network:PrivateZone", "azure-native:privatedns:PrivateZone"),
        ("azure-native:storage:StorageAccount", "azure-native:storage:StorageAccount"),
    ],
)
def test_an_earlier_name_is_read_as_todays(written: str, now: str) -> None:
    assert plain_type(written) == now
