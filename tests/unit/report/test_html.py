from html.parser import HTMLParser

import pytest

from drugripple.report import html
from drugripple.report.document import Column, Figure, Highlight, Report, Section, Table

FIGURE = Figure('<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>', "A drawing.")
REPORT = Report(
    "Title <b>",
    ("First & foremost.",),
    (
        Section(
            "Section", ("Prose.",), (Table((Column("drug"), Column("PCC", ".2f")), (("<i>A</i>", -0.5),)),), (FIGURE,)
        ),
    ),
    {"Command": "drugripple quickstart --out 'x'"},
    (Highlight("RMSE", "1.31", "naive 1.50"),),
)


class Collector(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.links, self.words = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for key, value in attrs if key in ("src", "href", "xlink:href", "srcset", "data")]

    def handle_data(self, data):
        self.words.append(data)


def collected(report):
    collector = Collector()
    collector.feed(html.render(report))
    return collector


def test_the_file_needs_nothing_else():
    page = collected(REPORT)
    assert page.links == []
    assert not {"script", "link", "iframe", "img"} & set(page.tags)
    text = html.render(REPORT)
    assert "url(" not in text
    assert "@import" not in text


def test_words_are_escaped_and_figures_are_not():
    text = html.render(REPORT)
    assert "<h1>Title &lt;b&gt;</h1>" in text
    assert "&lt;i&gt;A&lt;/i&gt;" in text
    assert FIGURE.svg in text


def test_numbers_stand_right_and_words_left():
    text = html.render(REPORT)
    assert '<td class="number">\u22120.50</td>' in text
    assert '<th scope="col">drug</th>' in text


def test_every_part_of_the_report_is_on_the_page():
    words = " ".join(collected(REPORT).words)
    for part in (
        "First & foremost.",
        "Section",
        "Prose.",
        "A drawing.",
        "drugripple quickstart --out 'x'",
        "naive 1.50",
    ):
        assert part in words


def test_a_failing_render_leaves_the_old_report(tmp_path, monkeypatch):
    target = tmp_path / "new folder" / "report.html"
    html.write(REPORT, target)
    before = target.read_text(encoding="utf-8")
    monkeypatch.setattr(html, "render", lambda report: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        html.write(REPORT, target)
    assert target.read_text(encoding="utf-8") == before
    assert [path.name for path in target.parent.iterdir()] == ["report.html"]
