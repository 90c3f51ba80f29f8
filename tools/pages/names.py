"""What a page calls the models and schemes of results.csv: one name for one thing."""

from collections.abc import Mapping

MODELS: Mapping[str, str] = {
    "global_mean": "mean of all responses",
    "drug_mean": "mean per drug",
    "line_mean": "mean per cell line",
    "tissue_mean": "mean per tissue",
    "tissue_drug_mean": "mean per tissue and drug",
    "mean_effects": "mean effects",
    "nearest_drug": "mean effects, a new drug as its nearest neighbour",
    "ridge": "ridge regression",
    "svm": "least-squares kernel machine (`svm`)",
    "lightgbm": "LightGBM, residual of mean effects",
    "rf": "random forest",
    "product_kernel_gp": "pair GP",
    "multi_trait_gp": "multi-trait GP",
    "default": "default model: multi-trait GP, MiniMol, other studies",
    "default_autoencoder": "the same, an autoencoder beside it for known pairs",
    "csg2a/paper": "CSG²A, raw target †",
    "csg2a/paper-random-init": "CSG²A, raw target, random features †",
    "csg2a_drugripple": "CSG²A, preset `drugripple`, trained until it converged",
    "csg2a_best": "CSG²A, preset `best`, trained until it converged",
    "csg2a/released": "CSG²A, row sums, raw target †",
    "csg2a/released-random-init": "CSG²A, row sums, raw target, random features †",
    "csg2a/residual": "CSG²A, residual of mean effects †",
    "csg2a/residual-random-init": "CSG²A, residual of mean effects, random features †",
    "csg2a-residual-with-gp": "mean of CSG²A (residual) and pair GP",
}
"""Display name of each model, or model/preset, of Table 1."""

SCHEMES: Mapping[str, str] = {
    "mixed": "mixed",
    "cell_blind": "cell-blind",
    "drug_blind": "drug-blind",
    "disjoint": "disjoint",
}
"""The paper's words."""
