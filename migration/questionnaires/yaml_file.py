"""YAML as people write questionnaires in it: words stay words, and what could hide something or fill the memory is refused."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any, Final

import yaml

from migration.errors import MigrationError

_DEEPEST: Final = 20
_LARGEST: Final = 2_000_000
_BOOLEAN: Final = "tag:yaml.org,2002:bool"
_AS_WORDS: Final = (_BOOLEAN, "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:float")


class _Words(yaml.SafeLoader):
    """A loader to which a bare Yes is the word Yes, and a key that stands twice an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """As the safe loader, but of keys that differ."""
        seen = set[str]()
        for key, _ in node.value:
            if (name := str(key.value)) in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {name!r} stands twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


_Words.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag not in _AS_WORDS]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(file: Path, shown: str) -> object:
    """What the file holds, with `Yes`, `No`, `on`, dates and decimals as the words that they are written in.

    Raises MigrationError when it cannot be read, is too large or too deep, repeats a key, or repeats parts of itself by aliases.
    """
    try:
        if file.stat().st_size > _LARGEST:
            raise MigrationError(f"{shown}: is larger than {_LARGEST:,} bytes, so it is no questionnaire. Name the right file.")
        text = file.read_text("utf-8-sig")
        _refuse_bombs(text, shown)
        return yaml.load(text, Loader=_Words)  # noqa: S506 - a safe loader
    except (OSError, UnicodeDecodeError) as wrong:
        raise MigrationError(f"{shown}: cannot be read ({wrong}). Correct the path, or save the file as UTF-8.") from wrong
    except (yaml.YAMLError, ValueError, RecursionError) as wrong:
        raise MigrationError(f"{shown}: is not readable as YAML: {' '.join(str(wrong).split())}. Mend the line that it names.") from wrong


def _refuse_bombs(text: str, shown: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            line = f", line {event.start_mark.line + 1}" if event.start_mark else ""
            raise MigrationError(f"{shown}{line}: repeats parts of itself by the alias *{event.anchor}. Write the part out again.")
        if depth > _DEEPEST:
            raise MigrationError(f"{shown}: is nested more than {_DEEPEST} deep, so it is no questionnaire. Name the right file.")
