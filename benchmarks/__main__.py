"""Measure speed and memory, and add the figures to the history.

python -m benchmarks                      everything, a few minutes
python -m benchmarks finetune_rows ...    some of it

Run it on a quiet machine. Where other work cannot be kept away, --threads 1 is far less disturbed than two threads that
wait for each other.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.attention import attention_backward, attention_forward
from benchmarks.evaluation import evaluation_overhead_seconds
from benchmarks.gctx_stream import gctx_build_added_mib
from benchmarks.memory import predict_peak_gib, step_peak_gib_10167
from benchmarks.pretrain import pretrain_peak_gib, pretrain_rows, pretrain_rows_train_molecules
from benchmarks.response import finetune_rows, finetune_rows_bf16, predict_pairs
from benchmarks.screen import screen_10m_peak_gib
from drugripple.recipes.ledger import append_benchmark

HISTORY = Path(__file__).parent / "history.jsonl"
BENCHMARKS = {
    "attention_forward": attention_forward,
    "attention_backward": attention_backward,
    "finetune_rows": finetune_rows,
    "finetune_rows_bf16": finetune_rows_bf16,
    "predict_pairs": predict_pairs,
    "predict_peak_gib": predict_peak_gib,
    "step_peak_gib_10167": step_peak_gib_10167,
    "pretrain_rows": pretrain_rows,
    "pretrain_rows_train_molecules": pretrain_rows_train_molecules,
    "pretrain_peak_gib": pretrain_peak_gib,
    "gctx_build_added_mib": gctx_build_added_mib,
    "evaluation_overhead_seconds": evaluation_overhead_seconds,
    "screen_10m_peak_gib": screen_10m_peak_gib,
}


def main(arguments=None, benchmarks=BENCHMARKS):
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Time and memory of the hot paths.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which (all unless named): {', '.join(benchmarks)}")
    parser.add_argument("--history", type=Path, default=HISTORY, help="where the figures go (one JSON object a line)")
    parser.add_argument(
        "--threads", type=int, help="of torch (its own choice unless given); 1 on a machine that is busy"
    )
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in benchmarks]
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; choose from {', '.join(benchmarks)}")
    if options.threads:
        torch.set_num_threads(options.threads)
    for name in options.names or benchmarks:
        for measured in benchmarks[name]():
            record = replace(measured, hardware=f"{measured.hardware}; torch threads: {torch.get_num_threads()}")
            append_benchmark(options.history, record)
            print(_line(record), flush=True)
    print(f"added to {options.history}")


def _line(record):
    ratio = "" if record.ratio is None else f", {record.ratio:.3g} times the {record.ratio_to}"
    genes = "" if record.genes is None else f" at {record.genes:,} genes"
    return f"{record.name}{genes}: {record.value:,.4g} {record.unit}{ratio}"


if __name__ == "__main__":
    main()
