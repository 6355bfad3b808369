"""Where a share is and where it goes, as written in `runbooks/targets.toml` and pinned in the runbook. Never a secret:
credentials are named (an environment variable, a key file), not given."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from migration.steps.model import Parameters

# An account's blob endpoint, with or without a DNS zone of its own (learn.microsoft.com, "Storage account overview", read 2026-11-22).
_AZURE_HOST = re.compile(r"[a-z0-9]{3,24}\.(blob\.core\.windows\.net|z[0-9]{1,2}\.blob\.storage\.azure\.net)|127\.0\.0\.1|localhost")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _host(name: str) -> str:
    try:
        name.encode("idna")
    except UnicodeError as wrong:
        raise ValueError(f"{name} is no name of a host") from wrong
    return name


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_whole = bool(_host(parts.hostname or "") and parts.port != 0) or not text
    except ValueError as wrong:
        raise ValueError(f"{text} is no address: its host or its port cannot be read") from wrong
    if not is_whole:
        raise ValueError(f"{text} is no address: it names no host, or the port 0")
    return text


def _private_url(text: str) -> str:
    """Files and what opens a store go in the clear to this machine only, where emulators are."""
    if _url(text).startswith("http://") and urlsplit(text).hostname not in _LOOPBACK:
        raise ValueError("the endpoint must begin with https://, or anybody on the way could read the files")
    return text


HostName = Annotated[str, Field(min_length=1), AfterValidator(_host)]
Url = Annotated[str, AfterValidator(_url)]
PrivateUrl = Annotated[str, AfterValidator(_private_url)]
EnvironmentName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class SshPlace(Parameters):
    """An SSH server; its key must match `fingerprint` (SHA256:…) or be in the file `known_hosts`."""

    host: HostName
    port: int = Field(default=22, ge=1, le=65535)
    user: str = Field(min_length=1)
    key_file: str = Field(min_length=1)
    known_hosts: str = ""
    fingerprint: str = Field(default="", pattern=r"^(SHA256:[A-Za-z0-9+/]{43})?$")

    @model_validator(mode="after")
    def _knows_the_host(self) -> SshPlace:
        if not self.known_hosts and not self.fingerprint:
            raise ValueError("give the server's fingerprint or a known_hosts file, so that an impostor is noticed")
        return self

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.user}@{self.host}:{self.port}"


class SharePlace(SshPlace):
    """A folder on an SSH server. `freeze` says how writing is stopped: by taking away write bits, or by a notice only."""

    path: str = Field(pattern=r"^/")
    freeze: Literal["write-bits", "notice"] = "write-bits"


class S3Place(Parameters):
    """A bucket and prefix of an S3 service; `endpoint` "" is AWS itself."""

    kind: Literal["s3"] = "s3"
    endpoint: PrivateUrl = Field(default="", pattern=r"^(https?://[^@\s]+)?$")
    region: str = Field(default="eu-west-2", pattern=r"^[a-z0-9-]{1,63}$")
    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    prefix: str = Field(default="", pattern=r"^([^/].*/)?$")
    access_key_env: EnvironmentName = "AWS_ACCESS_KEY_ID"
    secret_key_env: EnvironmentName = "AWS_SECRET_ACCESS_KEY"  # noqa: S105 - the name of a variable

    @property
    def name(self) -> str:
        """As people write it."""
        return f"s3://{self.bucket}/{self.prefix}"

    @property
    def service(self) -> str:
        """Whose bucket it is, which the name does not say."""
        return self.endpoint or f"AWS, {self.region}"


class BlobPlace(Parameters):
    """A container and prefix of an Azure Blob account; `endpoint` is the account's blob endpoint.

    `key_env` "" signs in with Microsoft Entra. Such a sign-in opens every account that its owner may open, so it goes over
    https only, and only to Azure's own storage hosts (or to an emulator on this machine).
    """

    kind: Literal["azure-blob"]
    endpoint: Url = Field(pattern=r"^https?://[^@\s?]+$")
    container: str = Field(min_length=3, max_length=63, pattern=r"^[a-z0-9](-?[a-z0-9])+$")
    prefix: str = Field(default="", pattern=r"^([^/].*/)?$")
    key_env: str = Field(default="", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$")

    @model_validator(mode="after")
    def _keeps_the_sign_in_to_azure(self) -> BlobPlace:
        if self.key_env:
            _private_url(self.endpoint)
            return self
        if not self.endpoint.startswith("https://"):
            raise ValueError("the endpoint must begin with https://, or anybody on the way could read the Microsoft Entra sign-in")
        if not _AZURE_HOST.fullmatch(urlsplit(self.endpoint).hostname or ""):
            raise ValueError("the Microsoft Entra sign-in goes to Azure's own hosts only, such as https://ACCOUNT.blob.core.windows.net")
        return self

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.endpoint.rstrip('/')}/{self.container}/{self.prefix}"

    @property
    def service(self) -> str:
        """Whose container it is."""
        return "Azure Blob"


ObjectPlace = Annotated[S3Place | BlobPlace, Field(discriminator="kind")]
