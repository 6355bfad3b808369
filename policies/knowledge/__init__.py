"""What controls know of Azure and of the council's own rules: data, read once, each fact with its source."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, cast


@cache
def azure() -> dict[str, Any]:
    """`azure.toml` as plain data."""
    return tomllib.loads(files(__name__).joinpath("azure.toml").read_text("utf-8"))


def fact(*path: str) -> Any:
    """One fact by its path, as in `fact("logs", "least_days")`."""
    here: Any = azure()
    for step in path:
        here = cast("dict[str, Any]", here)[step]
    return here


@cache
def register_rules() -> dict[str, Any]:
    """`exceptions.toml` as plain data: the rules of the exception register."""
    return tomllib.loads(files(__name__).joinpath("exceptions.toml").read_text("utf-8"))


@cache
def runbook_rules() -> dict[str, Any]:
    """`runbooks.toml` as plain data: what controls know of runbooks."""
    return tomllib.loads(files(__name__).joinpath("runbooks.toml").read_text("utf-8"))


@cache
def portfolio_rules() -> dict[str, Any]:
    """`portfolio.toml` as plain data: what controls know of workloads, datasets and interfaces."""
    return tomllib.loads(files(__name__).joinpath("portfolio.toml").read_text("utf-8"))


def portfolio_facts(part: str) -> dict[str, Any]:
    """One part of `portfolio.toml`, as in `portfolio_facts("standards")`."""
    return portfolio_rules()[part]
