"""Tables about training: stage 1, the fast settings, and what the molecule encoder is worth."""

import math
from collections.abc import Callable
from functools import partial

from drugripple.errors import TableError
from tools.pages.measured import Measured
from tools.pages.numbers import decimals, table

STAGE_1 = {"mse": "MSE", "profile_pcc": "correlation within profiles", "gene_pcc": "correlation within genes"}
SHIPPED = {
    "no_change/": "no change",
    "training_mean/": "training mean",
    "ridge_morgan/": "ridge regression on Morgan bits",
    "csg2a-ours/paper": "shipped network",
    "csg2a-paper/paper": "paper's form (profile as output, no anchors)",
}
ALL_DATA = {
    "no_change/all-data": "no change",
    "training_mean/all-data": "training mean",
    "ridge_morgan/all-data": "ridge regression on Morgan bits",
    "csg2a-ours-all/paper": "as shipped, trained on all of it",
}
ENCODERS = {
    "finetune_mat_small": "`mat-small`",
    "finetune_mat_random": "the same encoder with random weights",
    "finetune_morgan": "Morgan bits, no encoder",
    "product_kernel_gp": "pair GP of Table 1, same folds",
    "mean_effects": "mean effects, same folds",
}
VECTORS = {
    "mat_small": "`mat-small`",
    "mat_random": "the same encoder with random weights",
    "atom_features": "sums of the 28 atom features",
    "morgan_bits": "Morgan bits",
    "morgan_counts": "Morgan counts",
}
MASKED = {
    "element": "element",
    "element_not_carbon": "element, where it is not carbon",
    "degree": "number of neighbours (visible in the bonds)",
    "hydrogens": "attached hydrogens",
    "charge": "formal charge",
    "ring": "in a ring",
    "aromatic": "aromatic",
}


def stage_1(measured: Measured, models: dict[str, str]) -> str:
    """Scores of held-out profiles, seed 0."""
    rows = [
        (
            label,
            *(
                decimals(measured.result(f"pretrain/{model}/compound_blind/{metric}", seed=0).mean)
                for metric in STAGE_1
            ),
        )
        for model, label in models.items()
    ]
    return table(("predictor", *STAGE_1.values()), rows)


def fast_settings(measured: Measured) -> str:
    """RMSE of one cell-blind fold with and without both fast settings, two seeds each."""

    def cell(preset: str) -> str:
        scores = (measured.result(f"main_job/csg2a/{preset}/cell_blind/rmse", seed=seed).mean for seed in (0, 1))
        return ", ".join(map(decimals, scores))

    rows = [
        ("raw target", cell("paper-short"), cell("paper-fast")),
        ("residual target", cell("residual"), cell("residual-fast")),
    ]
    return table(("RMSE with seeds 0 and 1", "single precision, row masks", "bfloat16, entity masks"), rows)


def fast_and_plain(measured: Measured) -> str:
    """RMSE minus that of the plain network with the same seed: mean and deviation over seeds."""
    ways = {"dense": "every matrix built (one seed)", "fused": "fused", "fast": "fused, bfloat16, entity masks"}

    def cell(way: str, preset: str) -> str:
        if (way, preset) == ("dense", "every-1"):
            return "not run"
        row = measured.result(f"fast_and_plain/{way}/{preset}/mixed/rmse_minus_plain")
        return decimals(row.mean, 4) if math.isnan(row.sd) else f"{decimals(row.mean, 4)} ({decimals(row.sd, 4)})"

    rows = [(label, *(cell(way, preset) for preset in ("every-10", "every-1"))) for way, label in ways.items()]
    return table(("RMSE minus that of the plain network", "one row in ten, 10 seeds", "every row, 4 seeds"), rows)


def masked_atoms(measured: Measured) -> str:
    """Share of masked atoms whose property is guessed right."""

    def cell(model: str, name: str) -> str:
        return decimals(measured.result(f"mat_small/{model}//scaffold_blind/masked_{name}_accuracy").mean)

    rows = [(label, *(cell(model, name) for model in MODELS_OF_MASKED)) for name, label in MASKED.items()]
    return table(("property", *MODELS_OF_MASKED.values()), rows)


MODELS_OF_MASKED = {"mat_small": "`mat-small`", "mat_random": "untrained", "majority": "most frequent class"}


def frozen_vectors(measured: Measured) -> str:
    """What frozen vectors are worth for compounds that were never trained on."""
    metrics = ("gdsc2_mean_ln_ic50_pcc", "l1000_consensus_centred_pcc")
    head = ("vector", "mean ln IC50 of GDSC2 compounds, PCC", "consensus L1000 signature, PCC")
    rows = [
        (label, *(_mean_and_sd(measured, f"mat_small/{vector}//drug_blind/{metric}") for metric in metrics))
        for vector, label in VECTORS.items()
    ]
    return table(head, rows)


def encoders(measured: Measured) -> str:
    """The whole network fine-tuned with each encoder, three drug-blind folds."""
    metrics = {"rmse": "RMSE", "pcc": "PCC", "per_drug_pcc": "PCC within a drug"}
    rows = [
        (label, *(_mean_and_sd(measured, f"mat_small/{model}//drug_blind/{metric}") for metric in metrics))
        for model, label in ENCODERS.items()
    ]
    return table(("reads the structure", *metrics.values()), rows)


def _mean_and_sd(measured: Measured, key: str) -> str:
    row = measured.result(key)
    if math.isnan(row.mean) or math.isnan(row.sd):
        message = f"{key} has no mean or no deviation"
        raise TableError(message)
    return f"{decimals(row.mean)} ({decimals(row.sd)})"


TRAINING: dict[str, Callable[[Measured], str]] = {
    "stage_1_shipped": partial(stage_1, models=SHIPPED),
    "stage_1_all_data": partial(stage_1, models=ALL_DATA),
    "fast_settings": fast_settings,
    "fast_and_plain": fast_and_plain,
    "masked_atoms": masked_atoms,
    "frozen_vectors": frozen_vectors,
    "encoders": encoders,
}
