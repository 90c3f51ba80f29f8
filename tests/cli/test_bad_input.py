"""Bad files, as a person meets them: exit status 2, one line that names the culprit, and nothing half-written."""

import shutil

import numpy as np
import pandas as pd
import pytest

from .conftest import exit_code


@pytest.fixture
def out(place, tmp_path, monkeypatch):
    """An empty folder for results; commands run where the docs run."""
    monkeypatch.chdir(place)
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def refused(out, capsys):
    """Run a command that must refuse, and return its one line."""

    def run_and_read(*arguments, left=()):
        assert exit_code(*arguments) == 2
        told = capsys.readouterr().err.strip()
        assert len(told.splitlines()) == 1, told
        assert told.startswith("error: ")
        assert sorted(str(path.relative_to(out)) for path in out.rglob("*")) == sorted(left)
        return told

    return run_and_read


@pytest.fixture(scope="module")
def samples(tidy_folder):
    return pd.read_csv(tidy_folder / "samples.csv", index_col="sample").astype(object)


def changed(table, value):
    table = table.copy()
    table.iloc[1, 2] = value
    return table


EXPRESSION = {
    "empty": (lambda table: "", "is empty (0 bytes)"),
    "no row": (lambda table: table.head(0), "has a header but no row"),
    "genes twice": (
        lambda table: pd.concat([table, table.iloc[:, :1]], axis=1),
        "1 gene appears more than once: ['DDR1",
    ),
    "samples twice": (lambda table: pd.concat([table, table.iloc[:1]]), "1 sample appears more than once: ['L1']"),
    "missing": (lambda table: changed(table, np.nan), "1 value is missing"),
    "infinite": (lambda table: changed(table, "inf"), "1 value is infinite"),
    "absurd": (lambda table: changed(table, "1e9999999999"), "1 value is infinite"),
    "word": (lambda table: changed(table, "high"), "1 value is not a number"),
    "unknown genes": (lambda table: table.set_axis([f"x{i}" for i in range(61)], axis=1), "no gene is known"),
    "raw counts": (lambda table: (2 ** table.astype(float) * 50).round().astype(int), "raw counts"),
    "linear": (lambda table: 2 ** table.astype(float) * 50, "linear TPM"),
}
DEFAULT_TAKES = ("doctor", "linear")
"""The default model takes it, so that the doctor does not call it useless."""
COMPOUNDS = {
    "unparsable": ("name,smiles\na,C1CC\nb,nonsense\n", "none of 2 structures can be used (first: compound 'a'"),
    "empty": ("", "is empty (0 bytes)"),
    "no row": ("name,smiles\n", "has a header but no row"),
    "no dose": ("name,smiles,dose_um\na,CCO,0\nb,CCN,1\n", "1 value of dose_um is no number above 0"),
    "negative dose": ("name,smiles,dose_um\na,CCO,-3\nb,CCN,1\n", "['a on line 2: -3']"),
    "absurd dose": ("name,smiles,dose_um\na,CCO,1e300\nb,CCN,1\n", "['a on line 2: 1e300']"),
    "negative time": ("name,smiles,hours\na,CCO,-3\nb,CCN,1\n", "1 value of hours is no number above 0"),
    "twice": ("name,smiles\na,CCO\na,CCO\n", "1 compound repeats"),
}


@pytest.mark.parametrize(
    ("verb", "case"),
    [(verb, case) for verb in ("predict", "explain", "doctor") for case in EXPRESSION if (verb, case) != DEFAULT_TAKES],
)
def test_expression_of_no_use(refused, out, tmp_path, samples, verb, case):
    make, complaint = EXPRESSION[case]
    content = make(samples)
    path = tmp_path / "bad.csv"
    path.write_text(content if isinstance(content, str) else content.to_csv())
    asked = ("--model", "my_run", "--expression", path, "--compounds", "compounds.csv", "--out", out / "x.csv")
    told = refused(*(("data", "doctor", path) if verb == "doctor" else (verb, *asked)))
    assert complaint in told
    assert "bad.csv" in told


@pytest.mark.parametrize("verb", ["predict", "explain", "doctor"])
@pytest.mark.parametrize("case", COMPOUNDS)
def test_compounds_of_no_use(refused, out, tmp_path, verb, case):
    content, complaint = COMPOUNDS[case]
    path = tmp_path / "bad.csv"
    path.write_text(content)
    asked = ("--model", "my_run", "--expression", "samples.csv", "--compounds", path, "--out", out / "x.csv")
    told = refused(*(("data", "doctor", path) if verb == "doctor" else (verb, *asked)))
    assert complaint in told
    assert "bad.csv" in told


def test_one_structure_of_no_use_is_named_and_moves_no_row(place, out, tmp_path, capsys):
    path = tmp_path / "some.csv"
    path.write_text("name,smiles\nbroken,C1CC\nethanol,CCO\n")
    asked = ("--model", "my_run", "--expression", "samples.csv", "--out", out / "p.csv", "--overwrite")
    assert exit_code("predict", *asked, "--compounds", path) == 0
    told = capsys.readouterr().err
    assert "1 of 2 compounds cannot be used and is left out" in told
    assert "'broken' with SMILES 'C1CC' cannot be read" in told
    path.write_text("name,smiles\nethanol,CCO\n")
    first = pd.read_csv(out / "p.csv")
    assert exit_code("predict", *asked, "--compounds", path) == 0
    pd.testing.assert_frame_equal(pd.read_csv(out / "p.csv"), first)


def damaged(make):
    """A change to `model.safetensors`."""
    return lambda folder: (folder / "model.safetensors").write_bytes(make((folder / "model.safetensors").read_bytes()))


def other_card(old, new):
    def change(folder):
        text = (folder / "card.json").read_text()
        assert old in text
        (folder / "card.json").write_text(text.replace(old, new, 1))

    return change


CHECKPOINTS = {
    "cut short": (damaged(lambda content: content[:-1]), "is truncated or altered"),
    "one bit": (
        damaged(lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]),
        "truncated or altered",
    ),
    "card cut short": (lambda folder: (folder / "card.json").write_bytes(b'{"kind": "resp'), "is not a card"),
    "no tensors": (lambda folder: (folder / "model.safetensors").unlink(), "cannot be read"),
    "genes renamed": (other_card('"DDR1"', '"DDR7"'), "was altered"),
    "another width": (other_card('"hidden": 64', '"hidden": 32'), "was altered"),
}


@pytest.mark.parametrize("verb", ["predict", "explain"])
@pytest.mark.parametrize("case", CHECKPOINTS)
def test_checkpoint_that_was_damaged_or_altered(refused, place, out, tmp_path, verb, case):
    damage, complaint = CHECKPOINTS[case]
    shutil.copytree(place / "my_run" / "checkpoint", tmp_path / "model")
    damage(tmp_path / "model")
    asked = ("--expression", "samples.csv", "--compounds", "compounds.csv", "--out", out / "x.csv")
    assert complaint in refused(verb, "--model", tmp_path / "model", *asked)


@pytest.mark.parametrize("verb", ["predict", "explain", "finetune"])
def test_checkpoint_of_the_other_stage(refused, place, out, verb):
    from drugripple.model.folders import shipped_folder
    from drugripple.model.settings import L1000_LANDMARK

    if verb == "finetune":
        told = refused(
            verb, "run.toml", "--out", out / "run", "--set", f"network.backbone={place / 'my_run' / 'checkpoint'}"
        )
        assert "holds a response network; a perturbation network is needed here" in told
        return
    asked = ("--expression", "samples.csv", "--compounds", "compounds.csv", "--out", out / "x.csv")
    told = refused(verb, "--model", shipped_folder(L1000_LANDMARK), *asked)
    assert "holds a perturbation network; a response network is needed here" in told


def parquet(name, change):
    return lambda folder: change(pd.read_parquet(folder / name)).to_parquet(folder / name)


RESPONSE, DRUGS, LINES = "gdsc/response.parquet", "gdsc/drugs.parquet", "gdsc/expression.parquet"
TIDY = {
    "empty": (lambda folder: (folder / RESPONSE).write_bytes(b""), "response.parquet cannot be read"),
    "cut short": (lambda folder: (folder / LINES).write_bytes((folder / LINES).read_bytes()[:999]), "cannot be read"),
    "no row": (parquet(RESPONSE, lambda table: table.head(0)), "response.parquet has no row"),
    "word": (parquet(RESPONSE, lambda table: table.assign(ln_ic50="high")), "hold no numbers: ['ln_ic50']"),
    "no structure": (
        parquet(DRUGS, lambda table: table.assign(canonical_smiles="C1CC")),
        "SMILES 'C1CC' cannot be read",
    ),
    "lines twice": (parquet(LINES, lambda table: pd.concat([table, table.head(1)])), "1 samples repeat: ['L1']"),
    "missing": (parquet(LINES, lambda table: table.assign(RPS5=np.nan)), "expression values are NaN or infinite"),
    "infinite": (parquet(LINES, lambda table: table.assign(RPS5=np.inf)), "expression values are NaN or infinite"),
    "raw counts": (parquet(LINES, lambda table: table.assign(RPS5=1520.0)), "holds 1520 (sample 'L1', gene 'RPS5')"),
    "unknown genes": (
        parquet(LINES, lambda table: table.set_axis(["cell_line", *(f"x{i}" for i in range(61))], axis=1)),
        "none of these 61 genes",
    ),
}


@pytest.mark.parametrize("case", TIDY)
def test_finetune_on_data_of_no_use(refused, tidy_folder, out, tmp_path, case):
    damage, complaint = TIDY[case]
    shutil.copytree(tidy_folder, tmp_path / "tidy")
    damage(tmp_path / "tidy")
    assert complaint in refused("finetune", "run.toml", "--data", tmp_path / "tidy", "--out", out / "run")


def test_finetune_names_a_structure_it_leaves_out(tidy_folder, out, tmp_path, capsys):
    shutil.copytree(tidy_folder, tmp_path / "tidy")
    parquet(DRUGS, lambda table: table.replace(table["canonical_smiles"].iloc[0], "C1CC"))(tmp_path / "tidy")
    assert exit_code("finetune", "run.toml", "--data", tmp_path / "tidy", "--out", out / "run") == 0
    rows = pd.read_parquet(tidy_folder / RESPONSE)["drug_id"].eq(1).sum()
    assert f"left out: {rows} measured responses (SMILES 'C1CC' cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "complaint"),
    [
        ("dose_um = -1", "dose_um: Input should be greater than 0 (got -1)"),
        ("dose_um = 0", "dose_um: Input should be greater than 0 (got 0)"),
        ("dose_um = inf", "dose_um: Input should be a finite number"),
    ],
)
def test_finetune_at_a_dose_that_is_none(refused, place, out, tmp_path, key, complaint):
    text = (place / "run.toml").read_text().replace("[network.response]\n", f"[network.response]\n{key}\n")
    (tmp_path / "bad.toml").write_text(text)
    assert complaint in refused("finetune", tmp_path / "bad.toml", "--out", out / "run")


STORE = {
    "dose": (parquet("profiles.parquet", lambda table: table.assign(dose_um=-1.0)), "values of dose"),
    "no dose": (parquet("profiles.parquet", lambda table: table.assign(dose_um=0.0)), "values of dose"),
    "structure": (parquet("compounds.parquet", lambda table: table.assign(smiles="C1CC")), "'C1CC' cannot be read"),
    "empty": (lambda folder: (folder / "treated.npy").write_bytes(b""), "treated.npy is missing or truncated"),
    "cut short": (
        lambda folder: (folder / "treated.npy").write_bytes((folder / "treated.npy").read_bytes()[:-4]),
        "treated.npy is missing or truncated",
    ),
    "other genes": (lambda folder: (folder / "genes.txt").write_text("A\nB\n"), "is not the gene list"),
    "no controls": (lambda folder: (folder / "controls.txt").unlink(), "is a damaged profile store"),
}


@pytest.mark.parametrize("case", STORE)
def test_pretrain_on_a_store_of_no_use(refused, place, out, tmp_path, case):
    damage, complaint = STORE[case]
    shutil.copytree(place / "store", tmp_path / "store")
    damage(tmp_path / "store")
    (tmp_path / "run.toml").write_text(f'data = "{tmp_path / "store"}"\nout = "x"\nprior = "none"\n')
    told = refused("pretrain", tmp_path / "run.toml", "--out", out / "run", left=("run", "run/run.toml"))
    assert complaint in told


def test_result_folder_that_is_a_file(refused, out):
    (out / "run").write_text("mine")
    assert "run" in refused("finetune", "run.toml", "--out", out / "run", left=("run",))
    assert (out / "run").read_text() == "mine"


def test_both_results_in_one_file(refused, out):
    asked = ("--model", "my_run", "--expression", "samples.csv", "--compounds", "compounds.csv")
    told = refused("predict", *asked, "--out", out / "p.parquet", "--perturbed", out / "p.parquet")
    assert "name two files" in told
