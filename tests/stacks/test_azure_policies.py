"""The landing zone's own assignments on the landing zone and on the workloads, by Azure's definitions: nothing is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from policies.azure_policy.built_ins import BuiltIns, find_built_ins
from policies.azure_policy.judge import judge_policies
from policies.model import Judgement, Subject, Verdict
from policies.read.preview import subjects_of_preview
from policies.schema.type_files import TypeFiles
from tests.stacks.conftest import DATA
from tests.stacks.rehearsed import Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
ON = date(2026, 11, 25)
REFUSES = "azure-policy-refuses-nothing"
ACCOUNT = "azure-native:storage:StorageAccount"


@pytest.fixture(scope="module")
def built_ins() -> BuiltIns:
    found = find_built_ins(DATA.resolve())
    if found is None:
        pytest.skip("../shared/data/azure-policy is not here: no definitions to judge by")
    return found


@pytest.fixture(scope="module")
def subjects(platform: Rehearsed, workloads: Rehearsed) -> list[Subject]:
    return [s for stack in (platform, workloads) for s in subjects_of_preview(stack.preview.to_json(), stack.preview.stack)]


def refusals(subjects: list[Subject], files: TypeFiles, built_ins: BuiltIns, verdict: Verdict) -> list[Judgement]:
    judged = judge_policies(subjects, files, built_ins, ON, is_all=True).judgements
    return [j for j in judged if j.control.id == REFUSES and j.answer.verdict is verdict]


def test_nothing_that_the_stacks_make_is_refused(subjects: list[Subject], files: TypeFiles, built_ins: BuiltIns) -> None:
    assert [(j.subject.name, j.answer.reason) for j in refusals(subjects, files, built_ins, Verdict.FAIL)] == []


def test_what_cannot_be_told_is_told_of_assignments_alone(subjects: list[Subject], files: TypeFiles, built_ins: BuiltIns) -> None:
    """The data at hand lacks the definitions of the tag policies; of no resource it is unknown whether Azure refuses it."""
    unknown = refusals(subjects, files, built_ins, Verdict.UNKNOWN)
    assert {j.subject.type for j in unknown} <= {"azure-native:authorization:PolicyAssignment"}
    assert all("is not at hand" in j.answer.reason or "asks for version" in j.answer.reason for j in unknown)


def test_an_open_account_among_the_workloads_is_refused_by_name(subjects: list[Subject], files: TypeFiles, built_ins: BuiltIns) -> None:
    safe = next(s for s in subjects if s.type == ACCOUNT and "/subscriptions/7e0c3a52-0000-4000-8000-000000000021/" in s.resource_id)
    open_ = replace(safe, id=f"{safe.id}-open", inputs={**safe.inputs, "enableHttpsTrafficOnly": False, "allowBlobPublicAccess": True})
    others = [s for s in subjects if s is not safe]
    reasons = [j.answer.reason for j in refusals([*others, open_], files, built_ins, Verdict.FAIL) if j.subject.id == open_.id]
    told = " ".join(reasons)
    assert "supportsHttpsTrafficOnly is false" in told
    assert "assignment storage-secure-transfer at management group exb-landingzones" in told
    assert "assignment storage-no-public-blobs at management group exb-landingzones" in told
