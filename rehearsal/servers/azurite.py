"""Azure Blob storage on loopback: Azurite, where Node and Azurite are found."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rehearsal.servers.certificate import loopback_certificate
from rehearsal.servers.process import LOOPBACK, free_port, running

ACCOUNT = "devstoreaccount1"
# The key that Azurite's documentation prints for everybody; it opens nothing but an emulator.
PUBLISHED_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@dataclass(frozen=True, slots=True)
class AzureBlob:
    """Where the emulator is, its process, the environment that a client needs, and over https the certificate to trust."""

    endpoint: str
    process: subprocess.Popen[bytes]
    environment: Mapping[str, str]
    ca_file: str = ""

    def make_container(self, name: str) -> None:
        """Make an empty container."""
        from azure.storage.blob import ContainerClient

        credential = {"account_name": ACCOUNT, "account_key": PUBLISHED_KEY}
        with ContainerClient(self.endpoint, name, credential=credential, connection_verify=self.ca_file or True) as client:
            client.create_container()


def azurite_program(repository: Path) -> tuple[Path | None, str]:
    """Azurite's program for blobs, or None and why not.

    Looked for in the folder that UNLESS_PARTS names, in `.parts/` of the repository, and on PATH.
    """
    if shutil.which("node") is None:
        return None, "Node is not installed, so Azure Blob is not rehearsed."
    name = "azurite-blob.cmd" if os.name == "nt" else "azurite-blob"
    parts = [Path(p) for p in (os.environ.get("UNLESS_PARTS", ""),) if p] + [repository / ".parts"]
    for part in parts:
        program = part / "node_modules" / ".bin" / name
        if program.is_file():
            return program, ""
    found = shutil.which(name)
    if found:
        return Path(found), ""
    return None, "Azurite is not installed (npm ci of rehearsal/parts puts it in .parts), so Azure Blob is not rehearsed."


@contextmanager
def azurite(folder: Path, program: Path, port: int = 0, *, https: bool = False) -> Generator[AzureBlob]:
    """An empty Azure Blob emulator for the length of the block. Raises RehearsalError when it does not start.

    With `https` it also takes bearer tokens as Microsoft Entra gives them; it reads issuer, audience and times, and no signature.
    """
    port = port or free_port()
    command = [str(program), "--silent", "--skipApiVersionCheck", "--inMemoryPersistence", "--disableTelemetry"]
    command += ["--blobHost", LOOPBACK, "--blobPort", str(port)]
    ca_file = ""
    if https:
        certificate, key = loopback_certificate(folder)
        command += ["--oauth", "basic", "--cert", str(certificate), "--key", str(key)]
        ca_file = str(certificate)
    with running(command, port, folder / "azurite.log", os.environ) as process:
        endpoint = f"{'https' if https else 'http'}://{LOOPBACK}:{port}/{ACCOUNT}"
        yield AzureBlob(endpoint, process, {"AZURE_STORAGE_KEY": PUBLISHED_KEY}, ca_file)
