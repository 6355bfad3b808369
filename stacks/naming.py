"""Names of cloud resources: the same inputs give the same name for ever, within each resource type's limits."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from stacks.errors import StacksError


@dataclass(frozen=True, slots=True)
class Rule:
    """What Azure demands of one kind of name. Source: naming.toml."""

    abbreviation: str
    longest: int
    unique: bool = False
    plain: bool = False


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("naming.toml").read_text("utf-8"))


@cache
def rules() -> dict[str, Rule]:
    """Every kind of name with its rule."""
    return {kind: Rule(**rule) for kind, rule in _data()["kind"].items()}


@dataclass(frozen=True, slots=True)
class Naming:
    """Names things of one council in one region. `seed` sets globally unique names apart: a subscription or tenant id."""

    council: str
    region: str
    seed: str

    def name(self, kind: str, *parts: str) -> str:
        """A name of `kind` for `parts`, such as ("hub",) or ("housing", "prod"): `vnet-exb-hub-uks`.

        Too long a name, and one that must be unique in all of Azure, ends in five characters of a digest of everything it is
        made of. Raises StacksError for an unknown kind or parts that leave nothing.
        """
        rule = rules().get(kind)
        words = [w for w in (_plain_words(p) for p in parts) if w]
        if rule is None or not words:
            raise StacksError(f"Nothing can be named {kind!r} for {parts!r}: add the kind to stacks/naming.toml, or give it a name.")
        whole = "-".join([rule.abbreviation, self.council, *words, _data()["region"][self.region]])
        return self._fitted(whole, rule, kind)

    def _fitted(self, whole: str, rule: Rule, kind: str) -> str:
        joined = whole.replace("-", "") if rule.plain else whole
        if len(joined) <= rule.longest and not rule.unique:
            return joined
        digest = hashlib.sha256(f"{self.seed}/{kind}/{whole}".encode()).hexdigest()[:5]
        dash = "" if rule.plain else "-"
        kept = joined[: rule.longest - len(digest) - len(dash)].rstrip("-")
        return f"{kept}{dash}{digest}"


def _plain_words(part: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")


def computer_name(server: str, longest: int) -> str:
    """A machine's own name in at most `longest` characters (Windows: 15, Linux: 63), ending in a digest where it had to be cut."""
    plain = _plain_words(server)
    if len(plain) <= longest and not plain.isdigit():
        return plain
    digest = hashlib.sha256(server.encode()).hexdigest()[:4]
    return f"{plain[: longest - 5].rstrip('-')}-{digest}"
