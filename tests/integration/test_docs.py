"""Every code block of README and docs runs as written, in a folder that holds what the pages take for granted.

Python blocks are executed, toml blocks whose first line is a comment with a file name are written, and lines of console
blocks that start with `$ drugripple` are called. What stands below `$ drugripple data doctor` is compared with what it
prints; `…` stands for anything. A block under `<!-- not run: reason -->` is left out.
"""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest
from tests.processes import ready

from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of
from drugripple.training.distributed import launch

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(
    r"(?P<skip><!-- not run: [^>]+ -->\n+)?^```(?P<kind>python|toml|console)\n(?P<code>.*?)^```", re.M | re.S
)


def run_block(kind, code):
    if kind == "python":
        exec(compile(code, "block", "exec"), {"__name__": "__main__"})
    elif kind == "toml":
        name = re.match(r"# (\S+\.toml)\n", code)
        if name:
            Path(name[1]).write_text(code)
    else:
        for command in re.findall(r"^\$ .*\n(?:[^$].*\n|\n)*", re.sub(r"\\\n", " ", code), re.M):
            line, _, shown = command.partition("\n")
            if line.startswith("$ drugripple"):
                run_line(line, shown.strip())


def run_line(line, shown):
    arguments, said = shlex.split(line[len("$ drugripple") :], comments=True), io.StringIO()
    with contextlib.redirect_stdout(said):
        assert exit_code_of(lambda: app(arguments)) == (2 if "\n  problem " in shown else 0), line
    if shown and arguments[:2] == ["data", "doctor"]:
        assert matches(shown, said.getvalue().strip()), f"{line} prints\n{said.getvalue()}"


def matches(shown, said):
    return re.fullmatch(re.escape(shown).replace("…", ".*"), said, re.S) is not None


@pytest.mark.parametrize(
    ("shown", "same"),
    [("a: 2 rows\nb", True), ("a: 2 …\nb", True), ("…\nb", True), ("a: 2 lines\nb", False), ("a", False)],
)
def test_what_a_page_shows_is_what_is_printed_but_for_dots(shown, same):
    assert matches(shown, "a: 2 rows\nb") == same


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_runs_as_written(page, place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.setattr(launch, "START_METHOD", ready().get_start_method())
    for block in BLOCK.finditer(page.read_text()):
        if not block["skip"]:
            run_block(block["kind"], block["code"])


def test_no_example_imports_deeper_than_one_sub_package():
    deep = re.compile(r"^\s*(?:from|import) drugripple(?:\.\w+){2,}.*$", re.M)
    found = [
        f"{page.name}: {line.strip()}"
        for page in PAGES
        for block in BLOCK.finditer(page.read_text())
        if block["kind"] == "python"
        for line in deep.findall(block["code"])
    ]
    assert found == []


def test_links_lead_somewhere():
    broken = []
    for page in PAGES:
        prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)  # a SMILES may hold ](O)
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", prose):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []
