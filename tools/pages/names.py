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
    "csg2a_paper": "CSG²A, preset `paper`",
    "csg2a_released": "CSG²A, preset `released`",
    "csg2a_drugripple": "CSG²A, preset `drugripple`",
    "csg2a_best": "CSG²A, preset `best`",
    "csg2a_drugripple-with-gp": "mean of CSG²A (preset `drugripple`) and pair GP",
    "csg2a/residual": "CSG²A, residual of mean effects, cut at twelve epochs",
    "graphdrp": "GraphDRP",
    "pathdnn": "PathDNN",
    "precily": "Precily",
    "ensemble_mf": "EnsembleMF",
    "drvae": "Dr.VAE",
    "drvae_released": "Dr.VAE, as the released code draws z₂",
}
"""Display name of each model, or model/preset, of Table 1."""

SCHEMES: Mapping[str, str] = {
    "mixed": "mixed",
    "cell_blind": "cell-blind",
    "drug_blind": "drug-blind",
    "disjoint": "disjoint",
}
"""The paper's words."""
