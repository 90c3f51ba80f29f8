"""The figures that the docs show, from the measured tables under results/.

python -m runs.figures
"""

from pathlib import Path

import pandas as pd

from drugripple.report.figures import curve


def main() -> None:
    folder = Path("docs/figures")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gene_share.svg").write_text(gene_share(pd.read_csv("results/gene_share.csv")))


def gene_share(table: pd.DataFrame) -> str:
    """Squared error on held-out profiles, relative to "no change" on the same genes."""
    table = table.assign(relative=table["mse"] / table["mse_no_change"])
    names = {"ours": "genes hidden at random in pretraining", "ours-no-hiding": "all genes always shown"}
    by_share = table.groupby(["model", "share"])["relative"]
    mean, spread = by_share.mean().unstack("model"), by_share.std().fillna(0.0).unstack("model")
    return curve(
        mean.index.to_numpy() * 100,
        {names[model]: mean[model].to_numpy() for model in names},
        deviation={names[model]: spread[model].to_numpy() for model in names},
        x_label="share of the 978 genes that is there (%)",
        y_label="MSE relative to no change",
        levels={"no change": 1.0},
    )


if __name__ == "__main__":
    main()
