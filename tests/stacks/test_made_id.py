"""The id of a subscription that Azure makes, as the provider answers: given, not known yet, or not made."""

from __future__ import annotations

import asyncio

import pulumi
import pytest
from pulumi_azure_native.subscription.outputs import SubscriptionAliasResponsePropertiesResponse as Answer

from stacks.workloads.subscription import made_id

ID = "7e0c3a52-0000-4000-8000-000000000071"


def _answer(subscription_id: str) -> Answer:
    return Answer(accept_ownership_state="", accept_ownership_url="", provisioning_state="Succeeded", subscription_id=subscription_id)


def _seen(answer: Answer | None) -> tuple[bool, str | None]:
    async def seen() -> tuple[bool, str | None]:
        made = made_id(answer)
        return await made.is_known(), await made.future()

    return asyncio.run(seen())


def _is_preview(monkeypatch: pytest.MonkeyPatch, preview: bool) -> None:
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: preview)


@pytest.mark.parametrize("preview", [True, False])
def test_what_azure_gave_is_taken(monkeypatch: pytest.MonkeyPatch, preview: bool) -> None:
    _is_preview(monkeypatch, preview)
    assert _seen(_answer(ID)) == (True, ID)


@pytest.mark.parametrize("answer", [None, _answer("")])
def test_a_preview_does_not_know(monkeypatch: pytest.MonkeyPatch, answer: Answer | None) -> None:
    _is_preview(monkeypatch, True)
    assert _seen(answer) == (False, None)


@pytest.mark.parametrize("answer", [None, _answer("")])
def test_a_deployment_says_that_there_is_none(monkeypatch: pytest.MonkeyPatch, answer: Answer | None) -> None:
    _is_preview(monkeypatch, False)
    with pytest.raises(pulumi.RunError, match="Azure has not made the subscription yet"):
        made_id(answer)
