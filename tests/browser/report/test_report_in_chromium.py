"""The report of the reference estate, made by the commands themselves, as Chromium and axe-core see it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request
from typer.testing import CliRunner

from console.application import app

REFERENCE = Path(__file__).parents[3] / "inventory" / "reference" / "estate"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
HOSTILE = "<img src=http://127.0.0.1:9/x onerror=alert(1)> A-name-without-any-space-that-goes-on-and-on-and-on-and-on-for-ever"

pytestmark = pytest.mark.xdist_group("report-in-chromium")


def _unless(*arguments: str, ends: tuple[int, ...] = (0,)) -> None:
    answer = CliRunner().invoke(app, list(arguments))
    assert answer.exit_code in ends, answer.output


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Imported, assessed, planned and checked; one workload renamed to something nasty."""
    project = tmp_path_factory.mktemp("council")
    folder = project / ".unless"
    folder.mkdir()
    shutil.copy(REFERENCE / "unless.toml", folder)
    shutil.copy(REFERENCE / "exceptions.toml", project)
    where = ("--workspace", str(folder))
    _unless("import", str(REFERENCE), *where, ends=(0, 1))
    _unless("assess", *where)
    _unless("plan", *where)
    _unless("check", *where, ends=(0, 1, 3))
    held = json.loads((folder / "assessments.json").read_text("utf-8"))
    held["assessments"][0]["name"] = HOSTILE
    (folder / "assessments.json").write_text(json.dumps(held), "utf-8")
    _unless("report", *where)
    return folder / "report.html"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace into which nothing has been imported yet."""
    folder = tmp_path_factory.mktemp("council") / ".unless"
    _unless("init", "--workspace", str(folder))
    _unless("report", "--workspace", str(folder))
    return folder / "report.html"


@pytest.fixture(params=["full", "empty"])
def report(request: pytest.FixtureRequest) -> Path:
    return cast("Path", request.getfixturevalue(request.param))


@pytest.fixture(params=[1280, 320])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    yield context.new_page()
    context.close()


def _open(page: Page, report: Path) -> list[str]:
    asked: list[str] = []

    def seen(request: Request) -> None:
        asked.append(request.url)

    page.on("request", seen)
    page.goto(report.as_uri())
    return asked


def test_axe_finds_nothing_with_everything_unfolded(page: Page, report: Path) -> None:
    _open(page, report)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    axe = cast("Any", Axe())
    found: dict[str, Any] = axe.run(page, options={"runOnly": TAGS}).response
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []
    assert len(found["passes"]) > 10


def test_the_page_asks_for_nothing_but_itself(page: Page, report: Path) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    asked = _open(page, report)
    page.wait_for_load_state("networkidle")
    assert asked == [report.as_uri()]
    assert not complaints


def test_the_page_never_scrolls_sideways(page: Page, report: Path) -> None:
    _open(page, report)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    wide, room = cast("list[int]", page.evaluate("[document.documentElement.scrollWidth, innerWidth]"))
    assert wide <= room


def test_the_page_still_fits_with_the_spacing_that_readers_may_set(page: Page, full: Path) -> None:
    _open(page, full)
    page.add_style_tag(content="* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }")
    wide, room = cast("list[int]", page.evaluate("[document.documentElement.scrollWidth, innerWidth]"))
    assert wide <= room


def test_the_first_key_stroke_reaches_the_skip_link_and_it_works(page: Page, full: Path) -> None:
    _open(page, full)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    assert page.locator(".skip").bounding_box()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_focus_can_be_seen(page: Page, full: Path) -> None:
    _open(page, full)
    for _ in range(4):
        page.keyboard.press("Tab")
        style = cast("list[str]", page.evaluate("(s => [s.outlineStyle, s.outlineWidth])(getComputedStyle(document.activeElement))"))
        assert style == ["solid", "3px"]


def test_headings_go_down_one_step_at_a_time(page: Page, report: Path) -> None:
    _open(page, report)
    levels = cast("list[int]", page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])"))
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_it_prints_on_a4_with_no_table_wider_than_the_paper(browser: Browser, full: Path, tmp_path: Path) -> None:
    # 182 mm of A4 between the margins of the print style, at 96 pixels to the inch.
    context = browser.new_context(viewport={"width": 688, "height": 1000})
    page = context.new_page()
    page.emulate_media(media="print")
    _open(page, full)
    widest = "Math.max(...[...document.querySelectorAll('table, svg[role=img]')].map(t => t.getBoundingClientRect().right))"
    assert page.evaluate(widest) <= 688
    assert not page.locator(".skip").is_visible()
    pdf = page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF-")
    assert 3 <= pdf.count(b"/Type /Page\n") <= 30
    context.close()
