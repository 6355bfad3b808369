"""Opening an S3 store: what was reviewed says where files go, and what this machine's settings break is said."""

from __future__ import annotations

from typing import Any

import pytest

from migration.steps.endpoints import S3Place
from migration.steps.model import StepError
from migration.steps.store_s3 import S3Store

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}


def _place(**other: Any) -> S3Place:
    return S3Place(bucket="exampleborough-housing", **other)


def test_no_variable_of_this_machine_sends_files_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert S3Store(_place(), KEYS, 2).client.meta.endpoint_url == "https://s3.eu-west-2.amazonaws.com"


def test_a_profile_that_does_not_exist_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")
    with pytest.raises(StepError, match=r"it cannot be asked: The config profile \(nope\) could not be found\..*AWS_PROFILE"):
        S3Store(_place(), KEYS, 2)


@pytest.mark.parametrize("place", [{"endpoint": "https://a_b/.."}, {"region": "-"}], ids=str)
def test_a_place_that_no_client_can_be_made_of_is_said(place: dict[str, str]) -> None:
    with pytest.raises(StepError, match=r"it cannot be asked: .*targets\.toml"):
        S3Store(_place(**place), KEYS, 2)
