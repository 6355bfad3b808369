"""S3 behind the port of `stores`."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from migration.steps.endpoints import S3Place
from migration.steps.model import StepError
from migration.steps.stores import Begun, Held, forget

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_REMEDIES = {
    "InvalidAccessKeyId": "The access key is unknown: check the variable {place.access_key_env}.",
    "SignatureDoesNotMatch": "The secret key does not fit: check the variable {place.secret_key_env}.",
    "AccessDenied": "These credentials may not do that: check the bucket's policy.",
    "403": "These credentials may not do that, or the keys are wrong: check the keys and the bucket's policy.",
    "NoSuchBucket": "Make the bucket first, with private access only.",
    "404": "Make the bucket first, with private access only.",
}


def _client(place: S3Place, environment: Mapping[str, str], connections: int) -> S3Client:
    session = cast("Any", boto3.session.Session())  # its stubs know one service and leave the rest unknown
    return session.client(
        "s3",
        endpoint_url=place.endpoint or None,
        region_name=place.region,
        aws_access_key_id=environment[place.access_key_env],
        aws_secret_access_key=environment[place.secret_key_env],
        config=Config(
            max_pool_connections=connections + 2,
            retries={"mode": "standard", "max_attempts": 5},
            connect_timeout=10,
            read_timeout=60,
            # What was reviewed says where files go: no variable or profile of this machine may send them elsewhere.
            ignore_configured_endpoint_urls=True,  # pyright: ignore[reportCallIssue] - its stubs lack it
            # Every object is hashed by us on the way out and back, with SHA-256: a second checksum would cost and prove nothing.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if place.endpoint else "auto"},
        ),
    )


class S3Store:
    """A bucket and prefix."""

    def __init__(self, place: S3Place, environment: Mapping[str, str], connections: int) -> None:
        """Raises StepError when the credentials' variables are not set, or no client can be made of the place."""
        missing = [v for v in (place.access_key_env, place.secret_key_env) if not environment.get(v)]
        if missing:
            which = f"variables {' and '.join(missing)} are" if len(missing) > 1 else f"variable {missing[0]} is"
            raise StepError(f"{place.name}: the {which} not set. Put the target's credentials there.")
        self.name = place.name
        self.place = place
        try:
            self.client = _client(place, environment, connections)
        except (BotoCoreError, ValueError) as wrong:
            raise StepError(
                f"{place.name}: it cannot be asked: {wrong}. Correct its endpoint or region in targets.toml and compile again; where it is "
                "the AWS profile, correct AWS_PROFILE or AWS_CONFIG_FILE on this machine and resume."
            ) from wrong

    @contextmanager
    def _plainly(self) -> Generator[None]:
        try:
            yield
        except ClientError as wrong:
            held = wrong.response.get("Error", {})
            code, message = held.get("Code", "?"), held.get("Message", "")
            remedy = _REMEDIES.get(code, "Try again; if it stays, ask whoever runs the store.").format(place=self.place)
            raise StepError(f"{self.name}: the store answered {code} ({message}). {remedy}") from wrong
        except BotoCoreError as wrong:
            raise StepError(f"{self.name}: the store could not be reached: {wrong}. Check the endpoint and the network.") from wrong

    def prepare(self) -> None:
        """See the port. Needs the right to list the bucket."""
        with self._plainly():
            self.client.head_bucket(Bucket=self.place.bucket)

    def abandon(self, key: str, upload: str) -> None:
        """See the port."""
        with self._plainly():
            try:
                self.client.abort_multipart_upload(Bucket=self.place.bucket, Key=key, UploadId=upload)
            except self.client.exceptions.NoSuchUpload:
                return

    def listing(self) -> dict[str, Held]:
        """See the port: one request for each thousand objects."""
        found: dict[str, Held] = {}
        with self._plainly():
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.place.bucket, Prefix=self.place.prefix):
                for held in page.get("Contents", []):
                    found[held.get("Key", "")] = Held(held.get("Size", 0), held.get("ETag", "").strip('"'))
        return found

    def digest(self, key: str) -> str:
        """See the port."""
        with self._plainly():
            return self.client.head_object(Bucket=self.place.bucket, Key=key)["Metadata"].get("sha256", "")

    def put(self, key: str, content: bytes, sha256: bytes, about: Mapping[str, str]) -> str:
        """See the port: S3 recomputes the SHA-256 and refuses the object when it differs."""
        checksum = base64.b64encode(sha256).decode("ascii")
        with self._plainly():
            answer = self.client.put_object(
                Bucket=self.place.bucket, Key=key, Body=content, ChecksumSHA256=checksum, Metadata={**about, "sha256": sha256.hex()}
            )
        return answer["ETag"].strip('"')

    def put_parts(self, key: str, parts: Iterable[bytes], about: Mapping[str, str], begun: Begun = forget) -> str:
        """See the port: each part with its own SHA-256, the upload abandoned when anything fails."""
        with self._plainly():
            upload = self.client.create_multipart_upload(
                Bucket=self.place.bucket, Key=key, Metadata=dict(about), ChecksumAlgorithm="SHA256"
            )["UploadId"]
            try:
                begun(key, upload)
                sent = [self._part(key, upload, number, part) for number, part in enumerate(parts, start=1)]
                answer = self.client.complete_multipart_upload(
                    Bucket=self.place.bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": sent}
                )
            except BaseException:
                self.client.abort_multipart_upload(Bucket=self.place.bucket, Key=key, UploadId=upload)
                raise
        return answer["ETag"].strip('"')

    def _part(self, key: str, upload: str, number: int, part: bytes) -> CompletedPartTypeDef:
        checksum = base64.b64encode(hashlib.sha256(part).digest()).decode("ascii")
        answer = self.client.upload_part(
            Bucket=self.place.bucket, Key=key, UploadId=upload, PartNumber=number, Body=part, ChecksumSHA256=checksum
        )
        return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": checksum}

    def read(self, key: str) -> Iterator[bytes]:
        """See the port."""
        with self._plainly():
            yield from self.client.get_object(Bucket=self.place.bucket, Key=key)["Body"].iter_chunks(1024 * 1024)

    def delete(self, keys: Iterable[str]) -> None:
        """See the port: a thousand at a time."""
        waiting = sorted(keys)
        with self._plainly():
            for at in range(0, len(waiting), 1000):
                batch = waiting[at : at + 1000]
                answer = self.client.delete_objects(
                    Bucket=self.place.bucket, Delete={"Objects": [{"Key": k} for k in batch], "Quiet": True}
                )
                if answer.get("Errors"):
                    raise StepError(f"{self.name}: {len(answer['Errors'])} objects could not be deleted. Check the bucket's policy.")
