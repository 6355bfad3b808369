"""A believable council file share, the same bytes every time for the same seed."""

from __future__ import annotations

import os
import random
from pathlib import Path

SERVICES = ("Housing", "Planning", "Libraries", "Licensing", "Street Scene", "Adult Social Care", "Democratic Services", "Legal")
SUBJECTS = (
    "Tenancy agreement",
    "Site notice",
    "Committee minutes",
    "Risk assessment",
    "Inspection",
    "Letter to resident",
    "Invoice",
    "Rota",
)
ENDINGS = (".docx", ".xlsx", ".pdf", ".jpg", ".msg", ".txt", ".csv")
# Names that have broken file moves before: spaces, accents, quotes, percent signs, leading dots, length, other scripts.
ODD_NAMES = (
    "Caf\u00e9 licence renewals \u2013 2019.docx",
    "Cafe\u0301 decomposed accent.txt",
    "100% council tax relief (final) FINAL v2.xlsx",
    "a%20b already escaped.txt",
    'Tenant\'s "special" request.txt',
    ".hidden settings",
    " leading space.txt",
    "trailing space .txt ",
    "trailing dot.",
    "semi;colon & ampersand + plus = equals.csv",
    "back\\slash.txt",
    "\u0420\u0443\u0441\u0441\u043a\u0438\u0439 \u043f\u0435\u0440\u0435\u0432\u043e\u0434.txt",
    "\u4e2d\u6587\u7ffb\u8bd1.txt",
    "\U0001f3e0 house photo.jpg",
    "#hash and ?question.txt",
    "Thumbs.db",
    "UPPER.TXT",
    "upper.txt",
    "n" * 200 + ".txt",
)
BIG_FILE_BYTES = 9_000_000


def make_share(folder: Path, files: int = 2000, seed: int = 1974) -> int:
    """Make about `files` files, some 40 MB at 2,000, below `folder`; returns how many files it holds.

    The same seed gives the same names, bytes and dates. Raises OSError when the disk is full.
    """
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    noise = chance.randbytes(1_000_000)
    made = 0
    for at in range(max(files - len(ODD_NAMES) - 2, 0)):
        made += _write(folder / _place(chance) / _name(chance, at), _content(chance, noise), at)
    if files > len(ODD_NAMES):
        for at, name in enumerate(ODD_NAMES):
            made += _write(folder / "Odd names" / name, f"{name}\n".encode() * (at % 3), at)
        made += _write(folder / "Libraries" / "oral history.wav", noise * (BIG_FILE_BYTES // len(noise)), 1)
        deep = folder.joinpath("Planning", *(f"level {n}" for n in range(1, 13)))
        made += _write(deep / "at the bottom.txt", b"found\n", 2)
    return made


def _place(chance: random.Random) -> Path:
    return Path(chance.choice(SERVICES), str(chance.randint(2017, 2026)), f"Case {chance.randint(1, 4):03}")


def _name(chance: random.Random, at: int) -> str:
    return f"{chance.choice(SUBJECTS)} {at:05}{chance.choice(ENDINGS)}"


def _content(chance: random.Random, noise: bytes) -> bytes:
    """Mostly small, some empty, a few large, as shares are."""
    if chance.random() < 0.02:
        return b""
    size = min(int(chance.lognormvariate(8.6, 1.2)), 900_000)
    start = chance.randint(0, len(noise) - size)
    return noise[start : start + size]


def _write(file: Path, content: bytes, at: int) -> int:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    when = 1_500_000_000 + at * 3_607
    os.utime(file, (when, when))
    return 1
