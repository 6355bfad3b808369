"""Azure Blob storage behind the port of `stores`."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError, ServiceRequestError, ServiceResponseError
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobBlock, ContainerClient, ContentSettings
from requests import Session
from requests.adapters import HTTPAdapter

from migration.steps.blob_sign_in import account_key, default_credential, refusal, sign_in, unreached
from migration.steps.endpoints import BlobPlace
from migration.steps.model import StepError
from migration.steps.stores import Begun, Held, forget

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


# Seconds to wait for a connection, and for each piece of an answer.
_CONNECT, _READ = 10, 60


def _transport(connections: int, ca_file: str) -> Any:
    session = Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=connections + 2))
    return RequestsTransport(
        session=session, session_owner=True, connection_timeout=_CONNECT, read_timeout=_READ, connection_verify=ca_file or True
    )


class BlobStore:
    """A container and prefix. Every blob has its content's MD5 set, as azcopy and the portal expect."""

    def __init__(
        self,
        place: BlobPlace,
        environment: Mapping[str, str],
        connections: int,
        credential: TokenCredential | None = None,
        ca_file: str = "",
    ) -> None:
        """Signs in: by the account's key where the place names its variable, else with Microsoft Entra.

        `credential` is who signs in there, left out: whoever this machine is signed in as. `ca_file` holds the certificates
        to trust in place of the usual ones; none is ever trusted unseen. Raises StepError when there is no key or no sign-in.
        """
        self.name = place.name
        self.place = place
        logger = logging.getLogger("azure")
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())  # else Python prints its warnings beside our sentences
        self.client = ContainerClient(
            place.endpoint,
            place.container,
            credential=account_key(place, environment) if place.key_env else sign_in(place, credential or default_credential()),
            transport=_transport(connections, ca_file),
            retry_total=5,
        )

    @contextmanager
    def _plainly(self) -> Generator[None]:
        try:
            yield
        except HttpResponseError as wrong:
            raise StepError(f"{self.name}: {refusal(wrong, self.place)}") from wrong
        except (ServiceRequestError, ServiceResponseError) as wrong:
            raise StepError(f"{self.name}: {unreached(wrong)}") from wrong
        except (AzureError, ValueError) as wrong:
            what = "Check the endpoint and the key." if self.place.key_env else "Check the endpoint and the sign-in."
            raise StepError(f"{self.name}: {str(wrong).splitlines()[0]}. {what}") from wrong

    def prepare(self) -> None:
        """See the port. Asks once: a wrong address or certificate is said now, not after minutes."""
        with self._plainly():
            self.client.get_container_properties(retry_total=0)

    def listing(self) -> dict[str, Held]:
        """See the port: one request for each five thousand blobs."""
        found: dict[str, Held] = {}
        with self._plainly():
            for blob in self.client.list_blobs(name_starts_with=self.place.prefix or None):
                found[str(blob.name)] = Held(int(blob.size or 0), str(blob.etag or "").strip('"'))
        return found

    def digest(self, key: str) -> str:
        """See the port."""
        with self._plainly():
            return (self.client.get_blob_client(key).get_blob_properties().metadata or {}).get("sha256", "")

    def put(self, key: str, content: bytes, sha256: bytes, about: Mapping[str, str]) -> str:
        """See the port: the service checks the MD5 of what arrives."""
        settings = ContentSettings(content_md5=bytearray(hashlib.md5(content, usedforsecurity=False).digest()))
        with self._plainly():
            answer = self.client.get_blob_client(key).upload_blob(
                content, overwrite=True, validate_content=True, content_settings=settings, metadata=_names(about, sha256.hex())
            )
        return str(answer["etag"]).strip('"')

    def abandon(self, key: str, upload: str) -> None:
        """See the port: blocks that were never committed vanish by themselves within a week."""
        del key, upload

    def put_parts(self, key: str, parts: Iterable[bytes], about: Mapping[str, str], begun: Begun = forget) -> str:
        """See the port: nothing appears until the list of blocks is committed."""
        del begun  # an upload in blocks has no id
        blob = self.client.get_blob_client(key)
        whole, digest, blocks = hashlib.md5(usedforsecurity=False), hashlib.sha256(), list[BlobBlock]()
        with self._plainly():
            for number, part in enumerate(parts):
                whole.update(part)
                digest.update(part)
                block = base64.b64encode(f"{number:08}".encode()).decode("ascii")
                blob.stage_block(block, part, length=len(part), validate_content=True)
                blocks.append(BlobBlock(block))
            settings = ContentSettings(content_md5=bytearray(whole.digest()))
            answer = blob.commit_block_list(blocks, content_settings=settings, metadata=_names(about, digest.hexdigest()))
        return str(answer["etag"]).strip('"')

    def read(self, key: str) -> Iterator[bytes]:
        """See the port."""
        with self._plainly():
            yield from self.client.get_blob_client(key).download_blob().chunks()

    def delete(self, keys: Iterable[str]) -> None:
        """See the port."""
        with self._plainly():
            for key in sorted(keys):
                try:
                    self.client.delete_blob(key, delete_snapshots="include")
                except ResourceNotFoundError:
                    continue


def _names(about: Mapping[str, str], sha256: str) -> dict[str, str]:
    """Metadata under names that Azure accepts: those of C# identifiers."""
    return {**{k.replace("-", "_"): v for k, v in about.items()}, "sha256": sha256}
