"""Signing in to Azure Blob: with Microsoft Entra, or by the account's key where a target names it; and what to do when refused."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

from migration.steps.endpoints import BlobPlace
from migration.steps.model import StepError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

SCOPE = "https://storage.azure.com/.default"
ROLE = "Storage Blob Data Contributor"

# By the service's error code (learn.microsoft.com, "Blob service error codes" and "Authorize with Microsoft Entra ID"; read 2026-11-22).
_REMEDIES = {
    "AuthorizationPermissionMismatch": "Who is signed in may not do that: give them the role {role} on the container {container}, "
    "and wait up to ten minutes for it to take effect.",
    "InsufficientAccountPermissions": "Who is signed in may not do that: give them the role {role} on the container {container}.",
    "AuthorizationFailure": "The account turns this machine away: its network rules do not let it in, or who is signed in lacks the role "
    "{role} on the container {container}. Run from a network that the account admits, and give the role.",
    "KeyBasedAuthenticationNotPermitted": "The account takes no shared keys, as it should: take key_env out of targets.toml, compile "
    "again, and give who runs this the role {role} on the container {container}.",
    "ContainerNotFound": "Make the container first, with private access only.",
    "ResourceNotFound": "Make the container first, with private access only.",
}
_ANOTHER = "Try again; if it stays, ask whoever runs the store."


def default_credential() -> TokenCredential:
    """Whoever this machine is signed in as: environment, workload or managed identity, or a developer's sign-in such as `az login`."""
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential()


def account_key(place: BlobPlace, environment: Mapping[str, str]) -> dict[str, str]:
    """The account's name and key, as the client takes them. Raises StepError when the key's variable is not set."""
    key = environment.get(place.key_env)
    if not key:
        raise StepError(
            f"{place.name}: the variable {place.key_env} is not set. Put the storage account's key there, or take key_env out of "
            "targets.toml and compile again, to sign in with Microsoft Entra."
        )
    try:
        base64.b64decode(key, validate=True)
    except ValueError as wrong:
        raise StepError(
            f"{place.name}: the variable {place.key_env} holds no storage account key, which is base64. Copy the account's key there again."
        ) from wrong
    return {"account_name": place.endpoint.rstrip("/").rsplit("/", 1)[-1].split(".", 1)[0], "account_key": key}


def sign_in(place: BlobPlace, credential: TokenCredential) -> TokenCredential:
    """The credential, once it has given a token. Raises StepError when it gives none.

    Asked before the first request: within one, the client would take a missing sign-in for a passing fault and try for minutes.
    """
    try:
        credential.get_token(SCOPE)
    except AzureError as wrong:
        raise StepError(f"{place.name}: {no_token(wrong, place)}") from wrong
    return credential


def no_token(wrong: AzureError, place: BlobPlace) -> str:
    """Why Microsoft Entra gave no token, and what to do. Of its own words only the code: the rest may name people and tenants."""
    code = re.search(r"\bAADSTS\d+\b", str(wrong))
    why = f"Microsoft Entra refused the sign-in ({code[0]})" if code else "nobody is signed in to Microsoft Entra on this machine"
    return (
        f"{why}. Sign in with `az login`, or run with a managed identity or with AZURE_TENANT_ID, AZURE_CLIENT_ID and a certificate in "
        f"AZURE_CLIENT_CERTIFICATE_PATH. Whoever it is needs the role {ROLE} on the container {place.container}."
    )


def refusal(wrong: HttpResponseError, place: BlobPlace) -> str:
    """What the service answered, and what to do. Never its message, which can repeat what was sent to it."""
    code = code_of(wrong)
    if isinstance(wrong, ClientAuthenticationError) and code not in _REMEDIES:
        if wrong.response is None and not place.key_env:
            return no_token(wrong, place)
        remedy = f"Check the key in {place.key_env}." if place.key_env else _token_refused(place)
        return f"the store turned us away ({code}). {remedy}"
    remedy = _REMEDIES.get(code, _of_status(wrong.status_code))
    return f"the store answered {code}. {remedy.format(role=ROLE, container=place.container)}"


def unreached(wrong: AzureError) -> str:
    """Why there was no answer, and what to do."""
    if "CERTIFICATE_VERIFY_FAILED" in str(wrong):
        return (
            "nobody whom this machine trusts vouches for the store's certificate, so nothing was sent. Check the endpoint; where the "
            "council's network inspects traffic, put the file of its certificate authority in REQUESTS_CA_BUNDLE."
        )
    return "the store could not be reached. Check the endpoint and the network."


def code_of(wrong: HttpResponseError) -> str:
    """The service's error code, else the status."""
    code = getattr(wrong, "error_code", None)
    return str(getattr(code, "value", code) or wrong.status_code or "?")


def _of_status(status: int | None) -> str:
    return _REMEDIES["AuthorizationFailure"] if status == 403 else _ANOTHER


def _token_refused(place: BlobPlace) -> str:
    return (
        "It does not accept the Microsoft Entra sign-in of this machine: see that it belongs to the council's tenant and that this "
        f"machine's clock is right. Whoever it is needs the role {ROLE} on the container {place.container}."
    )
