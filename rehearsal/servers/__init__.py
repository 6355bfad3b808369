"""Real servers on loopback for demonstrations and tests: SSH, S3, Azure Blob and PostgreSQL. Each ends with its `with` block."""

from __future__ import annotations

from rehearsal.servers.azurite import AzureBlob, azurite, azurite_program
from rehearsal.servers.postgresql import PostgresServer, postgresql_programs, postgresql_server
from rehearsal.servers.s3 import S3Server, s3_server
from rehearsal.servers.share import make_share
from rehearsal.servers.ssh import SshServer, ssh_server

__all__ = [
    "AzureBlob",
    "PostgresServer",
    "S3Server",
    "SshServer",
    "azurite",
    "azurite_program",
    "make_share",
    "postgresql_programs",
    "postgresql_server",
    "s3_server",
    "ssh_server",
]
