"""How much harder are honest shifts than new lines or new compounds? Other studies, tissues, scaffolds and mechanisms.

    OMP_NUM_THREADS=1 python -m runs.shifts --data ../shared/data --out out/shifts --workers 2

Quick models on ten folds of each shift (three across studies), and of plain GDSC2 folds to compare with. Rows go to
results/results.csv, one experiment a shift; what is finished is not redone. Each folder of `--out` holds a report.
Across studies only compounds that both have can be tested where a scheme takes them for known: compare correlations
within drugs there, not the RMSE of other compounds.
"""

import argparse
from pathlib import Path

from drugripple.config import make_run
from drugripple.recipes.benchmark.run import failures, run_benchmark, train_benchmark
from drugripple.recipes.benchmark.settings import BenchmarkRun
from tools.export import export

MODELS = ("drug_mean", "mean_effects", "nearest_drug", "ridge", "svm", "product_kernel_gp")
STUDIES = {
    "scheme": ["mixed", "cell_blind"],
    "fold": [0, 1, 2],
    "model": ("mean_effects", "svm", "product_kernel_gp"),
}
SHIFTS = {
    "shift_none": {"scheme": ["cell_blind", "drug_blind"]},
    "gdsc1": STUDIES | {"dataset": "GDSC1"},
    "gdsc2": STUDIES | {"dataset": "GDSC2"},
    "shift_tissue": {"scheme": ["cell_blind"], "split": {"samples_by": "tissue"}},
    "shift_analogues": {"scheme": ["drug_blind"], "split": {"compounds_by": "analogues"}},
    "shift_scaffold": {"scheme": ["drug_blind"], "split": {"compounds_by": "scaffold"}},
    "shift_mechanism": {"scheme": ["drug_blind"], "split": {"compounds_by": "mechanism"}},
    "gdsc1_to_gdsc2": STUDIES | {"dataset": "GDSC1", "test_dataset": "GDSC2"},
    "gdsc2_to_gdsc1": STUDIES | {"dataset": "GDSC2", "test_dataset": "GDSC1"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=list(SHIFTS), choices=list(SHIFTS))
    options = parser.parse_args()
    for name in options.only:
        settings = {
            "data": options.data, "out": options.out / name, "workers": options.workers, "model": MODELS,
        }  # fmt: skip
        run = make_run(BenchmarkRun, settings | SHIFTS[name], name)
        outcome = train_benchmark(run)
        if outcome.failed:
            raise SystemExit("\n".join(failures(outcome)))
        command = f"python -m runs.shifts --only {name}"
        done = run_benchmark(run, report_only=True, command=command)
        export(run.out, experiment=name, command=command)
        summary = done.findings.board.summary.query("metric in ('rmse', 'pcc', 'per_drug_pcc_mean')")
        wide = summary.pivot_table(index="model", columns=["scheme", "metric"], values="mean")
        print(name, wide.round(3).to_string(), sep="\n", flush=True)


if __name__ == "__main__":
    main()
