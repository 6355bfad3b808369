"""The project and the stack's configuration, as Pulumi reads them: Pulumi.yaml and Pulumi.STACK.yaml."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from rehearsal.errors import RehearsalError

M = TypeVar("M", bound=BaseModel)
_STACK = re.compile(r"[A-Za-z0-9_.-]{1,100}")
# Names of settings whose value is taken for a secret, whether or not anybody said so.
_SECRET_NAME = re.compile(
    r"pass(word|phrase|wd)|secret|token|credential|(private|access|account|api)_?-?key|connection_?-?string", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Project:
    """A Pulumi project: `root` holds Pulumi.yaml, `program` is the file to run, `folder` where it runs."""

    name: str
    root: Path
    program: Path
    folder: Path
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Configuration:
    """Keys (`NAMESPACE:NAME`) to values as the program receives them, always text; and which keys are secret."""

    values: Mapping[str, str]
    secret_keys: tuple[str, ...] = ()

    def of(self, namespace: str) -> dict[str, Any]:
        """The values of one namespace by their names, secrets marked."""
        from rehearsal.values import secret

        chosen = {k: v for k, v in self.values.items() if k.startswith(f"{namespace}:")}
        return {k.split(":", 1)[1]: secret(v) if k in self.secret_keys else v for k, v in chosen.items()}

    def shown(self, secret_texts: Collection[str] = ()) -> dict[str, str]:
        """The values with secrets hidden: those of secret keys, and those that turned out to be one of `secret_texts`."""
        return {k: "[secret]" if k in self.secret_keys or v in secret_texts else v for k, v in sorted(self.values.items())}


# Pydantic would name a class of ours.
_NO_MAPPING = ("dict_type", "model_type")
_MAPPING = "it must hold lines KEY: VALUE"


class _File(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str
    runtime: str | dict[str, Any]
    main: str = ""
    config: dict[str, Any] = {}


class _StackFile(BaseModel):
    model_config = ConfigDict(extra="allow")

    config: dict[str, Any] | None = None


def read_project(root: Path) -> Project:
    """The project in the folder `root`. Raises RehearsalError naming what is wrong with Pulumi.yaml."""
    file = root / "Pulumi.yaml"
    if not file.is_file():
        raise RehearsalError(f"{root} holds no Pulumi.yaml. Name the folder of a Pulumi project with --project.")
    held = checked(_File, file)
    runtime = held.runtime if isinstance(held.runtime, str) else str(held.runtime.get("name", ""))
    if runtime != "python":
        raise RehearsalError(f"{file}, key runtime: {runtime or 'nothing'} cannot be rehearsed. Only python programs can.")
    program = (root / held.main).resolve() if held.main else root.resolve()
    folder = program if program.is_dir() else program.parent
    program = program / "__main__.py" if program.is_dir() else program
    if not program.is_file():
        raise RehearsalError(f"{file}, key main: {program} does not exist. Correct the path.")
    return Project(held.name, root.resolve(), program, folder, held.config)


def read_configuration(project: Project, stack: str, given: Mapping[str, str] | None = None) -> Configuration:
    """The stack's configuration: the project's defaults, then Pulumi.STACK.yaml, then `given` (the command line's).

    A value that is encrypted in the file must be given a pretend one, else RehearsalError names every such key.
    """
    if not _STACK.fullmatch(stack):
        raise RehearsalError(f"{stack!r} is not a stack's name: letters, digits, hyphens, underscores and full stops only.")
    file = project.root / f"Pulumi.{stack}.yaml"
    written = (checked(_StackFile, file).config or {}) if file.is_file() else {}
    told = {_qualified(project, k): v for k, v in (given or {}).items()}
    faults = [
        f"{file.name}, key {k}: a configuration key is written NAMESPACE:NAME. Write {project.name}:{k}." for k in written if ":" not in k
    ]
    values: dict[str, str] = {}
    secret: list[str] = []
    for key, value in {**_defaults(project), **written}.items():
        if _is_secure(value):
            secret.append(key)
        if key in told:
            continue
        if _is_secure(value):
            faults.append(f"{file.name}, key {key}: the value is encrypted. Give a pretend one: --config {key}=VALUE")
        else:
            values[key] = _text(value)
    if faults:
        raise RehearsalError(*faults)
    secret += [k for k in told if k not in secret and _SECRET_NAME.search(k.rpartition(":")[2])]
    return Configuration({**values, **told}, tuple(secret))


def _qualified(project: Project, key: str) -> str:
    return key if ":" in key else f"{project.name}:{key}"


def _defaults(project: Project) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in project.config.items():
        held = cast("dict[str, Any]", value) if isinstance(value, dict) else {"value": value}
        default = held.get("value", held.get("default"))
        if default is not None:
            found[_qualified(project, key)] = default
    return found


def _is_secure(value: Any) -> bool:
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        return set(held) == {"secure"} or any(_is_secure(v) for v in held.values())
    return isinstance(value, list) and any(_is_secure(v) for v in cast("list[Any]", value))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, default=str, ensure_ascii=False)


def checked(model: type[M], file: Path) -> M:
    """What a YAML file holds, as `model` describes it. Raises RehearsalError naming every key that is wrong."""
    try:
        held: Any = yaml.load(file.read_text("utf-8"), Loader=_PlainLoader)  # noqa: S506 - derived from SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as wrong:
        raise RehearsalError(f"{file} cannot be read as YAML: {' '.join(str(wrong).split())}. Mend the line that it names.") from wrong
    try:
        return model.model_validate(held or {})
    except ValidationError as wrong:
        said = ((".".join(map(str, e["loc"])) or "(top)", _MAPPING if e["type"] in _NO_MAPPING else e["msg"]) for e in wrong.errors())
        told = (f"{file}, key {key}: {what}. Correct it." for key, what in said)
        raise RehearsalError(*told) from wrong


class _PlainLoader(yaml.SafeLoader):
    """YAML as Pulumi's reader takes it: a date stays the text that was written."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
