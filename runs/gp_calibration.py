"""Are the Gaussian process's intervals as wide as they say? GDSC2, folds of runs/table1.toml.

python -m runs.gp_calibration --schemes mixed --folds 0,1,2
"""

import argparse
import json
import os
import warnings
from pathlib import Path

import numpy as np
from scipy import stats

from drugripple.evaluation.leaks.compound_twins import molecule_numbers
from drugripple.evaluation.metrics import rmse, spearman
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.splits import make_folds
from drugripple.predictors.pair_gp.product_kernel import ProductKernel
from drugripple.predictors.saving import require_fitted
from drugripple.sources.public.tidy import read_gdsc

LEVELS = (0.5, 0.8, 0.9, 0.95)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("DRUGRIPPLE_DATA", "../shared/data")))
    parser.add_argument("--out", type=Path, default=Path("results/table1/gp_calibration.json"))
    parser.add_argument("--schemes", default=",".join(Scheme))
    parser.add_argument("--folds", default="0,1,2")
    parser.add_argument("--samples", type=int, default=32)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    table = read_gdsc(options.data, "GDSC2").table
    molecules = molecule_numbers(table.compounds)[table.compound_row]
    results = json.loads(options.out.read_text()) if options.out.exists() else {}
    for scheme in map(Scheme, options.schemes.split(",")):
        folds = make_folds(table.sample_row, molecules, scheme, seed=0)
        for number in map(int, options.folds.split(",")):
            name = f"{scheme.value} fold {number}"
            if name in results:
                continue
            train, valid, test = (table.take(getattr(folds[number], part)) for part in ("train", "valid", "test"))
            model = ProductKernel()
            model.fit(train, valid, seed=0)
            mean, sd = model.predict_with_sd(test, samples=options.samples)
            z = (test.values - mean) / sd
            results[name] = {
                "rows": len(test),
                "rmse": round(rmse(test.values, mean), 4),
                "mean_sd": round(float(np.sqrt((sd**2).mean())), 4),
                "coverage": {
                    str(level): round(float((np.abs(z) <= stats.norm.ppf((1 + level) / 2)).mean()), 4)
                    for level in LEVELS
                },
                "sd_of_z": round(float(z.std()), 4),
                "spearman_of_sd_and_absolute_error": round(spearman(sd, np.abs(test.values - mean)), 4),
                "hyperparameters": {
                    k: round(v, 4) for k, v in vars(require_fitted(model.learnt, model.name).posterior.scales).items()
                },
            }
            options.out.parent.mkdir(parents=True, exist_ok=True)
            options.out.write_text(json.dumps(results, indent=1) + "\n")
            print(name, results[name], flush=True)


if __name__ == "__main__":
    main()
