"""Measure speed and memory, and add the figures to the history.

python -m benchmarks                      everything but the long ones, about a quarter of an hour on two cores
python -m benchmarks finetune_rows ...    some of it; the long ones (LONG) run only when named
python -m tools.pages                     write the pages that quote them

The rate of matrix products is measured in the same run, and the share of it that each hot path reached. Run
it on a quiet machine. Where other work cannot be kept away, --threads 1 is far less disturbed than two threads that
wait for each other.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.attention import attention_backward, attention_forward
from benchmarks.baselines import fit_seconds, fit_seconds_svr_exact
from benchmarks.default_screen import default_screen_pairs
from benchmarks.evaluation import evaluation_overhead_seconds
from benchmarks.folds import folds_at_once, mixed_fold_seconds
from benchmarks.gctx_stream import gctx_build_added_mib
from benchmarks.gpu import gpu_epoch_seconds, gpu_forty_folds_seconds
from benchmarks.memory import predict_peak_gib, step_peak_gib_10167
from benchmarks.molecules import mat_molecules, mat_molecules_backward
from benchmarks.peers import peer_rows
from benchmarks.pretrain import (
    pretrain_peak_gib,
    pretrain_processes,
    pretrain_read_rows,
    pretrain_rows,
    pretrain_rows_train_molecules,
)
from benchmarks.reading import (
    read_bomb_peak_gib,
    read_h5ad_peak_gib,
    read_large_h5ad_peak_gib,
    read_parquet_peak_gib,
)
from benchmarks.response import (
    finetune_rows,
    finetune_rows_5778,
    finetune_rows_bf16,
    predict_pairs,
    predict_pairs_bf16,
)
from benchmarks.roofline import FLOPS, matrix_rates, share
from benchmarks.scaling import cost_by_batch, cost_by_compounds, cost_by_genes, cost_by_rows, fusing_by_genes
from benchmarks.screen import screen_10m_peak_gib
from drugripple.model.products import quick_products
from tools.ledger import append_benchmark

ROOT = Path(__file__).parents[1]
HISTORY = ROOT / "benchmarks" / "history.jsonl"
BENCHMARKS = {
    "matrix_gflops": matrix_rates,
    "attention_forward": attention_forward,
    "attention_backward": attention_backward,
    "finetune_rows": finetune_rows,
    "finetune_rows_bf16": finetune_rows_bf16,
    "finetune_rows_5778": finetune_rows_5778,
    "predict_pairs": predict_pairs,
    "predict_pairs_bf16": predict_pairs_bf16,
    "mat_molecules": mat_molecules,
    "mat_molecules_backward": mat_molecules_backward,
    "cost_by_genes": cost_by_genes,
    "cost_by_rows": cost_by_rows,
    "fusing_by_genes": fusing_by_genes,
    "cost_by_batch": cost_by_batch,
    "cost_by_compounds": cost_by_compounds,
    "fit_seconds": fit_seconds,
    "predict_peak_gib": predict_peak_gib,
    "step_peak_gib_10167": step_peak_gib_10167,
    "pretrain_rows": pretrain_rows,
    "pretrain_read_rows": pretrain_read_rows,
    "pretrain_rows_train_molecules": pretrain_rows_train_molecules,
    "pretrain_peak_gib": pretrain_peak_gib,
    "pretrain_processes": pretrain_processes,
    "gctx_build_added_mib": gctx_build_added_mib,
    "evaluation_overhead_seconds": evaluation_overhead_seconds,
    "folds_at_once": folds_at_once,
    "mixed_fold_seconds": mixed_fold_seconds,
    "peer_rows": peer_rows,
    "fit_seconds_svr_exact": fit_seconds_svr_exact,
    "screen_10m_peak_gib": screen_10m_peak_gib,
    "default_screen_pairs": default_screen_pairs,
    "read_parquet_peak_gib": read_parquet_peak_gib,
    "read_h5ad_peak_gib": read_h5ad_peak_gib,
    "read_large_h5ad_peak_gib": read_large_h5ad_peak_gib,
    "read_bomb_peak_gib": read_bomb_peak_gib,
    "gpu_epoch_seconds": gpu_epoch_seconds,
    "gpu_forty_folds_seconds": gpu_forty_folds_seconds,
}
LONG = {
    "peer_rows",
    "read_parquet_peak_gib",
    "read_h5ad_peak_gib",
    "read_large_h5ad_peak_gib",
    "read_bomb_peak_gib",
    "mixed_fold_seconds",
    "fit_seconds_svr_exact",
    "screen_10m_peak_gib",
    "default_screen_pairs",
    "pretrain_peak_gib",
    "pretrain_processes",
    "gctx_build_added_mib",
    "gpu_epoch_seconds",
    "gpu_forty_folds_seconds",
}
"""Minutes each, or in need of a GPU; only when named."""


def main(arguments=None, benchmarks=BENCHMARKS):
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Time and memory of the hot paths.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"all but the long ones unless named: {', '.join(benchmarks)}"
    )
    parser.add_argument("--history", type=Path, default=HISTORY, help="where the figures go (one JSON object per line)")
    parser.add_argument(
        "--threads", type=int, help="of torch (its own choice unless given); 1 on a machine that is busy"
    )
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in benchmarks]
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; choose from {', '.join(benchmarks)}")
    if options.threads:
        torch.set_num_threads(options.threads)
    run = Run(options.history)
    names = options.names or [name for name in benchmarks if name not in LONG]
    if "matrix_gflops" not in names and any(name.removesuffix("_bf16") in FLOPS for name in names):
        names = ["matrix_gflops", *names]
    with quick_products():  # as training and prediction do it: also for the plain formula and the machine itself
        for name in names:
            for measured in benchmarks.get(name, matrix_rates)():
                run.add(measured)
    print(f"added to {options.history}")


class Run:
    """What was measured so far, on its way into the history."""

    def __init__(self, history):
        self.history, self.rates = history, {}

    def add(self, measured):
        """Keep a record, and the share of the matrix rate that it reached."""
        self._keep(measured)
        if measured.name.startswith("matrix_gflops"):
            self.rates[measured.name] = measured.value
        elif self.rates:
            reached = share(measured, self.rates)
            if reached is not None:
                self._keep(reached)

    def _keep(self, measured):
        told = f"{measured.hardware}; torch {torch.__version__}; torch threads: {torch.get_num_threads()}"
        record = replace(measured, hardware=told)
        append_benchmark(self.history, record)
        print(_line(record), flush=True)


def _line(record):
    ratio = "" if record.ratio is None else f", {record.ratio:.3g} times the {record.ratio_to}"
    genes = "" if record.genes is None else f" at {record.genes:,} genes"
    return f"{record.name}{genes}: {record.value:,.4g} {record.unit}{ratio}"


if __name__ == "__main__":
    main()
