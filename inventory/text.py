"""Words from people's files: made safe to print, and turned into ids."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])|\x9b[0-?]*[ -/]*[@-~]")
_PLAIN = re.compile(r"[ -~]*")


def clean(text: str) -> str:
    """The text on one line, without terminal escapes, control characters or invisible direction marks.

    Names from a file end in terminals, pages and logs; nothing in them may steer what a person sees there.
    """
    if not _PLAIN.fullmatch(text):
        spaced = re.sub(r"[\t\r\n\v\f\x85\u2028\u2029]", " ", _ESCAPE.sub("", text))
        text = "".join(c for c in spaced if unicodedata.category(c) not in _UNSAFE)
    return " ".join(text.split())


@lru_cache(maxsize=20_000)
def slug(name: str) -> str:
    """The kebab-case id of a name: `Hou App_01` is `hou-app-01`. A name without Latin letters or digits gets a digest."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")
    return made or f"x-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"


@lru_cache(maxsize=20_000)
def key(words: str) -> str:
    """What is left of words when case, spaces and punctuation do not matter."""
    folded = unicodedata.normalize("NFKC", words).casefold()
    return re.sub(r"[\W_]+", "", folded)
