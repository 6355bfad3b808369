"""An upgrade of the library touches in a rehearsal just the resources that `unless library diff` says."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from rehearsal import rehearse
from stacks.library import Member, architecture_of, read_library
from stacks.library.difference import Release, difference
from tests.stacks.rehearsed import ROOT

pytestmark = pytest.mark.xdist_group("stacks")
DATA = "../shared/data"
VERSIONS = {"2026.01.3": "azure-landing-zones-library-2026.01.3", "2026.04.2": "azure-landing-zones-library"}


def _config(version: str) -> dict[str, str]:
    source = {
        "path": f"{DATA}/{VERSIONS[version]}",
        "version": version,
        "built_ins": f"{DATA}/azure-policy",
        "leave_out": {"Enable-DDoS-VNET": "no DDoS plan is bought"},
    }
    return {"architecture": json.dumps({"library": source})}


def _release(version: str) -> Release:
    library = read_library(ROOT / DATA / VERSIONS[version], [Member("platform/alz")], built_ins=ROOT / DATA / "azure-policy")
    return Release(library, architecture_of(library))


def test_an_upgrade_touches_what_the_difference_says(tmp_path: Path) -> None:
    if not (ROOT / DATA / VERSIONS["2026.01.3"]).is_dir():
        pytest.skip(f"../shared/data/{VERSIONS['2026.01.3']} is not here: there is no older version to upgrade from")
    state = tmp_path / "upgrade.json"
    rehearse(ROOT, "landing-zone", state, config=_config("2026.01.3"))
    ops = Counter(s.op for s in rehearse(ROOT, "landing-zone", state, config=_config("2026.04.2"), preview_only=True).steps)
    told = difference(_release("2026.01.3"), _release("2026.04.2")).whole
    assert (
        (ops["create"], ops["update"], ops["replace"], ops["delete"])
        == (told.create, told.update, told.replace, told.delete)
        == (2, 1, 0, 19)
    )
