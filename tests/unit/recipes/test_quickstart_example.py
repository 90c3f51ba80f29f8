from pathlib import Path

import pytest

import drugripple
from drugripple.config import default_model_folder
from drugripple.errors import CheckpointError
from drugripple.predict.load import saved_default
from drugripple.recipes import quickstart_example
from drugripple.recipes.default_model.settings import DefaultModelRun
from drugripple.recipes.quickstart_example import _make_default
from drugripple.runtime.progress import no_progress


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[DefaultModelRun]:
    """The builds that were asked for."""
    runs: list[DefaultModelRun] = []
    monkeypatch.setattr(quickstart_example, "build_default", lambda run, **_: runs.append(run))
    return runs


def left_by_another_version(folder: Path, run: str) -> Path:
    (folder / "model" / "predictor").mkdir(parents=True)
    (folder / "model" / "predictor" / "card.json").write_text("{}")
    (folder / "run.toml").write_text(run)
    return folder


def test_a_default_model_that_cannot_be_read_says_how_it_is_built_again(tmp_path: Path) -> None:
    folder = left_by_another_version(tmp_path / "default", "seed = 0\n")
    with pytest.raises(CheckpointError, match=r"built again by the command `drugripple build-default`, .*`overwrite`"):
        saved_default(folder)


def test_quickstart_builds_one_of_public_data_again(tmp_path: Path, built: list[DefaultModelRun]) -> None:
    folder = left_by_another_version(tmp_path / "default", "seed = 0\n")
    _make_default(folder, None, no_progress)
    assert [(run.out, run.overwrite) for run in built] == [(folder, True)]


def test_quickstart_leaves_one_of_own_responses_alone(tmp_path: Path, built: list[DefaultModelRun]) -> None:
    own = 'responses = "mine.csv"\nexpression = "lines.csv"\n'
    folder = left_by_another_version(tmp_path / "default", own)
    with pytest.raises(CheckpointError, match="built again"):
        _make_default(folder, None, no_progress)
    assert not built


def test_quickstart_builds_one_where_there_is_none(tmp_path: Path, built: list[DefaultModelRun]) -> None:
    _make_default(tmp_path / "default", None, no_progress)
    assert [run.overwrite for run in built] == [False]


def test_without_a_run_it_is_built_where_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """As messages say that it is done in Python."""

    def stop(run: DefaultModelRun, **_: object) -> None:
        raise StopIteration(run.out)

    monkeypatch.setattr("drugripple.recipes.default_model.run.run_folder", stop)
    with pytest.raises(StopIteration) as stopped:
        drugripple.build_default()
    assert stopped.value.value == default_model_folder()
