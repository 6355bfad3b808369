"""The columns of a recognised sheet that nothing is read from: misspelt headings, and what is left out on purpose. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from inventory.spreadsheets.layouts import FieldRule, meanings
from inventory.spreadsheets.recognise import Recognised
from inventory.spreadsheets.units import heading_words, unit_named
from inventory.text import key

_SHORTEST = 5
_LONG = 8
_MOST_NAMED = 12


def unused_columns(found: Recognised) -> Mapping[int, str]:
    """The heading of each column (by its place) of which the layout knows nothing, or that it says it does not use.

    RVTools' sheets have dozens of columns that nobody typed and nobody misses; of those none is named.
    """
    if found.layout.sheet:
        return {}
    used = {c.index for c in found.columns}
    layout = found.layout
    left = {n: of for n, of in enumerate(found.headings) if of and n not in used}
    told = {n: next((h for h in of if _key(h) in layout.unused), "") for n, of in left.items()}
    return {n: told[n] or of[0] for n, of in left.items() if told[n] or not any(layout.name in meanings(h) for h in of)}


def misspelt(heading: str, found: Recognised) -> str:
    """The heading that `heading` seems to be meant for, of a field that the sheet lacks; "" when it is like none."""
    absent = (rule for rule in found.layout.fields.values() if rule.name not in found.fields)
    return next((near for rule in absent if (near := _nearest(heading, rule))), "")


def note(headings: Mapping[int, str], found: Recognised) -> str:
    """What to tell of columns that nothing is read from; "" when there are none."""
    if not headings:
        return ""
    told = list(dict.fromkeys(headings.values()))
    reasons = dict.fromkeys(why for h in told if (why := found.layout.unused.get(_key(h), "")))
    more = f" and {len(told) - _MOST_NAMED:,} more" if len(told) > _MOST_NAMED else ""
    return f"Not used: {', '.join(h[:60] for h in told[:_MOST_NAMED])}{more}." + "".join(f" {why}" for why in reasons)


def _nearest(heading: str, rule: FieldRule) -> str:
    return next((known for known in rule.headings if _are_near(_words(heading), _words(known))), "")


def _words(heading: str) -> list[str]:
    """The heading's words as keys, without a unit at the end."""
    words = heading_words(heading)
    return [k for w in (words[:-1] if len(words) > 1 and unit_named(words[-1]) else words) if (k := key(w))]


def _key(heading: str) -> str:
    return key(" ".join(heading_words(heading)))


def _are_near(written: list[str], known: list[str]) -> bool:
    """Whether the words are the same but for a slip in some of them."""
    return len(written) == len(known) and all(a == b or _is_slip(a, b) for a, b in zip(written, known, strict=True))


def _is_slip(written: str, known: str) -> bool:
    """One letter wrong, missing, too many or two changed over (two such in a long word), but not the first letter; or the plural."""
    if written + "s" == known or known + "s" == written:
        return True
    shorter = min(len(written), len(known))
    return shorter >= _SHORTEST and written[0] == known[0] and _slips(written, known) <= (2 if shorter >= _LONG else 1)


def _slips(a: str, b: str) -> int:
    """The optimal string alignment distance: letters left out, put in, replaced, and neighbours changed over."""
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            least = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                least = min(least, before[j - 2] + 1)
            row.append(least)
        before, last = last, row
    return last[-1]
