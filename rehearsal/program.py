"""Runs a Pulumi program in a process of its own, as Pulumi's language host does. Started by `rehearsal.engine`.

Standard library and the Pulumi SDK only: it may run under another Python than the engine's. It reads its orders, one
JSON object, from standard input, and reports how the program ended in the file that they name.
"""

from __future__ import annotations

import asyncio
import gc
import json
import linecache
import logging
import os
import runpy
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pulumi
from pulumi.runtime import settings, stack
from pulumi.runtime.proto import engine_pb2


class Turns(ThreadPoolExecutor):
    """One call to the engine at a time, in the order in which the program made them: two runs are then the same.

    When the program has callbacks (transforms), a call may wait for another one, so then there are many at a time.
    """

    def __init__(self) -> None:
        super().__init__(max_workers=1)
        self._wide = ThreadPoolExecutor(max_workers=32)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run the call in its turn."""
        chosen = self._wide if getattr(settings.SETTINGS, "callbacks", None) is not None else super()
        return chosen.submit(fn, *args, **kwargs)


class QuietEngine:
    """The engine without the SDK's debugging messages, of which there are several a resource."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def Log(self, request: Any) -> Any:  # noqa: N802 - the name is gRPC's
        """Pass on all but debugging."""
        return None if request.severity == engine_pb2.DEBUG else self._engine.Log(request)


def _leave_with_parent() -> None:
    """Stop when the engine's process does: it holds the other end of standard input."""
    sys.stdin.read()
    os._exit(3)


def _without_provider_aliases(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
    """Take off the dozens of aliases by which a provider's own older types are known; the engine knows them anyway."""
    package = args.type_.split(":", 1)[0] + ":"
    kept = [a for a in args.opts.aliases or [] if not _is_providers_own(a, package)]
    args.opts.aliases = kept or None
    return pulumi.ResourceTransformationResult(args.props, args.opts)


def _is_providers_own(alias: Any, package: str) -> bool:
    others = ("name", "parent", "stack", "project")
    if not isinstance(alias, pulumi.Alias) or not all(getattr(alias, k, ...) is ... for k in others):
        return False
    return package == "azure-native:" and isinstance(alias.type_, str) and alias.type_.startswith(package)


def _configure(orders: dict[str, Any]) -> None:
    pulumi.runtime.set_all_config(orders["config"], orders["secret_keys"])
    configured = settings.Settings(
        project=orders["project"],
        stack=orders["stack"],
        monitor=orders["address"],
        engine=orders["address"],
        parallel=16,
        dry_run=orders["dry_run"],
        organization=orders["organization"],
        root_directory=orders["root"],
    )
    setattr(configured, "engine", QuietEngine(getattr(configured, "engine")))  # noqa: B009, B010 - a property the SDK makes at run time
    settings.configure(configured)


async def _tasks_end() -> None:
    """Wait for what the program has still to work out, each once, and no longer than until the first failure.

    The SDK asks every task that is left after each one that ends, which takes the square of a program's size: half the CPU of 2,600
    resources. What has ended costs it nothing, so it is asked only then, and still says what failed and how.
    """
    held = cast("Any", settings.SETTINGS)
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def note(task: asyncio.Task[Any]) -> None:
        if not failed.done() and (task.cancelled() or task.exception() is not None):
            failed.set_result(None)

    seen: set[asyncio.Task[Any]] = set()
    while fresh := [t for t in cast("set[asyncio.Task[Any]]", held.outputs) if t not in seen]:
        seen.update(fresh)
        for task in fresh:
            task.add_done_callback(note)
        for task in fresh:
            # A call to the engine that fails need not end a task: the SDK looks at that itself.
            while not (task.done() or failed.done() or held.rpc_manager.unhandled_exception):
                await asyncio.wait((task, failed), timeout=1, return_when=asyncio.FIRST_COMPLETED)


def _wait_linearly() -> None:
    theirs = stack.wait_for_rpcs

    async def wait_for_rpcs(await_all_outstanding_tasks: bool = True) -> None:
        if await_all_outstanding_tasks:
            await _tasks_end()
        await theirs(await_all_outstanding_tasks)

    stack.wait_for_rpcs = wait_for_rpcs


def _run(program: str) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_default_executor(Turns())
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # a failed program leaves futures unread; that is no news

    def main() -> None:
        pulumi.runtime.register_stack_transformation(_without_provider_aliases)
        runpy.run_path(program, run_name="__main__")

    # A program's resources live until it ends, so looking through them for circles again and again finds nothing. 521 resources of the
    # Azure Landing Zones library: 4.0 s of CPU instead of 7.1, in the same memory (2026-11-25).
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    _wait_linearly()
    # The SDK looks where each resource was made, and the standard library then asks the disk whether any file has changed since.
    linecache.checkcache = lambda filename=None: None
    loop.run_until_complete(pulumi.runtime.run_in_stack(main))


def _report(wrong: BaseException, program: str) -> dict[str, Any]:
    """How the program failed: sentences for a person, and for an unexpected error its place and traceback."""
    faults = getattr(wrong, "faults", None)
    if isinstance(faults, (list, tuple)) and faults:
        return {"faults": [str(f) for f in cast("list[object]", faults)]}
    if isinstance(wrong, pulumi.RunError):
        # A program puts each of its faults on a line of its own; the SDK's own kinds of it are one sentence over two lines.
        lines = str(wrong).splitlines() if type(wrong) is pulumi.RunError else [str(wrong)]
        return {"faults": [" ".join(line.split()) for line in lines if line.strip()]}
    frames = traceback.extract_tb(wrong.__traceback__)
    folder = str(Path(program).parent)
    own = [f for f in frames if f.filename.startswith(folder)]
    # an error inside a function given to apply reaches us without the frames of that function
    place = f"{own[-1].filename}, line {own[-1].lineno}" if own else "A function that the program gave to apply failed"
    told = f"{type(wrong).__name__}: {' '.join(str(wrong).split())}".rstrip(": ")
    key = str(wrong.args[0]) if isinstance(wrong, KeyError) and wrong.args and not own else ""
    return {"unexpected": told, "place": place, "missing_key": key, "traceback": "".join(traceback.format_exception(wrong))}


def main() -> int:
    """Read the orders, run the program, report."""
    orders: dict[str, Any] = json.loads(sys.stdin.readline())
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _configure(orders)
    sys.argv = [orders["program"]]
    os.chdir(orders["folder"])
    report: dict[str, Any] = {}
    try:
        _run(orders["program"])
    except BaseException as wrong:
        report = _report(wrong, orders["program"])
    Path(orders["report"]).write_text(json.dumps({"ended": True, **report}), encoding="utf-8")
    sys.stdout.flush()
    sys.stderr.flush()
    return 1 if report else 0


if __name__ == "__main__":
    os._exit(main())  # do not wait for threads that a failed program left behind
