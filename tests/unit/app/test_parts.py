"""Parts of the page: the folder of uploads, the map, orders, drawings."""

import multiprocessing
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from multiprocessing import Pipe
from xml.etree import ElementTree

import numpy as np
import pytest

from drugripple.app import worker
from drugripple.app.catalogue import known_compounds
from drugripple.app.limits import Limits
from drugripple.app.memory import MAPPED
from drugripple.app.question import Question
from drugripple.app.uploads import upload_folder
from drugripple.app.worker import Failed, outcome, work
from drugripple.data.measure import Measure
from drugripple.errors import SourceError, TableError
from drugripple.predict.load import load_default
from drugripple.predict.page.drawing import Estimate, interval_bar, map_legend, nearness, sample_map
from drugripple.predict.page.shown import Order, View, sheet_of
from drugripple.predict.sample_map import SampleMap
from drugripple.runtime.progress import no_progress


@pytest.fixture(scope="module")
def model(small_default_model):
    return load_default(small_default_model)


@pytest.fixture(scope="module")
def answer(model):
    names = model.calibrated.predictor.traits.kernel.samples[:3]
    return Question(names, model.calibrated.calibration.names).answer(model, Limits(), no_progress)


def test_uploads_lie_where_nobody_else_reads_and_go_with_the_server(tmp_path):
    with upload_folder(tmp_path) as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "x").write_text("secret")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_server_left_is_deleted_and_what_another_holds_is_not(tmp_path):
    left = tmp_path / ".drugripple-serve.gone.part"
    left.mkdir()
    (left / "expression.csv").write_text("secret")
    with upload_folder(tmp_path) as held, upload_folder(tmp_path):
        assert not left.exists()
        assert held.exists()


def test_a_training_sample_asked_about_stands_where_it_stands(model):
    """K v = λ v, so that the row of a training sample times v / √λ is its own v √λ."""
    traits = model.calibrated.predictor.traits
    found = SampleMap.of(traits, model.training)
    np.testing.assert_allclose(found.own, found.training, atol=1e-9)
    values, vectors = np.linalg.eigh(traits.kernel.matrix)
    np.testing.assert_allclose(np.abs(found.training[:, 0]), np.abs(vectors[:, -1]) * np.sqrt(values[-1]), atol=1e-9)
    assert found.share[0] == pytest.approx(values[-1] / values.sum())
    assert found.share[0] >= found.share[1]


def test_orders_put_the_most_sensitive_first_whichever_way_the_measure_points(answer):
    def values(one, order):
        named = [row.name for row in sheet_of(one, View(sample=1, order=order)).rows]
        table = one.table[one.table["sample"] == one.samples[1]].set_index("compound")
        return table.loc[named]

    assert values(answer, Order.RESPONSE)["ln_ic50"].is_monotonic_increasing
    assert values(answer, Order.PERCENTILE)["sample_percentile"].is_monotonic_increasing
    widths = values(answer, Order.WIDTH)
    assert (np.log(widths["high_um"]) - np.log(widths["low_um"])).round(9).is_monotonic_increasing
    names = {"ln_ic50": "activity_area", "low_um": "low", "high_um": "high"}
    names |= {f"measured_{what}_um": f"measured_{what}" for what in ("min", "median", "max")}
    turned = replace(answer, table=answer.table.rename(columns=names), measure=Measure.ACTIVITY_AREA)
    assert values(turned, Order.RESPONSE)["activity_area"].is_monotonic_decreasing
    assert "µM" not in sheet_of(turned, View()).rows[0].response


def test_drawings_are_well_formed_whatever_names_and_gaps_they_get(answer):
    hostile = '"><script>&'
    count = len(answer.training)
    drawn = sample_map(answer.map, [hostile] * count, [hostile, "b"] * (count // 2), [hostile] * 3, 0)
    drawings = [drawn, *(mark for mark, _ in map_legend([hostile, "b"]))]
    one = Estimate(1.0, 0.0, 2.0)
    drawings.append(interval_bar(one, np.array([np.nan, 0.0, 2.0]), hostile, logarithmic=True))
    measured = answer.measured[:, 0].astype(float)
    given = {"quantity": hostile, "logarithmic": True}
    for values in (measured, np.full(count, np.nan)):
        drawings.append(nearness(answer.similarity[0], values, [hostile] * count, one, **given))
    for svg in drawings:
        ElementTree.fromstring(svg)
        assert "<script>" not in svg


def test_a_bar_shows_the_interval_within_what_was_measured():
    """An axis from 0 to 10 with room of 0.4 on 172 pixels: 4 + 172 (x + 0.4) / 10.8."""
    svg = interval_bar(Estimate(5.0, 4.0, 6.0, 0.0, 10.0, 8.0), np.array([0.0, 10.0]), "x", logarithmic=False)
    circle = ElementTree.fromstring(svg).find("{*}circle")
    assert float(circle.get("cx")) == pytest.approx(4 + 172 * 5.4 / 10.8, abs=0.05)
    lines = ElementTree.fromstring(svg).findall("{*}line")
    assert [float(line.get("x1")) for line in lines] == pytest.approx([74.1, 137.8], abs=0.06)


def test_too_many_samples_compounds_or_pairs_are_refused_with_the_bound(model):
    question = Question(model.training.samples[:4], known_compounds(model).ids)
    for limits, told in (
        (Limits(samples=3), "4 samples"),
        (Limits(compounds=11), "12 compounds"),
        (Limits(pairs=47), "48"),
    ):
        with pytest.raises(TableError, match=f"these are {told}.* at most"):
            question.answer(model, limits, no_progress)


@pytest.mark.skipif(not MAPPED.exists(), reason="this system says nothing of mapped memory")
def test_a_question_gets_so_much_memory_and_no_more():
    """In a process of its own: the bound would stay."""
    script = (
        "import numpy as np\nfrom drugripple.app.memory import bound_memory\nassert bound_memory(100)\n"
        "kept = np.ones(60 << 17)\ntry:\n    np.ones(60 << 17)\nexcept MemoryError:\n    print('refused')\n"
        "del kept\nnp.ones(60 << 17)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "refused\n"


def test_a_worker_is_a_new_interpreter_which_says_why_it_has_no_model(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "CONTEXT", multiprocessing.get_context("spawn"))
    (tmp_path / "predictor").mkdir()
    (tmp_path / "predictor" / "card.json").write_text("{}")
    started = worker.Worker(tmp_path, Limits())
    said = started.receive(60.0)
    started.kill()
    assert isinstance(said, worker.Failed)
    assert str(tmp_path) in said.message


@pytest.mark.parametrize("hidden", [False, True], ids=["plain", "told by a reader"])
def test_a_question_for_which_memory_does_not_suffice_is_refused_by_the_name_of_its_file(model, tmp_path, hidden):
    (tmp_path / "expression.csv").write_bytes(b"x" * 2_000_000)

    class Large:
        files = (tmp_path / "expression.csv",)

        def answer(self, model, limits, progress):
            try:
                raise MemoryError
            except MemoryError as error:
                if hidden:
                    raise SourceError("cannot be read") from error
                raise

    said = outcome(Large(), model, Limits(memory_mb=512), no_progress)
    assert isinstance(said, Failed)
    assert "expression.csv of 2.0 MB" in said.message
    assert "more than the 512 megabytes" in said.message


def test_a_worker_without_a_model_says_why_and_ends(tmp_path):
    (tmp_path / "predictor").mkdir()
    (tmp_path / "predictor" / "card.json").write_text("{}")
    here, there = Pipe()
    handler = signal.getsignal(signal.SIGINT)
    work(there, tmp_path, Limits())
    signal.signal(signal.SIGINT, handler)
    assert str(tmp_path) in here.recv().message
