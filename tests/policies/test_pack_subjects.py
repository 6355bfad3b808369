"""What the engine sends becomes the subject that a preview of the same resource gives, and nothing that it does not say is guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.analyzer import settings
from policies.analyzer.messages import sentences
from policies.analyzer.subjects import beside_others, subject_of
from policies.answers import fails
from policies.catalogue import all_controls
from policies.model import UNKNOWN, Judgement, Subject
from tests.policies.analyzer_engine import Engine, after, before, running

PARENT = "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s"
ACCOUNT = "azure-native:storage:StorageAccount"
HELD = Subject("resource", ACCOUNT, f"urn:pulumi:s::p::{ACCOUNT}::a", "a", {"id": "x", "kind": "StorageV2"}, parent=PARENT, protect=True)


def test_before_it_is_made_a_resource_is_what_was_asked_for() -> None:
    found = subject_of(before(HELD))
    assert (found.inputs, found.parent, found.protect, found.resource_id) == (HELD.inputs, PARENT, True, "")
    assert (found.file, found.line, found.is_component) == ("", 0, False)


def test_a_version_in_the_type_is_told_apart_from_the_type() -> None:
    sent = before(HELD)
    sent.type = "azure-native:storage/v20230101:StorageAccount"
    found = subject_of(sent)
    assert (found.type, found.api_version) == (ACCOUNT, "v20230101")


def test_beside_others_it_keeps_what_was_asked_for_and_learns_its_id_and_origins() -> None:
    sent = after(HELD)
    sent.properties.update({"id": "/subscriptions/x", "kind": "BlobStorage"})
    sent.dependencies.extend(["urn:b", "urn:a"])
    sent.propertyDependencies["kind"].urns.append("urn:a")
    found = beside_others(sent, subject_of(before(HELD)))
    assert (found.inputs, found.resource_id) == (HELD.inputs, "/subscriptions/x")
    assert (found.depends_on, dict(found.waits_on), found.parent) == (("urn:a", "urn:b"), {"kind": ("urn:a",)}, PARENT)


def test_of_a_resource_never_asked_for_its_own_names_are_no_inputs() -> None:
    sent = after(HELD)
    sent.properties.update({"id": "/subscriptions/x", "urn": HELD.id, "kind": "BlobStorage"})
    found = beside_others(sent, None)
    assert (found.inputs, found.resource_id) == ({"kind": "BlobStorage"}, "/subscriptions/x")


def test_a_text_from_outside_neither_steers_the_terminal_nor_colours_what_pulumi_shows() -> None:
    control = all_controls()[0]
    told = sentences(Judgement(control, HELD, fails("a\x1b[31m is <{%fg 1%}>\nfail: b")))
    assert told.split("\n")[1] == "fail: a\N{REPLACEMENT CHARACTER}[31m is <{ %fg 1%}>\N{REPLACEMENT CHARACTER}fail: b"


def test_a_breach_is_told_once_though_it_is_asked_for_twice() -> None:
    held = Subject("resource", ACCOUNT, HELD.id, "a", {"publicNetworkAccess": UNKNOWN})
    with running() as engine:
        told = _told(engine, held)
    assert told
    assert sorted(set(told)) == sorted(told)


def _told(engine: Engine, held: Subject) -> list[str]:
    return [d.policyName for answer in (engine.one(held), engine.all([held])) for d in answer.diagnostics]


def test_our_own_register_counts_unless_another_is_named_and_may_be_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "exceptions.toml"
    monkeypatch.setattr(settings, "OWN_REGISTER", own)
    assert settings.unset().register.entries == ()
    text = 'format = "cloud-unless/exceptions/1"\n[[exception]]\nid = "EX-1"\ncontrols = ["c"]\nsubjects = ["a"]\n'
    own.write_text(text, encoding="utf-8")
    assert [e.id for e in settings.unset().register.entries] == ["EX-1"]
