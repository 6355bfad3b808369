"""The whole of a stack's configuration, so that a key nobody asks for is seen too.

`pulumi.Config` answers only for keys that a program names; a misspelt key would go unnoticed. So everything under the
project's name is read at once, from where the SDK itself reads it: the language host's variable, or what an engine has set.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pulumi
from pulumi.runtime import config as held

from stacks.errors import StacksError

_NAMESPACES_OF_OTHERS = ("pulumi", "azure-native", "azuread")


@dataclass(frozen=True, slots=True)
class StackConfig:
    """`values` are the project's settings by key without its name, as text; `folder` holds Pulumi.yaml."""

    project: str
    stack: str
    folder: Path
    values: Mapping[str, str]

    @property
    def file(self) -> str:
        """The file that a person edits."""
        return f"Pulumi.{self.stack}.yaml"

    def fault(self, key: str, what: str) -> str:
        """A sentence about one key of this file, or about the whole of it where `key` is ""."""
        return f"{self.file}, key {self.project}:{key}: {what}" if key else f"{self.file}: {what}"


def read_config() -> StackConfig:
    """Read the running stack's configuration.

    Raises StacksError when a key stands under a name that looks like the project's but is not.
    """
    everything = cast("dict[str, str]", {**held.get_config_env(), **held.CONFIG.get()})
    return config_of(everything, pulumi.get_project(), pulumi.get_stack(), root_of(Path.cwd()))


def root_of(folder: Path) -> Path:
    """The folder that holds Pulumi.yaml: `folder` or the nearest above it. Pulumi runs a program in the program's own folder."""
    return next((f for f in (folder, *folder.parents) if (f / "Pulumi.yaml").is_file()), folder)


def config_of(everything: Mapping[str, str], project: str, stack: str, folder: Path) -> StackConfig:
    """Keep what is the project's of `everything` (`namespace:key` to text).

    Raises StacksError as `read_config` does.
    """
    config = StackConfig(project, stack, folder, {k.partition(":")[2]: v for k, v in everything.items() if k.startswith(f"{project}:")})
    strangers = [k for k in everything if _looks_like(k.partition(":")[0], project)]
    if strangers:
        raise StacksError(*(f"{config.file}, key {k}: nothing reads this name; did you mean {_mended(k, project)}?" for k in strangers))
    return config


def _looks_like(namespace: str, project: str) -> bool:
    if namespace == project or namespace in _NAMESPACES_OF_OTHERS:
        return False
    return bool(difflib.get_close_matches(namespace, [project], cutoff=0.7))


def _mended(key: str, project: str) -> str:
    return f"{project}:{key.partition(':')[2]}"
