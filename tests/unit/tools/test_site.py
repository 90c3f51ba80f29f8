"""The documentation site holds together: links, messages, reference, navigation."""

import ast
import json
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import yaml

import drugripple
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.splits import make_folds
from drugripple.recipes.default_model.card import LIMITS
from drugripple.sources.public.registry import SOURCES
from tools.pages.fold_schemes import COMPOUNDS, FOLDS, SAMPLES, TEST, TRAIN, roles
from tools.site.assemble import assemble, with_links
from tools.site.links import broken_links
from tools.site.messages import GAP, messages
from tools.site.reference import public_names

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "src" / "drugripple"


@pytest.fixture(scope="module")
def site():
    return assemble(ROOT)


def test_every_link_leads_to_a_page_and_to_a_heading_of_it(site):
    assert broken_links(site) == []


def test_a_link_that_leads_nowhere_is_found():
    text = "# One\n[x](b.md#two) [y](b.md#three) [z](c.md)\n[q]: d.md\n```\n[w](e.md)\n```\n"
    pages = {"a.md": text, "b.md": "# Two!\n"}
    assert broken_links(pages) == ["a.md: b.md#three", "a.md: c.md", "a.md: d.md"]


def test_every_page_of_the_navigation_is_there_and_every_page_of_the_docs_is_in_it(site):
    def pages(part):
        if isinstance(part, str):
            return [part]
        inner = part if isinstance(part, list) else part.values()
        return [page for one in inner for page in pages(one)]

    named = pages(yaml.safe_load((ROOT / "tools/site/mkdocs.yml").read_text())["nav"])
    assert [page for page in named if page not in site] == []
    written = {place for place in site if place.endswith(".md") and not place.startswith(("reference/", "files/"))}
    assert written - set(named) == set()


@pytest.mark.parametrize("name", sorted(path.name for path in (SOURCE / "weights").iterdir()))
def test_every_shipped_artefact_has_a_card_with_its_data_terms_and_limits(site, name):
    page, card = site[f"cards/{name}.md"], json.loads((SOURCE / "weights" / name / "card.json").read_text())
    assert all(one["terms"].replace("|", "\\|") in page and one["name"] in page for one in card["data"])
    assert all(note in page for note in card["notes"])
    assert card["tensors_sha256"] in page
    assert "must not inform a clinical decision" in page


def test_the_card_of_the_data_has_every_source_with_its_terms(site):
    assert [one.name for one in SOURCES.values() if f"`{one.name}`" not in site["cards/data.md"]] == []
    assert [one.name for one in SOURCES.values() if one.licence not in site["cards/data.md"]] == []
    assert LIMITS in site["cards/default-model.md"]


def test_the_site_asks_no_other_host_for_fonts():
    assert yaml.safe_load((ROOT / "tools/site/mkdocs.yml").read_text())["theme"]["font"] is False


def test_the_reference_has_every_public_name(site):
    page = site["reference/drugripple.md"]
    modules = {name for name in drugripple.__all__ if isinstance(getattr(drugripple, name), ModuleType)}
    names = set(drugripple.__all__) - modules - {"__version__"}
    assert names == {name for name, place in public_names(SOURCE).items() if f"::: {place}\n" in page}


def test_links_inside_code_stay(site):
    text = "[a](b.md)\n```python\nx[0](b.md)\n```\n"
    assert with_links(text, "docs/c.md", "c.md", {"docs/b.md": "other.md"}) == text.replace(
        "[a](b.md)", "[a](other.md)"
    )


def texts(tree):
    """Every text of a file, with a gap for each value that is put into it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else GAP for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_what_the_page_of_trouble_quotes_is_what_the_code_says():
    said = "\n".join(text for file in SOURCE.rglob("*.py") for text in texts(ast.parse(file.read_text())))
    rows = re.findall(r"^\| `(.+?)` \| ", (ROOT / "docs/troubleshooting.md").read_text(), re.M)
    assert len(rows) > 25
    quoted = {row: ".*".join(map(re.escape, row.split(GAP))) for row in rows}
    assert [row for row, pattern in quoted.items() if not re.search(pattern, said)] == []


def test_messages_are_read_with_gaps(tmp_path):
    code = 'def f(x):\n    message = f"{x} is no gene; drop it"\n    raise ValueError(message)\n'
    (tmp_path / "a.py").write_text(code + 'raise SourceError(Fault("x", f"line {n} is bad", do="mend it"))\n')
    assert [said.text for said in messages(tmp_path)] == [f"{GAP} is no gene; drop it", f"line {GAP} is bad; mend it"]


def test_problems_that_are_told_and_not_raised_are_messages_too(tmp_path):
    """A text that was named, a part of a text that was named, a number with its noun; a note is no message."""
    (tmp_path / "a.py").write_text(
        "def f(odd, stated):\n"
        '    side = "above" if odd else "below"\n'
        "    what = f\"{counted(len(odd), 'value')} of {stated!r} {counted(n, 'lies', 'lie')} {side} it\"\n"
        '    yield problem(Topic.VALUES, what, got=first_five(odd), do="correct " + "them")\n'
        '    what = "it is empty"\n'
        "    yield problem(Topic.VALUES, what)\n"
        '    yield Finding(Level.PROBLEM, Topic.VALUES, f"{what}: {odd}", "fill it", odd)\n'
        '    yield Finding(Level.NOTE, Topic.VALUES, "one gene is left out")\n'
    )
    assert [said.text for said in messages(tmp_path)] == [
        f"{GAP} values of {GAP} {GAP} lie above it; correct them",
        f"{GAP} values of {GAP} {GAP} lie below it; correct them",
        "it is empty",
        f"it is empty: {GAP}; fill it",
    ]


def test_what_the_doctor_tells_is_among_the_messages():
    """One that `problem` makes of responses, and one that `Finding` makes of expression."""
    said = {one.text for one in messages(SOURCE)}
    assert f"the column {GAP} says that the values are of several kinds; keep the rows of one of them" in said
    assert f"{GAP} samples have no name (numbers {GAP}); name every sample" in said


def test_a_setting_is_named_so_that_it_is_right_as_a_flag_a_key_and_an_argument():
    """`overwrite` is the flag --overwrite, the key overwrite = true and the argument overwrite=True."""
    said = [one.text for one in messages(SOURCE) if one.package != "cli"]
    assert sum("set `overwrite` to replace it" in text for text in said) == 3
    assert [text for text in said if re.search(r"--[a-z]|\boverwrite ?=|\(\w+=", text)] == []


@pytest.mark.parametrize(("scheme", "samples", "compounds"), [("cell_blind", False, True), ("drug_blind", True, False)])
def test_the_drawing_of_a_scheme_shows_what_it_hides(scheme, samples, compounds):
    """Whether training and test share samples, and compounds."""
    grid = drawn(scheme)
    train, test = grid == TRAIN, grid == TEST
    assert (train.any(axis=1) & test.any(axis=1)).any() == samples
    assert (train.any(axis=0) & test.any(axis=0)).any() == compounds


def test_disjoint_shares_neither_and_mixed_shares_both():
    for scheme, shared in (("disjoint", False), ("mixed", True)):
        grid = drawn(scheme)
        for axis in (0, 1):
            assert ((grid == TRAIN).any(axis=axis) & (grid == TEST).any(axis=axis)).any() == shared


def drawn(scheme):
    sample, compound = np.repeat(np.arange(SAMPLES), COMPOUNDS), np.tile(np.arange(COMPOUNDS), SAMPLES)
    return roles(make_folds(sample, compound, Scheme(scheme), folds=FOLDS, seed=0)[0])
