"""Real servers on loopback for demonstrations and tests: SSH, S3, Azure Blob and PostgreSQL. Each ends with its `with` block."""

from __future__ import annotations

from rehearsal.servers.azurite import AzureBlob, azurite, azurite_program
from rehearsal.servers.postgresql import PostgreSql, postgresql, postgresql_programs
from rehearsal.servers.s3 import S3Server, s3_server
from rehearsal.servers.share import make_share
from rehearsal.servers.ssh import SshServer, ssh_server

__all__ = [
    "AzureBlob",
    "PostgreSql",
    "S3Server",
    "SshServer",
    "azurite",
    "azurite_program",
    "make_share",
    "postgresql",
    "postgresql_programs",
    "s3_server",
    "ssh_server",
]
