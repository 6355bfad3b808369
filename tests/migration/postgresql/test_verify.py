"""The certificate of a database: equal when all is equal, and every difference named, whatever it is in."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migration.steps.model import Bench, Found, StepError
from migration.steps.postgresql.copy import copy
from migration.steps.postgresql.parameters import VerifyParameters
from migration.steps.postgresql.verify import certify, is_certified

pytestmark = pytest.mark.xdist_group("postgresql")
TENANTS = '"Häuser; DROP SCHEMA ""x"" --"."tenants of ""the"" %s {0} \\ house"'
SCHEMA = '"Häuser; DROP SCHEMA ""x"" --"'
CASES = Path(__file__).parents[2] / "cases" / "postgresql-differences"


@pytest.fixture
def copied(move: Any, make_bench: Callable[..., Bench]) -> Any:
    copy(make_bench("copy-database-hou-db"), move.parameters)
    return move


def named(query: str) -> str:
    return query.replace("@tenants", TENANTS).replace("@schema", SCHEMA)


def parameters(move: Any, **other: Any) -> VerifyParameters:
    return VerifyParameters.model_validate({**move.parameters.model_dump(), "move_step": "copy-database-hou-db", **other})


def test_a_copy_is_certified_with_all_that_is_in_it_and_what_was_not_carried(copied: Any, make_bench: Any) -> None:
    name = '"' + copied.source.database.replace('"', '""') + '"'
    copied.at("source", f"COMMENT ON DATABASE {name} IS 'the old one'")
    bench = make_bench("verify-database-hou-db")
    facts = certify(bench, parameters(copied))
    held = json.loads((bench.folder / "certificate-verify-database-hou-db.json").read_bytes())
    assert (held["format"], held["rows"], len(held["tables"])) == ("cloud-unless/database-certificate/1", 513, 5)
    assert held["tables"][TENANTS][0] == 500
    assert held["sequences"][f'{SCHEMA}."next one\'s"'] == [80, True]
    assert held["sequences"][f"{SCHEMA}.never_used"] == [1, False]
    assert held["large_objects"][0] == 2
    assert {"comment on the database: the old one", "password of the role: unless"} <= set(held["not_carried"])
    assert {"index", "column", "right", "policy", "type", "view"} <= set(held["compared"])
    assert is_certified(replace(bench, effect=facts), parameters(copied)).found is Found.DONE
    (bench.folder / "certificate-verify-database-hou-db.json").write_text("{}")
    assert is_certified(replace(bench, effect=facts), parameters(copied)).reason == "the certificate was changed after it was written"


def test_every_difference_is_named_at_once(copied: Any, make_bench: Any) -> None:
    cases = {f.stem: tomllib.loads(f.read_text("utf-8")) for f in sorted(CASES.glob("*.toml"))}
    assert cases
    for case in cases.values():
        copied.at("target", case["change"])
    with pytest.raises(StepError) as wrong:
        certify(make_bench("verify"), parameters(copied))
    said = wrong.value.faults
    assert said[0].startswith("hou-db: ")
    unsaid = {name: case["says"] for name, case in cases.items() if not any(case["says"] in line for line in said)}
    assert not unsaid, said
    assert "take the whole run back (unless runbook undo r1)" in said[-1]
    assert not list(make_bench("verify").folder.glob("certificate-*"))


def test_a_source_that_changes_after_the_copy_is_found_before_and_after_the_opening(copied: Any, make_bench: Any) -> None:
    certify(make_bench("verify"), parameters(copied))
    copied.at("target", named("DELETE FROM @tenants WHERE t < 10"))
    after = parameters(copied, sides="source", certificate_step="verify")
    assert certify(make_bench("untouched"), after)["rows"] == 513
    copied.at("source", named("UPDATE @tenants SET rent = 0 WHERE t = 3; SELECT nextval('@schema.never_used')"))
    with pytest.raises(StepError) as wrong:
        certify(make_bench("untouched"), after)
    assert any(f"table {TENANTS}: 500 rows on both sides, but not the same" in line for line in wrong.value.faults)
    assert any("never_used: 1 (not given out) by the certificate, 1 now" in line for line in wrong.value.faults)
    assert "Somebody wrote at the old place after the copy" in wrong.value.faults[-1]


def test_rows_swapped_between_tables_or_doubled_are_found_though_counts_agree(copied: Any, make_bench: Any) -> None:
    notes = '@schema."01234567890123456789012345678901234567890123456789012345678901é"'
    copied.at(
        "target", named("UPDATE NOTES SET note = 'x' WHERE id = 1; UPDATE NOTES SET note = NULL WHERE id = 2".replace("NOTES", notes))
    )
    with pytest.raises(StepError) as wrong:
        certify(make_bench("verify"), parameters(copied))
    assert any("4 rows on both sides, but not the same" in line for line in wrong.value.faults)
