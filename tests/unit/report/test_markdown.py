from drugripple.report.document import Column, Figure, Report, Section, Table
from drugripple.report.markdown import render, write

REPORT = Report(
    "Title",
    ("Summary.",),
    (
        Section(
            "First",
            ("Words.",),
            (Table((Column("a|b"), Column("n", ".1f")), (("x|y", 1.25), ("z", float("nan"))), "Caption"),),
            (Figure("<svg>1</svg>", "One."),),
        ),
        Section("Second", figures=(Figure("<svg>2</svg>", "Two."),)),
    ),
    {"Command": "do it"},
)


def test_words_tables_and_figures_in_order():
    text = render(REPORT)
    assert text.index("# Title") < text.index("Summary.") < text.index("## First") < text.index("## Second")
    assert "**Caption**\n\n| a|b | n |\n|---|---:|\n| x\\|y | 1.2 |\n| z | – |\n" in text
    assert "![One.](figures/01.svg)" in text
    assert "![Two.](figures/02.svg)" in text
    assert "* **Command**: do it" in text


def test_figures_lie_beside_the_text_and_old_ones_go(tmp_path):
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "09.svg").write_text("old")
    write(REPORT, tmp_path / "report.md")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report", "report.md"]
    assert {path.name: path.read_text() for path in (tmp_path / "report").iterdir()} == {
        "01.svg": "<svg>1</svg>",
        "02.svg": "<svg>2</svg>",
    }
    assert "(report/02.svg)" in (tmp_path / "report.md").read_text()
