"""A screen that is started again notices every altered bit: it computes the part again, or refuses by its name."""

import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drugripple.config import make_run
from drugripple.errors import ConfigError
from drugripple.model.settings import MatSettings, PerturbationSettings
from drugripple.predict.screen.run import screen
from drugripple.predict.screen.settings import ScreenRequest

SAMPLES = 12


def request(question, out, mode):
    model, expression, compounds = question
    asked = {"model": model, "expression": expression, "compounds": compounds, "out": out, "mode": mode, "top": 4}
    return make_run(ScreenRequest, asked | {"shard_pairs": 7 * SAMPLES}, "test")


def result(folder, mode):
    table = pd.read_parquet(folder / ("full" if mode == "full" else "top.parquet"))
    return table.astype(dict.fromkeys(table.select_dtypes("category").columns, str))


def interrupted(question, out, mode):
    """A screen that ended after the first of its three shards."""

    def stop(_, done, total):
        if 0 < done < total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        screen(request(question, out, mode), progress=stop)


@pytest.fixture(scope="module")
def screens(question, tmp_path_factory):
    """Finished and interrupted screens of both modes."""
    folder = tmp_path_factory.mktemp("screens")
    for mode in ("full", "top"):
        screen(request(question, folder / f"{mode} finished", mode))
        interrupted(question, folder / f"{mode} interrupted", mode)
    return folder


@given(data=st.data())
@settings(max_examples=16, deadline=None)
def test_an_altered_bit_anywhere_is_mended_or_refused(question, screens, tmp_path_factory, data):
    mode = data.draw(st.sampled_from(["full", "top"]))
    state = data.draw(st.sampled_from(["finished", "interrupted"]))
    out = tmp_path_factory.mktemp("altered") / "s"
    shutil.copytree(screens / f"{mode} {state}", out)
    files = sorted(path for path in out.rglob("*") if path.is_file())
    victim = data.draw(st.sampled_from(files))
    content = bytearray(victim.read_bytes())
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    content[bit // 8] ^= 1 << bit % 8
    victim.write_bytes(content)
    refusal = refusal_of(request(question, out, mode))
    if refusal:
        assert str(out) in refusal
        assert len(refusal.splitlines()) == 1
    else:
        assert state == "interrupted", f"bit {bit} of {victim} was accepted"
        pd.testing.assert_frame_equal(result(out, mode), result(screens / f"{mode} finished", mode))
    shutil.rmtree(out)


def refusal_of(asked):
    """What a screen says instead of a result."""
    try:
        screen(asked)
    except ConfigError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("mode", ["full", "top"])
@pytest.mark.parametrize("state", ["finished", "interrupted"])
def test_a_screen_does_not_go_on_after_what_it_is_made_from_changed(
    question, screens, save_network, tmp_path, mode, state
):
    """The smallest changes of the files: one value, one letter of a name; and another network."""
    shutil.copytree(screens / f"{mode} {state}", tmp_path / "s")
    model, expression, compounds = question
    samples = pd.read_csv(expression)
    samples.iloc[3, 5] = np.nextafter(samples.iloc[3, 5], 99)
    samples.to_csv(tmp_path / "samples.csv", index=False)
    (tmp_path / "library.csv").write_text(compounds.read_text().replace("bad ring", "bad Ring"))
    save_network(tmp_path / "model", PerturbationSettings(hidden=9, molecule=MatSettings(width=16, layers=1, heads=2)))
    for what, changed in {
        "expression": (model, tmp_path / "samples.csv", compounds),
        "library": (model, expression, tmp_path / "library.csv"),
        "model": (tmp_path / "model", expression, compounds),
    }.items():
        with pytest.raises(ConfigError, match=f"{what} differs"):
            screen(request(changed, tmp_path / "s", mode))
    screen(request(question, tmp_path / "s", mode))
    pd.testing.assert_frame_equal(result(tmp_path / "s", mode), result(screens / f"{mode} finished", mode))
