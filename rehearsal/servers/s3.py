"""An S3 server on loopback: moto's, in a process of its own so that it outlives a killed run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rehearsal.servers.process import LOOPBACK, free_port, running


@dataclass(frozen=True, slots=True)
class S3Server:
    """Where the server is, its process, and the environment that a client needs (made-up keys: it checks none)."""

    endpoint: str
    process: subprocess.Popen[bytes]
    environment: Mapping[str, str]

    def make_bucket(self, name: str) -> None:
        """Make an empty bucket."""
        import boto3

        session = cast("Any", boto3.session.Session("rehearsal", "rehearsal", region_name="eu-west-2"))
        place = {"LocationConstraint": "eu-west-2"}
        session.client("s3", endpoint_url=self.endpoint).create_bucket(Bucket=name, CreateBucketConfiguration=place)


@contextmanager
def s3_server(folder: Path, port: int = 0) -> Generator[S3Server]:
    """An empty S3 server for the length of the block; its log goes to `folder`. Raises RehearsalError when it does not start."""
    port = port or free_port()
    command = [sys.executable, "-m", "rehearsal.servers.s3_program", str(port)]
    with running(command, port, folder / "s3.log", os.environ) as process:
        keys = {"AWS_ACCESS_KEY_ID": "rehearsal", "AWS_SECRET_ACCESS_KEY": "rehearsal"}
        yield S3Server(f"http://{LOOPBACK}:{port}", process, keys)
