"""Is a pretrained MAT-small worth more than a random one, or than fingerprints? Frozen vectors, ridge, blind compounds.

    python -m runs.mat_small_compare --data DATA --run OUT --results results

OUT is the folder of the pretraining run (runs/mat_small.toml), DATA the tidy layout that the docs describe. Writes
results/mat_small/downstream_TARGET.csv (a row a kind of vector and seed) and masked_atoms.csv (guesses of the run on
molecules with unseen scaffolds), and the means over seeds to results/results.csv.
The ridge penalty is chosen on training compounds (generalised cross-validation over one wide grid for all vectors).
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

from drugripple.chem.featurise import featurise
from drugripple.chem.fingerprint import morgan
from drugripple.chem.molecule import standardise_all
from drugripple.config import cache_folder
from drugripple.model.mat.encoder import MoleculeAttentionTransformer, encode
from drugripple.model.mat.weights import load_mat
from tools.ledger import ResultRow, append_results

ALPHAS = np.logspace(-1, 6, 15)
SEEDS = {"gdsc2_mean_ln_ic50": 5, "l1000_consensus": 3}
FOLDS = 10
SKETCH = 64
"""Random mixtures of many targets on which the penalty is chosen; their summed error estimates that of all targets."""


def one_a_compound(smiles, values):
    """Molecules and the mean value over salts and stereoisomers of one compound."""
    usable = standardise_all(smiles).molecules
    molecules, rows_of = {}, {}
    for row, text in enumerate(smiles):
        if text in usable:
            rows_of.setdefault(usable[text].key, []).append(row)
            molecules.setdefault(usable[text].key, usable[text])
    return list(molecules.values()), np.stack([values[rows].mean(0) for rows in rows_of.values()])


def targets(data):
    """Mean ln IC50 of each GDSC2 compound over cell lines, and the consensus L1000 signature of each drug."""
    response = pd.read_parquet(data / "gdsc/response.parquet")
    mean = response[response["dataset"] == "GDSC2"].groupby("drug_id")["ln_ic50"].mean()
    drugs = pd.read_parquet(data / "gdsc/drugs.parquet").query("dataset == 'GDSC2'").dropna(subset="canonical_smiles")
    drugs = drugs[drugs["drug_id"].isin(mean.index)]
    yield (
        "gdsc2_mean_ln_ic50",
        "gdsc/response.parquet",
        *one_a_compound(drugs["canonical_smiles"], mean[drugs["drug_id"]].to_numpy()[:, None]),
    )
    meta = pd.read_parquet(data / "l1000/consensus_drugbank_meta.parquet")
    signature = pd.read_parquet(data / "l1000/consensus_drugbank.parquet").iloc[:, -978:].to_numpy(dtype=np.float64)
    yield (
        "l1000_consensus",
        "l1000/consensus_drugbank.parquet",
        *one_a_compound(meta["canonical_smiles"], np.clip(signature, -10, 10)),
    )


def vectors(graphs, molecules, mat, seed):
    """Kinds of vectors to compare; only the random network depends on the seed."""
    torch.manual_seed(seed)
    random = MoleculeAttentionTransformer(mat.config)
    yield "mat_small", encode(mat, graphs).numpy()
    yield "mat_random", encode(random, graphs).numpy()
    yield "morgan_bits", morgan(molecules)
    yield "morgan_counts", morgan(molecules, counts=True)
    yield "atom_features", np.stack([np.append(graph.atoms.sum(0), len(graph.atoms)) for graph in graphs])


def predict_blind(x, y, seed, scale):
    """Out-of-fold predictions, and the training mean of each fold; rare fingerprint bits are not scaled up."""
    predicted, mean = np.zeros_like(y), np.zeros_like(y)
    mix = np.random.default_rng(seed).normal(size=(y.shape[1], SKETCH)) if y.shape[1] > SKETCH else np.eye(y.shape[1])
    for train, test in KFold(FOLDS, shuffle=True, random_state=seed).split(x):
        scaler = StandardScaler(with_std=scale).fit(x[train])
        known = scaler.transform(x[train])
        penalty = RidgeCV(alphas=ALPHAS).fit(known, y[train] @ mix).alpha_
        model = Ridge(penalty).fit(known, y[train])
        predicted[test] = model.predict(scaler.transform(x[test])).reshape(len(test), -1)
        mean[test] = y[train].mean(0)
    return predicted, mean


def pearson(a, b):
    """Correlation of each pair of rows."""
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    return (a * b).sum(1) / np.sqrt((a**2).sum(1) * (b**2).sum(1)).clip(1e-12)


def measure(name, y, predicted, mean):
    """Compounds' values are correlated over compounds; signatures over genes, after the training mean is taken off."""
    if name == "l1000_consensus":
        yield "centred_pcc", pearson(predicted - mean, y - mean).mean()
    else:
        yield "pcc", np.corrcoef(predicted[:, 0], y[:, 0])[0, 1]
    yield "rmse", np.sqrt(((predicted - y) ** 2).mean())
    yield "rmse_of_mean", np.sqrt(((mean - y) ** 2).mean())


def compare(name, molecules, y, mat):
    """Scores of every kind of vector and seed."""
    made = featurise(molecules, cache=cache_folder() / "molecules")
    graphs = [made[molecule.parent] for molecule in molecules]
    rows = [
        {"target": name, "compounds": len(molecules), "vectors": kind, "seed": seed, "metric": metric, "value": value}
        for seed in range(SEEDS[name])
        for kind, x in vectors(graphs, molecules, mat, seed)
        for metric, value in measure(
            name, y, *predict_blind(x.astype(np.float64), y, seed, not kind.startswith("morgan"))
        )
    ]
    return pd.DataFrame(rows)


def summary(table, digest):
    """Means over seeds as rows of the results table."""
    for (target, kind, metric), group in table.groupby(["target", "vectors", "metric"], sort=False):
        yield ResultRow(
            "mat_small", kind, "", "drug_blind", FOLDS, 0, f"{target}_{metric}", group["value"].mean(),
            group["value"].std(), int(group["compounds"].iloc[0]), digest, COMMAND,
        )  # fmt: skip


def masked_rows(guesses, card):
    """Accuracy on masked atoms as rows of the results table."""
    digest = card.data[0].digest[:16]
    for row in guesses.itertuples():
        for model, column in (("mat_small", "accuracy"), ("mat_random", "untrained"), ("majority", "majority")):
            value, metric = getattr(row, column), f"masked_{row.property}_accuracy"
            yield ResultRow(
                "mat_small", model, "", "scaffold_blind", 1, 0, metric, value, np.nan, row.atoms, digest, RUN
            )


COMMAND = "python -m runs.mat_small_compare --data DATA --run OUT --results results"
RUN = "drugripple pretrain-molecules runs/mat_small.toml"


def main():
    parser = argparse.ArgumentParser()
    for name in ("data", "run", "results"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--target", help="only this one; all if not given")
    arguments = parser.parse_args()
    checkpoint = load_mat(arguments.run / "checkpoint")
    folder = arguments.results / "mat_small"
    folder.mkdir(parents=True, exist_ok=True)
    guesses = pd.read_csv(arguments.run / "metrics.csv")
    guesses.to_csv(folder / "masked_atoms.csv", index=False, float_format="%.5f")
    append_results(arguments.results / "results.csv", masked_rows(guesses, checkpoint.card))
    for name, file, smiles, y in targets(arguments.data):
        if arguments.target not in (None, name):
            continue
        digest = hashlib.sha256((arguments.data / file).read_bytes()).hexdigest()[:16]
        table = compare(name, smiles, y, checkpoint.mat)
        table.to_csv(folder / f"downstream_{name}.csv", index=False, float_format="%.5f")
        append_results(arguments.results / "results.csv", summary(table, digest))
        print(table.groupby(["target", "metric", "vectors"])["value"].agg(["mean", "std"]).round(4).to_string())


if __name__ == "__main__":
    main()
