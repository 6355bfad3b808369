"""Sealed secrets: recognised when given again, never to be opened.

In a secret's place a state file has Pulumi's own mark and a ciphertext. What is encrypted is not the secret but the words
`[secret]` and a slow, salted digest of it: a changed secret shows as a change. The encryption is that of Pulumi's passphrase
provider (AES-256-GCM; pkg/secrets/passphrase and sdk/go/common/resource/config of pulumi/pulumi) under the public passphrase
`rehearsal`, so that `pulumi stack import` can take the file. It protects nothing, for there is nothing in it to protect; but
whoever has the file can try guesses against the digest, slowly, so a secret that can be guessed is safe only in a private folder.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rehearsal.values import HIDDEN, SECRET, SIGNATURE, each, is_secret

PASSPHRASE: Final = "rehearsal"  # noqa: S105 - public, see above
SALT: Final = b"pretend!"
# PBKDF2-HMAC-SHA256 of the two, 1,000,000 rounds, as Pulumi derives it; written here because that takes half a second.
_KEY: Final = bytes.fromhex("16b41693b68f068ce53fd6f8ffe8df15d1ebd482cab3e0526717dc941eb2afcd")


def new_salt() -> str:
    """A fresh salt for the digests of a new state file."""
    return secrets.token_hex(16)


def seal(value: Any, salt: str) -> Any:
    """The value with every open secret sealed."""
    if not is_secret(value):
        return each(value, lambda v: seal(v, salt))
    if "value" not in value:
        return value
    return {SIGNATURE: SECRET, "ciphertext": _sealed(json.dumps(value["value"], sort_keys=True), salt)}


@cache
def _sealed(plain: str, salt: str) -> str:
    digest = hashlib.scrypt(plain.encode(), salt=salt.encode(), n=2**12, r=8, p=1, dklen=32)
    return _encrypted(json.dumps(f"{HIDDEN} scrypt:{digest.hex()}"), digest[:12])


def _encrypted(text: str, nonce: bytes) -> str:
    """As Pulumi writes an encrypted value. One nonce goes with one text, always, so the same seals are equal."""
    sealed = AESGCM(_KEY).encrypt(nonce, text.encode(), None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"


def provider_state() -> dict[str, str]:
    """The state of Pulumi's passphrase provider: its salt, and a word by which a passphrase is tested."""
    return {"salt": f"v1:{base64.b64encode(SALT).decode()}:{_encrypted('pulumi', b'rehearsal---')}"}
