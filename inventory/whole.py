"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path


def write_whole(file: Path, content: str | bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one; text as UTF-8 with the line ends that it has.

    The half-written file beside it has a name that nobody can foresee, so that no link can lie in wait there. Raises OSError.
    """
    if not file.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "The folder that it is to lie in is not there", str(file))
    half = file.with_name(f".{file.name[:200]}.{secrets.token_hex(8)}")
    try:
        with half.open("xb") as out:
            out.write(content.encode("utf-8") if isinstance(content, str) else content)
            out.flush()
            os.fsync(out.fileno())
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)
