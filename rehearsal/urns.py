"""Uniform resource names, built as Pulumi's engine builds them.

`urn:pulumi:STACK::PROJECT::PARENT-TYPE$TYPE::NAME`; the root stack's type is never part of the chain.
"""

from __future__ import annotations

import re
from typing import Final

STACK_TYPE: Final = "pulumi:pulumi:Stack"
PROVIDERS: Final = "pulumi:providers:"
_VERSIONED = re.compile(r"^(azure-native:[^:/]+)/v\d{8}[a-z0-9]*:")


def urn(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """The name of a resource under `parent` (a URN, or empty for none)."""
    above = qualified_type(parent) if parent else ""
    chain = f"{above}${type_}" if above and above != STACK_TYPE else type_
    return f"urn:pulumi:{stack}::{project}::{chain}::{name}"


def stack_of(of: str) -> str:
    """The stack of the resource."""
    return of.split("::", 1)[0].removeprefix("urn:pulumi:")


def qualified_type(of: str) -> str:
    """The type with its parents' types before it, separated by `$`."""
    return of.split("::", 3)[2]


def type_of(of: str) -> str:
    """The resource's own type."""
    return qualified_type(of).rsplit("$", 1)[-1]


def name_of(of: str) -> str:
    """The resource's own name."""
    return of.split("::", 3)[3]


def is_urn(text: str) -> bool:
    """Whether the text has a URN's parts."""
    return text.startswith("urn:pulumi:") and text.count("::") >= 3


def package_of(type_: str) -> str:
    """The package that provides a type: `azure-native` of `azure-native:storage:StorageAccount`."""
    return type_.split(":", 1)[0]


def provider_package(type_: str) -> str:
    """The package that a provider resource configures, else the empty string."""
    return type_.removeprefix(PROVIDERS) if type_.startswith(PROVIDERS) else ""


def versionless(of: str) -> str:
    """A URN whose azure-native types name no API version: two versions of one type are the same resource."""
    head, project, chain, name = of.split("::", 3)
    plain = "$".join(_VERSIONED.sub(r"\1:", t) for t in chain.split("$"))
    return f"{head}::{project}::{plain}::{name}"
