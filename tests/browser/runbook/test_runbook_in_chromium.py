"""The page of a runbook, as Chromium and axe-core see it: the board signs it, so everybody must be able to read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from migration import runbooks
from migration.runbooks import render

GOLDEN = Path(__file__).parents[2] / "cases" / "runbook-golden"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = pytest.mark.xdist_group("report-in-chromium")


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = json.loads((GOLDEN / "plan.json").read_text("utf-8"))
    runbook = runbooks.compile(plan, "wave-1", runbooks.read_targets(GOLDEN / "targets.toml"))
    file = tmp_path_factory.mktemp("runbook") / "wave-1.html"
    file.write_text(render.as_html(runbook), "utf-8")
    return file


@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(browser: Browser, page_file: Path, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    axe = cast("Any", Axe())
    found: dict[str, Any] = axe.run(page, options={"runOnly": TAGS}).response
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert asked == [page_file.as_uri()]
    context.close()
