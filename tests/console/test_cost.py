"""`unless rehearse … --cost`: which resources are billed, and how a person's mistakes are told. No rehearsal is needed for it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from console.cost import cost_of, read_prices_of, show_cost
from rehearsal import Preview, Step

_ADDRESS, _ENDPOINT = "azure-native:network:PublicIPAddress", "azure-native:network:PrivateEndpoint"


def _state(name: str, token: str, **inputs: Any) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:s::p::{token}::{name}", "type": token, "custom": True, "inputs": {"location": "UK South", **inputs}}


def _changed() -> Preview:
    address = _state("in", _ADDRESS, sku={"name": "Standard"})
    new, gone, kept = (_state(n, _ENDPOINT) for n in ("new", "gone", "kept"))
    component: dict[str, Any] = {**_state("part", "cloud-unless:components:Vault"), "custom": False}
    steps = (
        Step("create", component["urn"], new=component),
        Step("create", new["urn"], new=new),
        Step("delete", gone["urn"], old=gone),
        Step("same", kept["urn"], old=kept, new=kept),
        Step("create-replacement", address["urn"], old=address, new=address),
        Step("replace", address["urn"], old=address, new=address),
        Step("delete-replaced", address["urn"], old=address),
        Step("read", "urn:pulumi:s::p::x::theirs", new=_state("theirs", _ADDRESS, sku={"name": "Standard"})),
    )
    return Preview("p", "s", steps, config={"cloud-unless:region": "ukwest"})


def test_a_bill_holds_what_stands_afterwards_once_and_the_change_is_against_what_stood_before() -> None:
    cost = cost_of(_changed(), read_prices_of(None, None))
    assert sorted(c.name for c in cost.after.charges) == ["in", "kept", "new"]
    assert sorted(c.name for c in cost.before.charges) == ["gone", "in", "kept"]
    assert cost.after.not_priced == ()
    assert cost.after.monthly_pence == 270 + 2 * 541
    assert cost.change_pence == 0
    assert {c.wanted_region for c in cost.after.charges} == {"uksouth"}


def test_everything_in_a_bill_is_told_in_json() -> None:
    told = json.loads(json.dumps(cost_of(_changed(), read_prices_of(None, None)).to_json()))
    assert told["at_least_monthly_pence"] == sum(c["monthly_pence"] for c in told["charges"]) == 1352
    assert {(c["region"], c["on"]) for c in told["charges"]} == {("eastus", "2026-04-03"), ("westus", "2024-07-01")}
    assert {q["id"]: q["amount"] for q in told["quantities"]}["servers-per-subscription"] is None


def test_a_bill_names_region_day_source_and_what_was_presumed(capsys: pytest.CaptureFixture[str]) -> None:
    show_cost(cost_of(_changed(), read_prices_of(None, None)))
    said = capsys.readouterr()
    assert "At least £13.52 a month for what has a price; this run changes that by +£0.00" in said.out
    assert "eastus (elsewhere)" in said.out
    assert "3 prices are of another region" in said.out
    assert "always-on = 1 (default)" in said.err
    assert "Prices of 2026-04-03: infracost" in said.err


def test_faults_of_both_files_are_told_at_once_and_nothing_is_rehearsed(unless: Callable[..., subprocess.CompletedProcess[bytes]]) -> None:
    assert unless("init").returncode == 0
    done = unless("rehearse", "landing-zone", "--cost", "--prices", "absent.json", "--quantities", "absent.toml")
    assert done.returncode == 1
    assert b"absent.json cannot be read" in done.stderr
    assert b"absent.toml cannot be read" in done.stderr
    assert done.stdout == b""


def test_prices_without_cost_are_wrong_usage(unless: Callable[..., subprocess.CompletedProcess[bytes]]) -> None:
    assert unless("init").returncode == 0
    done = unless("rehearse", "landing-zone", "--quantities", "absent.toml")
    assert done.returncode == 2
    assert b"without --cost" in done.stderr
