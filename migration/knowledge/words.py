"""Whether a text says one of some words: whole words, in any case, hyphens as spaces, a plural s allowed."""

from __future__ import annotations

import re
from functools import lru_cache

NO_ADDRESSES = ("no", "none", "by name")
"""By which words a register says that no address is written into a workload."""


def says(text: str, words: tuple[str, ...]) -> str:
    """What `text` says of `words`, as it stands there, else "". Where it says several, the first in the text."""
    found = _pattern(words).search(_plain(text)) if text and words else None
    return found[0] if found else ""


def without(text: str, words: tuple[str, ...]) -> str:
    """`text`, plain, with all that it says of `words` left out."""
    return _pattern(words).sub(" ", _plain(text))


@lru_cache(maxsize=16384)
def _plain(text: str) -> str:
    return " ".join(re.sub(r"[-_/]", " ", text.lower()).split())


@lru_cache(maxsize=1024)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(_plain(w)) for w in words)})(?:s|es)?(?!\w)")
