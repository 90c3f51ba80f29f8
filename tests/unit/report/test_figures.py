import xml.etree.ElementTree as ET

import numpy as np
import pytest

from drugripple.report import figures
from drugripple.report.figures import INK, DrugScore

EPOCHS = np.arange(1, 6)
SCORES = (DrugScore("Trametinib", 0.7, 1.1, 80), DrugScore("Carmustine", -0.1, 1.4, 79))


def drawings():
    rng = np.random.default_rng(0)
    symmetric = rng.normal(size=(3, 3))
    return {
        "scatter": figures.scatter(rng.normal(size=17), rng.normal(size=17)),
        "cloud": figures.scatter(rng.normal(size=2003), rng.normal(size=2003)),
        "learning": figures.learning_curve(EPOCHS, 1.0 / EPOCHS, np.array([3.0, 2.0, 1.0, 2.0, 3.0])),
        "bars": figures.per_drug_bars(SCORES[:1], SCORES[1:]),
        "heat": figures.attention_heatmap(symmetric + symmetric.T, ("TP53", "MDM2", "EGFR"), np.eye(3, dtype=bool)),
        "curve": figures.curve(
            np.array([0.5, 1.0]),
            {"restricted & more": np.array([0.1, 0.2])},
            x_label="share of genes",
            y_label='PCC "within"',
            deviation={"restricted & more": np.array([0.01, 0.01])},
            levels={"naive": 0.15},
        ),
    }


@pytest.fixture(scope="module")
def drawn():
    return drawings()


@pytest.mark.parametrize("name", ["scatter", "cloud", "learning", "bars", "heat", "curve"])
def test_a_figure_is_well_formed_svg_that_fetches_nothing(drawn, name):
    root = ET.fromstring(drawn[name])
    assert root.tag.endswith("svg")
    assert root.get("role") == "img"
    assert root.get("aria-label")
    links = [value for node in root.iter() for key, value in node.attrib.items() if key.endswith("href")]
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in links)
    assert "metadata" not in drawn[name]
    assert "<script" not in drawn[name]


def test_letters_take_the_pages_colour(drawn):
    assert all(INK not in svg and "fill: currentColor" in svg for svg in drawn.values())


def test_the_same_data_draw_the_same_text(drawn):
    assert drawings() == drawn


def test_drawing_leaves_global_plot_settings_alone():
    import matplotlib

    before = dict(matplotlib.rcParams)
    figures.scatter(np.zeros(2), np.ones(2))
    assert dict(matplotlib.rcParams) == before


def test_the_epoch_with_the_lowest_validation_error_is_marked(drawn):
    assert "kept: epoch 3" in drawn["learning"]


def test_a_cloud_of_many_points_stays_small():
    rng = np.random.default_rng(0)
    assert len(figures.scatter(rng.normal(size=20_000), rng.normal(size=20_000))) < 250_000


def test_every_drug_is_named_with_its_number_of_cell_lines(drawn):
    assert "Trametinib (80)" in drawn["bars"]
    assert "Carmustine (79)" in drawn["bars"]


def test_the_heat_map_blanks_the_diagonal():
    def heat(diagonal, between):
        return figures.attention_heatmap(np.array([[diagonal, between], [between, diagonal]]), ("A", "B"))

    assert heat(900.0, 2.0) == heat(1.0, 2.0)
    assert heat(1.0, 3.0) != heat(1.0, 2.0)


def test_logarithmic_axes_name_every_size():
    x, y = np.array([482.0, 10_167.0]), {"ours": np.array([1e5, 7e3])}
    plain, logarithmic = (
        figures.curve(x, y, x_label="genes", y_label="rows/s", logarithmic=logarithmic) for logarithmic in (False, True)
    )
    assert all(f">{size}</text>" in logarithmic for size in ("482", "10,167"))
    assert ">10,167</text>" not in plain


def test_what_is_drawn_inside_the_block_is_also_given_as_pixels_and_nothing_else_is():
    outside = figures.curve(np.array([1.0, 2.0]), {"a": np.array([1.0, 3.0])}, x_label="x", y_label="y")
    with figures.drawn_as_png() as pictures:
        inside = figures.curve(np.array([1.0, 2.0]), {"a": np.array([1.0, 2.0])}, x_label="x", y_label="y")
    figures.curve(np.array([1.0, 2.0]), {"a": np.array([1.0, 4.0])}, x_label="x", y_label="y")
    assert list(pictures) == [inside]
    assert outside != inside
    content = pictures[inside]
    assert content.startswith(b"\x89PNG")
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (1200, 720), "six by 3.6 inches at 200 dots"
