"""Chromium, if it is there, started so that it asks nothing of anybody."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
HOW = "Chromium is not on PATH. Install it, for example with: apt-get install chromium"
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one module only: while Playwright lives its event loop runs, and other tests of the process need one of their own."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(HOW)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    try:
        driver = sync_playwright().start()
    except Exception as wrong:  # whatever keeps it from starting, the machine lacks a part
        pytest.skip(f"Playwright's driver does not start ({wrong}). On Debian: apt-get install libatomic1")
    try:
        held = driver.chromium.launch(executable_path=found, args=[*QUIET, *(["--no-sandbox"] if is_root else [])])
        yield held
        held.close()
    finally:
        driver.stop()
