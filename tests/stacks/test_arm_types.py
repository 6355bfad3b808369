"""What our stacks send to Azure fits Azure's own types at any depth, as a preview and as a state; and what would not is found in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from policies.model import Judgement, Subject, Verdict
from policies.read.preview import subjects_of_preview
from policies.read.recognise import read_file
from policies.schema.controls import FIT, WHOLE
from policies.schema.judge import judge_types
from policies.schema.type_files import TypeFiles
from tests.stacks.rehearsed import Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")
# Types that we build and whose file the data folder has not: of these alone nothing can be told.
NOT_AT_HAND = {
    "azure-native:aadiam:DiagnosticSetting",
    "azure-native:authorization:PimRoleEligibilitySchedule",
    "azure-native:dnsresolver:DnsForwardingRuleset",
    "azure-native:dnsresolver:ForwardingRule",
    "azure-native:dnsresolver:OutboundEndpoint",
    "azure-native:dnsresolver:PrivateResolverVirtualNetworkLink",
    "azure-native:dnsresolver:DnsResolver",
    "azure-native:dnsresolver:InboundEndpoint",
    "azure-native:recoveryservices:ProtectedItem",
    "azure-native:recoveryservices:ProtectionContainer",
    "azure-native:recoveryservices:ProtectionPolicy",
    "azure-native:web:AppServicePlan",
    "azure-native:web:WebApp",
    "azure-native:web:WebAppFtpAllowed",
    "azure-native:web:WebAppFtpAllowedSlot",
    "azure-native:web:WebAppScmAllowed",
    "azure-native:web:WebAppScmAllowedSlot",
    "azure-native:web:WebAppSlot",
}


def previewed(stack: Rehearsed) -> tuple[Subject, ...]:
    return subjects_of_preview(stack.preview.to_json(), "preview")


def wrong(judgements: tuple[Judgement, ...]) -> list[str]:
    """What is judged wrong, and what cannot be told though its type is at hand."""
    untold = [j for j in judgements if j.control is WHOLE and j.subject.type not in NOT_AT_HAND]
    return [f"{j.subject.name}: {j.answer.reason}" for j in (*(j for j in judgements if j.answer.verdict is Verdict.FAIL), *untold)]


def passed(judgements: tuple[Judgement, ...]) -> int:
    return sum(j.control is FIT and j.answer.verdict is Verdict.PASS for j in judgements)


def test_no_false_alarm_on_any_stack(
    files: TypeFiles, platform: Rehearsed, workloads: Rehearsed, microsoft365: Rehearsed, dynamics: Rehearsed
) -> None:
    stacks = (platform, workloads, microsoft365, dynamics)
    whole = [s for stack in stacks for s in previewed(stack)]
    judged = judge_types(whole, files, is_all=True)
    assert wrong(judged) == []
    assert passed(judged) > 200
    for stack in stacks:
        assert wrong(judge_types(previewed(stack), files, is_all=True)) == []


def test_no_false_alarm_on_the_landing_zone_with_everything(files: TypeFiles, everything: Rehearsed) -> None:
    judged = judge_types(previewed(everything), files, is_all=True)
    assert wrong(judged) == []
    assert passed(judged) > 250


def test_no_false_alarm_on_several_councils(files: TypeFiles, shared_platform: Rehearsed, vended: Rehearsed) -> None:
    judged = judge_types((*previewed(shared_platform), *previewed(vended)), files, is_all=True)
    assert wrong(judged) == []
    assert passed(judged) > 250


def test_no_false_alarm_on_parts_of_every_kind(files: TypeFiles, platform: Rehearsed, parts: Rehearsed) -> None:
    judged = judge_types((*previewed(platform), *previewed(parts)), files, is_all=True)
    assert wrong(judged) == []
    assert passed(judged) > 250


def test_no_false_alarm_on_a_state(files: TypeFiles, platform: Rehearsed, workloads: Rehearsed) -> None:
    states = [s for stack in (platform, workloads) for s in read_file(stack.state).subjects]
    judged = judge_types(states, files, is_all=True)
    assert wrong(judged) == []
    assert passed(judged) > 200


def test_no_false_alarm_while_nothing_is_made_yet(files: TypeFiles, tmp_path: Path) -> None:
    from rehearsal import rehearse
    from tests.stacks.rehearsed import ROOT

    found = rehearse(ROOT, "landing-zone", tmp_path / "state.json", preview_only=True)
    judged = judge_types(subjects_of_preview(found.to_json(), "preview"), files)
    assert [j.answer.reason for j in judged if j.answer.verdict is Verdict.FAIL] == []
    assert any("Could not tell yet" in j.answer.reason for j in judged)


def _misspelt(value: Any, part: str) -> Any:
    """The value with the name at the end of every id that holds `part` cut short by a letter."""
    if isinstance(value, dict):
        return {k: _misspelt(v, part) for k, v in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_misspelt(v, part) for v in cast("list[Any]", value)]
    return value[:-1] if isinstance(value, str) and value.startswith("/subscriptions/") and part in value else value


@pytest.mark.parametrize("part", ["/subnets/", "/privateDnsZones/", "/workspaces/", "/firewallPolicies/"])
def test_a_misspelt_id_is_found_wherever_it_stands(files: TypeFiles, platform: Rehearsed, part: str) -> None:
    whole = previewed(platform)
    one = next(s for s in whole if s.type.startswith("azure-native:") and _misspelt(s.inputs, part) != s.inputs)
    judged = judge_types([replace(one, inputs=_misspelt(one.inputs, part)), *(s for s in whole if s is not one)], files)
    found = [j for j in judged if j.answer.verdict is Verdict.FAIL]
    assert {j.subject.id for j in found} == {one.id}
    assert all("is the id of nothing" in j.answer.reason and "Did you mean" in j.answer.reason for j in found)
