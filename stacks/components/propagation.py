"""Waiting until Azure knows everywhere what it was told a moment ago, so that a first `pulumi up` needs no second.

Pulumi's engine asks an error hook after a failed step whether to try again; it is asked only about steps that failed, and the answer is
yes only for the errors of propagation.toml. A rehearsal has no such errors and never asks.
"""

from __future__ import annotations

import asyncio
import re
import tomllib
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import pulumi


class Kind(StrEnum):
    """What is being made when the error comes."""

    DEFINITION = "definition"
    ASSIGNMENT = "assignment"
    ROLE = "role"


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("propagation.toml").read_text("utf-8"))


def seconds_to_wait(kind: Kind, errors: Sequence[str]) -> float | None:
    """How long to wait before the next try, or None to give up. `errors` are those so far, the newest first."""
    wait = _data()["wait"]
    if not errors or len(errors) > wait["times"] or not _is_known(kind, errors[0]):
        return None
    return min(wait["first_seconds"] * 2 ** (len(errors) - 1), wait["longest_seconds"])


def _is_known(kind: Kind, error: str) -> bool:
    return any(kind in e["kinds"] and re.search(e["pattern"], error) for e in _data()["error"])


def answer(kind: Kind, wait: Callable[[float], Awaitable[None]] = asyncio.sleep) -> Callable[[pulumi.ErrorHookArgs], Awaitable[bool]]:
    """What the engine is told of a failed step: try again, after the wait."""

    async def tried(args: pulumi.ErrorHookArgs) -> bool:
        seconds = seconds_to_wait(kind, args.errors) if args.failed_operation == "create" else None
        if seconds is None:
            return False
        await wait(seconds)
        return True

    return tried


class Patience:
    """The hooks of one stack, made once each: hooks have names of their own in a stack."""

    def __init__(self) -> None:
        self._hooks = {kind: pulumi.ErrorHook(f"wait-for-azure-{kind}", answer(kind)) for kind in Kind}

    def hooks(self, kind: Kind) -> pulumi.ResourceHookBinding:
        """For the option `hooks` of a resource of this kind."""
        return pulumi.ResourceHookBinding(on_error=[self._hooks[kind]])
