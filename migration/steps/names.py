"""Names of files as keys of an object store: one key for each name, never one for two.

Characters that a store cannot hold or would change are written `%XX` for each byte of their UTF-8 (or of the raw
name, where it is not UTF-8): control characters, U+FFFE and U+FFFF (no listing in XML can hold them), backslash (Azure turns
it into a slash), a dot or space that ends a part (Azure and Windows drop it), and, so that no two names meet, `%` before two
hexadecimal digits and `~` before a digest at the end, which is how a name that was too long ends.
Limits: 1,024 bytes of UTF-8 (S3, "Creating object key names", 2026; Azure allows 1,024 characters, "Naming and referencing
containers, blobs, and metadata", 2026).
"""

from __future__ import annotations

import hashlib
import re

KEY_BYTES = 1024
_TOO_STRANGE = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]|%(?=[0-9A-Fa-f]{2})|[. ](?=/|\Z)|^/|/(?=/)|~(?=[0-9a-f]{32}\Z)|[\ufffe\uffff]")


def raw(path: str) -> bytes:
    """A path's bytes on the source: names that are not UTF-8 are carried as Python carries them (surrogate escapes)."""
    return path.encode("utf-8", "surrogateescape")


def text(name: bytes) -> str:
    """A source's bytes as a path; the reverse of `raw`."""
    return name.decode("utf-8", "surrogateescape")


def shown(path: str) -> str:
    """A path for a person's screen: nothing that moves the cursor or cannot be printed."""
    return "".join(c if c.isprintable() else "".join(f"%{b:02X}" for b in raw(c)) for c in path)


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in raw(match.group()))


def key_for(path: str, prefix: str = "") -> str:
    """The key of a file: prefix and path, escaped, and shortened with a digest of the whole path where it is too long."""
    key = prefix + _TOO_STRANGE.sub(_escaped, path)
    if len(key.encode("utf-8")) <= KEY_BYTES:
        return key
    digest = hashlib.sha256(raw(path)).hexdigest()[:32]
    kept = key.encode("utf-8")[: KEY_BYTES - 40].decode("utf-8", "ignore").rstrip("./ %")
    return f"{kept}~{digest}"
