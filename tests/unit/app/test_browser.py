"""The page in a real browser: by keyboard, at the width of a telephone, with no request to any other host.

It needs the extra `browser` (Playwright) and a Chromium of the system. With DRUGRIPPLE_SCREENSHOTS set to a folder, the
pictures of docs/serve.md are written there.
"""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="the extra browser (Playwright) is not installed")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no Chromium on this machine (apt-get install chromium)"
)
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
MILLISECONDS = 60_000
PICTURES = os.environ.get("DRUGRIPPLE_SCREENSHOTS", "")
POOR_CONTRAST = """() => {
  const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const found = parse(getComputedStyle(node).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const texts = "p, a, li, dt, dd, td, th, label, legend, button, h1, h2, span, figcaption, summary";
  for (const node of document.querySelectorAll(texts)) {
    if (!node.innerText || !node.offsetParent || node.closest("svg")) continue;
    const [one, other] = [light(parse(getComputedStyle(node).color)), light(ground(node))].sort((a, b) => b - a);
    if ((one + 0.05) / (other + 0.05) < 4.5) poor.push(node.innerText.slice(0, 40));
  }
  return poor;
}"""
NAMELESS = """() => {
  const named = (node) =>
    (node.labels && node.labels.length) || node.getAttribute("aria-label") || node.alt || node.textContent.trim();
  const controls = document.querySelectorAll("input, select, textarea, button, img, a, svg[role=img]");
  return [...controls].filter((node) => !named(node)).map((node) => node.outerHTML.slice(0, 80));
}"""


@pytest.fixture(scope="module")
def address(small_default_model, tmp_path_factory):
    """Of a page that the command itself serves."""
    temporary = tmp_path_factory.mktemp("temporary")
    command = [sys.executable, "-m", "drugripple", "serve", "--model", small_default_model, "--no-open", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"TMPDIR": str(temporary)})
    yield server.stdout.readline().strip()
    server.terminate()
    assert server.wait(timeout=20) is not None
    server.stdout.close()
    assert list(temporary.iterdir()) == []


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        made = started.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield made
        made.close()


@contextmanager
def window(browser, address, size, scheme="light", *, refusal=None):
    """A tab on the first page, which must ask no other host and report no error but a refusal while it is open."""
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    tab = context.new_page()
    tab.set_default_timeout(MILLISECONDS)
    complaints = []
    tab.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda asked: None if asked.url.startswith(address) else complaints.append(asked.url))
    tab.goto(address)
    yield tab
    assert [text for text in complaints if refusal is None or refusal not in text] == []
    context.close()


def picture(tab, name, *, whole=False):
    if PICTURES:
        tab.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=whole)


def require_readable(tab, width):
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate(POOR_CONTRAST) == []
    assert tab.evaluate(NAMELESS) == []


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")], ids=["wide", "narrow"])
def test_the_example_is_reached_by_keyboard_and_every_page_is_readable(browser, address, size, scheme):
    with window(browser, address, size, scheme) as tab:
        require_readable(tab, size["width"])
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.textContent") == "Skip to the content"
        for _ in range(12):
            tab.keyboard.press("Tab")
            if tab.evaluate("document.activeElement.textContent") == "Show the example":
                break
        tab.keyboard.press("Enter")
        tab.wait_for_url("**/answers/**")
        require_readable(tab, size["width"])
        assert tab.locator("table.ranked tbody tr").count() == 12
        tab.wait_for_function("() => [...document.images].slice(0, 2).every((one) => one.complete && one.naturalWidth)")
        picture(tab, f"serve_answer_{size['width']}")
        tab.get_by_label("Sample", exact=True).select_option(index=3)
        tab.get_by_label("Order").select_option(label="name")
        tab.get_by_role("button", name="Show").press("Enter")
        tab.wait_for_url("**order=name**")
        names = tab.locator("table.ranked tbody th a").all_inner_texts()
        assert names == sorted(names)
        tab.locator("table.ranked tbody th a").first.press("Enter")
        tab.wait_for_url("**/pair?**")
        require_readable(tab, size["width"])
        if size is WIDE:
            picture(tab, "serve_pair_1280", whole=True)
        tab.goto(f"{address}help")
        require_readable(tab, size["width"])


def test_a_prediction_is_explained(browser, address):
    with window(browser, address, NARROW) as tab:
        tab.get_by_role("button", name="Show the example").click()
        tab.wait_for_url("**/answers/**")
        tab.locator("table.ranked tbody th a").first.press("Enter")
        tab.get_by_role("button", name="Why this prediction?").press("Enter")
        tab.wait_for_url("**/reasons")
        table = tab.get_by_role("region", name="Genes that move it together")
        table.focus()
        assert tab.evaluate("document.activeElement.innerText.includes('mean_q_permuted')")
        network = tab.get_by_role("img", name="Network of 15 gene pairs")
        assert 200 < network.bounding_box()["width"] <= NARROW["width"]
        gene = table.locator("tbody td").first.inner_text()
        assert network.get_by_text(gene, exact=True).count() >= 1
        assert tab.evaluate(POOR_CONTRAST) == []
        assert tab.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        assert tab.evaluate(NAMELESS) == []


def test_a_long_structure_in_place_of_a_name_leaves_the_page_as_wide_as_it_is(browser, address):
    with window(browser, address, WIDE) as tab:
        tab.get_by_label("Samples that the model knows").select_option(index=[0, 1])
        tab.get_by_label("Names or SMILES").fill("C" * 30 + "C(=O)NCCOCCOCC" * 5)
        tab.get_by_role("button", name="Predict").click()
        tab.wait_for_url("**/answers/**")
        require_readable(tab, WIDE["width"])


def test_own_files_are_uploaded_and_a_bad_one_is_explained(browser, address, tidy_folder, tmp_path):
    with window(browser, address, WIDE) as tab:
        tab.get_by_label("A file of gene expression").set_input_files(tidy_folder / "own_samples.csv")
        tab.get_by_label("Names or SMILES").fill("CC(=O)Oc1ccccc1C(=O)O aspirin")
        tab.get_by_role("button", name="Predict").click()
        tab.wait_for_url("**/answers/**")
        assert tab.get_by_role("rowheader", name="aspirin").is_visible()
        with tab.expect_download() as download:
            tab.get_by_role("link", name="csv").click()
        assert len(pd.read_csv(download.value.path())) == 40
    with window(browser, address, WIDE) as tab:
        tab.get_by_label("A file of gene expression").set_input_files(tidy_folder / "own_samples.csv")
        tab.get_by_role("button", name="Predict").click()
        assert tab.get_by_role("alert").inner_text().startswith("Say which compounds you mean")
        tab.get_by_label("All 12 compounds").check()
        tab.get_by_label("Names or SMILES").fill("CCO")
        tab.get_by_role("button", name="Predict").click()
        assert tab.get_by_role("alert").inner_text().startswith("Say in one way only which compounds you mean")
        assert tab.get_by_label("A file of gene expression").evaluate("(input) => input.files.length") == 1
    pd.DataFrame({"sample": ["a", "b"], "TP53": ["high", "low"]}).to_csv(tmp_path / "bad.csv", index=False)
    with window(browser, address, WIDE, refusal="status of 422") as tab:
        tab.get_by_label("A file of gene expression").set_input_files(tmp_path / "bad.csv")
        tab.get_by_label("All 12 compounds").check()
        tab.get_by_role("button", name="Predict").click()
        tab.wait_for_selector("[role=alert]")
        assert "What to do:" in tab.locator("main").inner_text()
