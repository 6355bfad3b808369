"""An approval: one person's decision at one gate of one run, on what was known then, signed with their SSH key.

It is signed and checked by OpenSSH's own `ssh-keygen -Y`, so a key may be in an agent or on a security key, and anybody can check the
signature without this program.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from inventory.whole import write_whole
from migration.errors import MigrationError
from migration.gates.file import Person

FORMAT: Final = "cloud-unless/approval/1"
NAMESPACE: Final = "cloud-unless-approval"
FOLDER: Final = "approvals"
_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Approval:
    """What is signed. `run_id` is the run's own, of which there is one; `evidence` is the digest of what had been done by then.

    `acting_for` is the person whose role it is, where that is another. `number` is chance, so that no two are alike.
    """

    run: str
    run_id: str
    gate: str
    runbook: str
    evidence: str
    person: str
    role: str
    is_go: bool
    made_at: datetime
    expires_at: datetime
    number: str
    acting_for: str = ""
    remark: str = ""

    @property
    def text(self) -> bytes:
        """The bytes that are signed: JSON with sorted keys."""
        held = {"format": FORMAT, **asdict(self)}
        return json.dumps(held, sort_keys=True, indent=1, ensure_ascii=True, default=lambda t: t.isoformat()).encode("ascii") + b"\n"

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes that are signed."""
        return f"sha256:{hashlib.sha256(self.text).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Signed:
    """An approval with its signature, as it stands in a file."""

    approval: Approval
    signature: str
    file: str = ""


def sign(approval: Approval, key_file: Path) -> Signed:
    """Sign it with a private key (or a public one whose other half is in the agent). Raises MigrationError saying what to do."""
    with tempfile.TemporaryDirectory() as folder:
        message = Path(folder) / "approval"
        message.write_bytes(approval.text)
        made = ssh_keygen("-Y", "sign", "-f", str(key_file.expanduser()), "-n", NAMESPACE, str(message))
        if made.returncode:
            why = " ".join(made.stderr.decode("utf-8", "replace").split())
            raise MigrationError(f"{key_file} did not sign: {why}. Name the private key of the person, or add it to the agent.")
        return Signed(approval, message.with_name("approval.sig").read_text("ascii"))


def is_signed_by(signed: Signed, person: Person) -> bool:
    """Whether the signature is that of the person's key over these very bytes."""
    with tempfile.TemporaryDirectory() as folder:
        allowed, signature = Path(folder) / "allowed", Path(folder) / "signature"
        allowed.write_text(f'{person.id} namespaces="{NAMESPACE}" {person.key}\n', "ascii")
        signature.write_text(signed.signature, "utf-8")
        return not ssh_keygen(
            "-Y", "verify", "-f", str(allowed), "-I", person.id, "-n", NAMESPACE, "-s", str(signature), said=signed.approval.text
        ).returncode


def ssh_keygen(*arguments: str, said: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run ssh-keygen with these arguments. Raises MigrationError where this machine has none."""
    program = shutil.which("ssh-keygen")
    if program is None:
        raise MigrationError(
            "Approvals are signed and checked by ssh-keygen, which this machine lacks. Install OpenSSH's client, 8.2 or later."
        )
    # A key with a passphrase, or on a security key, asks at the terminal itself; nothing is asked where the text comes from us.
    return subprocess.run([program, *arguments], input=said, capture_output=True, timeout=_SECONDS, check=False)


def write(signed: Signed, run_folder: Path) -> Path:
    """Keep it in the run's folder, beside the others. Returns its file."""
    folder = run_folder / FOLDER
    folder.mkdir(exist_ok=True)
    file = folder / f"{signed.approval.gate}--{signed.approval.person}--{signed.approval.number[:8]}.json"
    held = {"approval": json.loads(signed.approval.text), "signature": signed.signature}
    write_whole(file, (json.dumps(held, indent=1) + "\n").encode("ascii"))
    return file


def read(run_folder: Path) -> tuple[tuple[Signed, ...], tuple[str, ...]]:
    """Every approval of the run, by file, and a sentence for each file that is none: that one counts for nothing."""
    made: list[Signed] = []
    wrong: list[str] = []
    for file in sorted((run_folder / FOLDER).glob("*.json")):
        try:
            made.append(_signed(json.loads(file.read_text("utf-8")), file.name))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            wrong.append(f"{file.name}: it is not an approval, so it counts for nothing. Take it away, or approve again.")
    return tuple(made), tuple(wrong)


def _signed(held: object, file: str) -> Signed:
    document = cast("dict[str, Any]", held)
    said = dict(cast("dict[str, Any]", document["approval"]))
    if said.pop("format") != FORMAT or set(said) != {f.name for f in fields(Approval)} or not isinstance(said["is_go"], bool):
        raise ValueError("another form")
    times: dict[str, Any] = {k: datetime.fromisoformat(said[k]) for k in ("made_at", "expires_at")}
    if any(t.tzinfo is None for t in times.values()) or not all(isinstance(v, (str, bool)) for v in said.values()):
        raise ValueError("another form")
    return Signed(Approval(**{**said, **times}), str(document["signature"]), file)
