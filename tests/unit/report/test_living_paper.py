"""The living paper in a real browser: nothing is asked for, nothing is complained about, and a telephone shows it.

It needs the extra `browser` (Playwright) and a Chromium of the system.
"""

import shutil
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="the extra browser (Playwright) is not installed")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no Chromium on this machine (apt-get install chromium)"
)
PAPER = Path(__file__).parents[3] / "results" / "paper" / "living_paper.html"
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
MILLISECONDS = 30_000
TABLES = """() => [...document.querySelectorAll(".scroll")].map((one) => {
  const box = one.getBoundingClientRect(), cell = one.querySelector("td");
  return {left: box.left, right: box.right, size: parseFloat(getComputedStyle(cell).fontSize),
          reached: one.scrollWidth <= one.clientWidth || getComputedStyle(one).overflowX === "auto",
          focused: (one.focus(), document.activeElement === one)};
})"""


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")], ids=["wide", "telephone"])
def test_the_living_paper_opens_without_a_request_and_its_tables_can_be_read(width, scheme):
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        tab = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
        tab.set_default_timeout(MILLISECONDS)
        complaints = []
        tab.on("console", lambda said: complaints.append(said.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda asked: None if asked.url == PAPER.as_uri() else complaints.append(asked.url))
        tab.goto(PAPER.as_uri())
        tables, wide = tab.evaluate(TABLES), tab.evaluate("document.documentElement.scrollWidth")
        figures = [one.bounding_box()["width"] for one in tab.locator("figure svg").all()]
        assert tab.get_by_role("heading", name="What of the paper holds?").is_visible()
        browser.close()
    assert complaints == []
    assert wide <= width
    assert tables
    assert all(one["left"] >= 0 and one["right"] <= width for one in tables)
    assert all(one["reached"] and one["focused"] and one["size"] >= 13 for one in tables)
    assert figures
    assert max(figures) <= width
