"""Signing in to Azure Blob with Microsoft Entra, against real servers over https; refusals are said plainly and hold no token."""

from __future__ import annotations

import hashlib
import json
import logging
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CredentialUnavailableError

from migration.steps.endpoints import BlobPlace
from migration.steps.model import StepError
from migration.steps.names import key_for
from migration.steps.open_store import open_store
from migration.steps.store_blob import BlobStore
from rehearsal.servers import AzureBlob

CASES = Path(__file__).parents[2] / "cases" / "blob-refusals"


def _place(endpoint: str, container: str = "docs", key_env: str = "") -> BlobPlace:
    return BlobPlace(kind="azure-blob", endpoint=endpoint, container=container, key_env=key_env)


@pytest.mark.slow
def test_a_token_carries_files_small_and_large_and_no_key_is_needed(blob: AzureBlob, signed_in: Any) -> None:
    blob.make_container("docs")
    credential = signed_in()
    store = BlobStore(_place(blob.endpoint), {}, 4, credential, blob.ca_file)
    store.prepare()
    big = [b"1" * 5_000_000, b"2" * 5_000_000]
    stamp = store.put("a.txt", b"content", hashlib.sha256(b"content").digest(), {"unless-token": "t"})
    store.put_parts("big", iter(big), {})
    assert store.listing()["a.txt"] == (7, stamp)
    assert b"".join(store.read("big")) == b"".join(big)
    store.delete(["a.txt", "big"])
    assert store.listing() == {}
    assert set(credential.scopes) == {"https://storage.azure.com/.default"}


@pytest.mark.slow
@pytest.mark.parametrize("claims", [{"exp": 1}, {"aud": "https://graph.microsoft.com"}, {"iss": "https://evil.example/"}], ids=str)
def test_a_token_that_the_store_does_not_accept_is_said_and_not_shown(
    blob: AzureBlob, signed_in: Any, claims: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    held = signed_in.token(**claims)
    with caplog.at_level(logging.DEBUG), pytest.raises(StepError) as wrong:
        BlobStore(_place(blob.endpoint), {}, 4, signed_in(held), blob.ca_file).prepare()
    assert "turned us away (AuthenticationFailed). It does not accept the Microsoft Entra sign-in" in str(wrong.value)
    assert "Storage Blob Data Contributor on the container docs" in str(wrong.value)
    assert held not in str(wrong.value) + caplog.text


@pytest.mark.slow
def test_a_certificate_that_nobody_vouches_for_is_refused(blob: AzureBlob, signed_in: Any) -> None:
    with pytest.raises(StepError, match="nobody whom this machine trusts vouches for the store's certificate, so nothing was sent"):
        BlobStore(_place(blob.endpoint), {}, 4, signed_in()).prepare()


@pytest.mark.slow
def test_a_missing_container_is_said(blob: AzureBlob, signed_in: Any) -> None:
    with pytest.raises(StepError, match=r"ContainerNotFound\. Make the container first"):
        BlobStore(_place(blob.endpoint, "nowhere"), {}, 4, signed_in(), blob.ca_file).prepare()


@pytest.mark.slow
def test_a_named_key_still_opens_the_store(blob: AzureBlob) -> None:
    blob.make_container("bykey")
    place = _place(blob.endpoint, "bykey", "AZURE_STORAGE_KEY")
    BlobStore(place, blob.environment, 4, ca_file=blob.ca_file).prepare()
    with pytest.raises(StepError, match=r"turned us away.*Check the key in AZURE_STORAGE_KEY"):
        BlobStore(place, {"AZURE_STORAGE_KEY": "d3Jvbmc="}, 4, ca_file=blob.ca_file).prepare()
    with pytest.raises(StepError, match=r"the variable AZURE_STORAGE_KEY holds no storage account key, which is base64"):
        BlobStore(place, {"AZURE_STORAGE_KEY": "not/base64!"}, 4, ca_file=blob.ca_file).prepare()
    with pytest.raises(StepError, match=r"the variable AZURE_STORAGE_KEY is not set\. Put the storage account's key there"):
        BlobStore(place, {}, 4)


@pytest.mark.parametrize("case", sorted(CASES.glob("*.toml")), ids=lambda p: p.stem)
def test_every_refusal_says_what_to_do(case: Path, answering: Any, signed_in: Any) -> None:
    held = tomllib.loads(case.read_text("utf-8"))
    body = f"<Error><Code>{held['code']}</Code><Message>of the service</Message></Error>".encode()
    credential = signed_in()
    with answering(held["status"], {"x-ms-error-code": held["code"], "Content-Type": "application/xml"}, body) as server:
        place = _place(f"https://127.0.0.1:{server.port}/devstoreaccount1", key_env=held.get("key_env", ""))
        with pytest.raises(StepError) as wrong:
            BlobStore(place, {"KEY": "d3Jvbmc="}, 4, credential, server.ca_file).listing()
    assert str(wrong.value) == f"{place.name}: {held['says']}"
    assert server.seen[0]["authorization"].startswith("SharedKey " if place.key_env else f"Bearer {credential.held}")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (CredentialUnavailableError("DefaultAzureCredential failed.\nAzureCliCredential: not signed in"), "nobody is signed in"),
        (ClientAuthenticationError("AADSTS7000215: Invalid client secret s3cr3t for app x"), r"refused the sign-in \(AADSTS7000215\)"),
    ],
)
def test_a_sign_in_that_fails_is_said_at_once_with_what_to_do(wrong: Exception, why: str) -> None:
    class Nobody:
        def get_token(self, *scopes: str, **other: Any) -> Any:
            raise wrong

    started = time.monotonic()
    with pytest.raises(StepError, match=f"{why}.*az login.*Storage Blob Data Contributor on the container docs") as said:
        BlobStore(_place("https://example.blob.core.windows.net"), {}, 4, Nobody())
    assert "s3cr3t" not in str(said.value)
    assert time.monotonic() - started < 2


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A machine on which nobody is signed in, whatever machine this is: no variables, no programs, an empty home."""
    for name in (
        "AZURE_CLIENT_ID",
        "AZURE_TENANT_ID",
        "AZURE_CLIENT_SECRET",
        "AZURE_CLIENT_CERTIFICATE_PATH",
        "AZURE_FEDERATED_TOKEN_FILE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    return monkeypatch


def _identity_endpoint(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Managed identity as App Service and Automation offer it: an endpoint on the machine itself."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{port}/token")
    monkeypatch.setenv("IDENTITY_HEADER", "ours")


@pytest.mark.slow
def test_a_name_that_no_listing_can_hold_travels_under_another_and_the_client_says_nothing_itself(blob: AzureBlob) -> None:
    blob.make_container("names")
    store = BlobStore(_place(blob.endpoint, "names", "AZURE_STORAGE_KEY"), blob.environment, 4, ca_file=blob.ca_file)
    key = key_for("odd\ufffe.txt")
    store.put(key, b"x", hashlib.sha256(b"x").digest(), {})
    assert list(store.listing()) == [key]
    store.put("odd\ufffe.txt", b"x", hashlib.sha256(b"x").digest(), {})
    with pytest.raises(StepError):
        store.listing()
    # With no handler of its own Python would print the client's warnings; pytest's handlers hide that from a capture.
    assert any(isinstance(h, logging.NullHandler) for h in logging.getLogger("azure").handlers)
    store.delete(["odd\ufffe.txt"])


@pytest.mark.slow
def test_a_managed_identity_opens_the_store_with_nothing_named(
    blob: AzureBlob, answering: Any, signed_in: Any, nobody: pytest.MonkeyPatch
) -> None:
    blob.make_container("managed")
    body = json.dumps({"access_token": signed_in().held, "expires_on": str(int(time.time()) + 3600), "resource": "r"}).encode()
    with answering(200, {"Content-Type": "application/json"}, body, https=False) as identity:
        _identity_endpoint(nobody, identity.port)
        nobody.setenv("REQUESTS_CA_BUNDLE", blob.ca_file)
        store = open_store(_place(blob.endpoint, "managed"), {}, 4)
        store.prepare()

        def put(number: int) -> str:
            return store.put(str(number), b"x", hashlib.sha256(b"x").digest(), {})

        with ThreadPoolExecutor(8) as workers:
            assert len(list(workers.map(put, range(40)))) == 40
        assert len(store.listing()) == 40
    assert len(identity.seen) == 1
    assert identity.seen[0]["x-identity-header"] == "ours"


def test_nobody_signed_in_is_one_sentence_and_nothing_on_the_terminal(
    answering: Any, nobody: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with answering(400, {"Content-Type": "application/json"}, b'{"message": "no identity here"}', https=False) as identity:
        _identity_endpoint(nobody, identity.port)
        with pytest.raises(StepError) as wrong:
            open_store(_place("https://example.blob.core.windows.net"), {}, 4)
    assert "Sign in with `az login`" in str(wrong.value)
    assert len(str(wrong.value).splitlines()) == 1
    assert capfd.readouterr() == ("", "")
