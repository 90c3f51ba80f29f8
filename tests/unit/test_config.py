import pytest

from drugripple.config import make_run, read_run, read_toml, write_run
from drugripple.errors import ConfigError, OutputError
from drugripple.model.presets import Preset
from drugripple.model.settings import Apply, Freeze
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.recipes.finetune import FinetuneRun
from drugripple.recipes.pretrain.settings import PretrainMoleculesRun
from drugripple.training.settings import TrainingSettings


def test_the_presets_are_those_of_the_discrepancy_table():
    paper, released = (preset.perturbation() for preset in (Preset.PAPER, Preset.RELEASED))
    assert (paper.apply, released.apply) == (Apply.MATVEC, Apply.ROWSUM)
    paper, released = (preset.response() for preset in (Preset.PAPER, Preset.RELEASED))
    assert (paper.head_basal, paper.freeze, paper.positive_scale) == ("scaled", Freeze.TRUE, True)
    assert (released.head_basal, released.freeze, released.positive_scale) == ("raw", Freeze.RELEASED, False)


def test_masks_of_entities_are_refused_where_batch_norm_moves():
    with pytest.raises(ConfigError, match="dropout_of = 'entity' needs freeze = 'true', not 'released'"):
        Preset.RELEASED.response(dropout_of="entity")


def test_an_unknown_key_is_named(tmp_path):
    (tmp_path / "run.toml").write_text('data = "d"\nout = "o"\nfreese = true\n')
    with pytest.raises(ConfigError, match=r"run.toml: there is no key freese; there are out, overwrite, data"):
        read_run(tmp_path / "run.toml", FinetuneRun)


def test_every_fault_is_named_at_once():
    with pytest.raises(
        ConfigError,
        match=r"(?s)(?=.*out is missing)(?=.*batch: Input should be greater than 1)",
    ):
        make_run(FinetuneRun, {"data": "d", "network": {"training": {"batch": 1}}}, "here")


def test_changes_to_a_preset_are_refused_by_name():
    with pytest.raises(ConfigError, match=r"\[response\]: dose_um: Input should be greater than 0 \(got 0\)"):
        Preset.PAPER.response(dose_um=0)
    with pytest.raises(ConfigError, match=r"\[perturbation\]: there is no key colour"):
        Preset.RELEASED.perturbation(colour="red")
    with pytest.raises(ConfigError, match="prior_weight: Input should be a finite number"):
        Preset.PAPER.perturbation(prior_weight=float("inf"))


def test_a_run_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "run.toml").mkdir()
    (tmp_path / "run.toml" / "mine").touch()
    with pytest.raises(OutputError, match=r"cannot write .*run\.toml: Is a directory"):
        write_run(FinetuneRun(data=tmp_path, out=tmp_path), tmp_path / "run.toml")
    assert [path.name for path in tmp_path.iterdir()] == ["run.toml"]


def test_a_file_that_is_not_toml_is_refused(tmp_path):
    (tmp_path / "run.toml").write_text("data: yaml")
    with pytest.raises(ConfigError, match="cannot read the run file"):
        read_run(tmp_path / "run.toml", FinetuneRun)


def test_what_the_command_line_says_wins(tmp_path):
    (tmp_path / "run.toml").write_text('data = "d"\nout = "o"\nseed = 1\n')
    run = read_run(tmp_path / "run.toml", FinetuneRun, seed=5, fold=None)
    assert (run.seed, run.fold) == (5, 0)


def test_the_resolved_run_reads_back_equal(tmp_path):
    network = {"training": {"cosine_epochs": 0}, "response": {"widths": [32, 16]}}
    values = {"data": "d", "out": "o", "split": {"folds": 5}, "network": network}
    run = make_run(FinetuneRun, values, "here")
    write_run(run, tmp_path / "run.toml")
    assert read_run(tmp_path / "run.toml", FinetuneRun) == run
    assert [path.name for path in tmp_path.iterdir()] == ["run.toml"]


def test_rates_in_the_wrong_order_are_refused():
    with pytest.raises(ValueError, match=r"final_rate 0\.1 is above learning_rate 0\.001"):
        TrainingSettings(learning_rate=1e-3, final_rate=0.1)


SOURCE = {"file": "a.smi", "terms": "CC0"}


@pytest.mark.parametrize("seed", [-1, 2**31, 10**20])
@pytest.mark.parametrize("key", ["seed", "conformer_seed"])
def test_a_seed_that_a_generator_would_not_take_is_refused_by_its_key(key, seed):
    with pytest.raises(ConfigError, match=rf"{key} is {seed}; a seed is a whole number from 0"):
        make_run(PretrainMoleculesRun, {"data": ".", "out": "o", "sources": (SOURCE,), key: seed}, "run.toml")


def test_a_list_of_seeds_is_looked_at_seed_by_seed():
    with pytest.raises(ConfigError, match="seed is -5; a seed is a whole number"):
        make_run(BenchmarkRun, {"data": ".", "out": "o", "model": ("svm",), "seed": (0, -5)}, "run.toml")


def test_keys_with_too_many_dots_are_refused(tmp_path):
    (tmp_path / "r.toml").write_text(".".join(["a"] * 3_000) + " = 1")
    with pytest.raises(ConfigError, match=r"r\.toml: it nests more than 100 deep"):
        read_toml(tmp_path / "r.toml")
