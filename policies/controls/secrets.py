"""Whether a resource's inputs hold a secret in plain text. A heuristic on the names of inputs: it misses secrets under other names."""

from __future__ import annotations

import re
from functools import cache

from policies.answers import all_of, cannot_tell, fails, not_applicable, passes
from policies.knowledge import fact
from policies.model import Answer, Portfolio, Subject
from policies.places import Place, at

_ASKING = re.compile(r"\[(parameters|list\w+|reference)\([^\[].*\]", re.IGNORECASE | re.DOTALL)


@cache
def is_secret_name(name: str) -> bool:
    """Whether an input's name says that it holds a secret: `adminPassword` does, `disablePasswordAuthentication` does not."""
    flat = re.sub(r"[^a-z0-9]", "", name.casefold())
    if any(flat.endswith(n) for n in fact("secrets", "not_secret")):
        return False
    last_words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)[-1:]
    ends_in_word = any(w.casefold() in fact("secrets", "words") for w in last_words)
    return ends_in_word or any(flat.endswith(e) for e in fact("secrets", "endings"))


def holds_no_plain_secret(subject: Subject, _: Portfolio) -> Answer:
    """Fails on a plain text under a secret's name; unknown while such a value is unknown, since secretness is then unseen.

    Another unknown value is let be when it is made from other resources' outputs, which keep their own marks; when nothing
    says what it is made from, it may hold anything.
    """
    leaves = [leaf for leaf in at(subject).leaves() if is_secret_name(_name(leaf.path)) or _may_hold_anything(leaf, subject)]
    return all_of([lambda leaf=leaf: _one(leaf) for leaf in leaves], not_applicable(f"No input of {subject.name} is named as a secret."))


def _may_hold_anything(leaf: Place, subject: Subject) -> bool:
    return leaf.is_unknown() and not subject.waits_on.get(re.split(r"[.\[]", leaf.path)[0])


def _one(leaf: Place) -> Answer:
    if leaf.is_secret():
        return passes(f"{leaf.path} is a secret.", leaf.path)
    if leaf.is_unknown():
        return cannot_tell(f"Cannot tell: {leaf.path} is unknown, and nothing marks it as a secret.", leaf.path)
    if isinstance(leaf.raw, str) and _is_asked_for(leaf.path, leaf.raw):
        return passes(f"{leaf.path} is asked for when Azure deploys it.", leaf.path)
    if isinstance(leaf.raw, str) and leaf.raw:
        return fails(f"{leaf.path} holds its secret in plain text.", leaf.path)
    return passes(f"{leaf.path} holds no text.", leaf.path)


def _is_asked_for(path: str, text: str) -> bool:
    """Whether a template that a policy deploys asks for it: a parameter, or another resource's key. Other expressions can hold a text."""
    return path.startswith("policyRule.") and _ASKING.fullmatch(text) is not None


def _name(path: str) -> str:
    return re.sub(r"\[\d+\]$", "", path).rsplit(".", 1)[-1]
