"""Tables of docs/speed.md, from benchmarks/history.jsonl."""

import re
import textwrap
from collections.abc import Callable

from tools.pages.measured import Measured
from tools.pages.numbers import UNDEFINED, table, three_digits

EVERY_ROW, EVERY_ENTITY = "every row", "every entity"
EPOCH = 150_000


def hardware(measured: Measured) -> str:
    """Each machine with what was measured on it."""
    names: dict[str, dict[str, None]] = {}
    for record in measured.history:
        if not record.name.endswith("_share") and not record.name.startswith("read_"):  # memory, on another page
            names.setdefault(f"{record.hardware} ({record.date})", {})[record.name] = None
    if len(names) == 1:
        return f"{next(iter(names))}."
    lines = (f"* {machine}: {', '.join(benchmarks)}" for machine, benchmarks in names.items())
    return "\n".join(textwrap.fill(line, 125, subsequent_indent="  ", break_on_hyphens=False) for line in lines)


def against_plain(measured: Measured) -> str:
    """Rates of the hot paths, beside the plain formula and beside the machine's rate of matrix products."""
    rows = []
    for label, name, words, genes in PATHS:
        record = measured.benchmark(name, words=words, genes=genes)
        share = measured.benchmark(f"{name}_share", words=words, genes=genes)
        batch = re.search(r"(\d+) rows at once|batches of (\d+)", record.ratio_to) if record.ratio else None
        rows.append(
            (
                label,
                f"{three_digits(record.value)} {record.unit}",
                UNDEFINED if record.ratio is None else three_digits(record.ratio),
                next(size for size in batch.groups() if size) if batch else UNDEFINED,
                three_digits(share.value),
            )
        )
    return table(("path", "rate", "times the plain formula", "its batch", "% of the matrix rate"), rows)


PATHS = (
    ("gene attention, forward, 978 genes", "attention_forward", " 1 rows at once", 978),
    ("gene attention, forward, 978 genes", "attention_forward", " 64 rows at once", 978),
    ("gene attention, forward and backward, 978 genes", "attention_backward", " 1 rows at once", 978),
    ("gene attention, forward and backward, 978 genes", "attention_backward", " 64 rows at once", 978),
    ("gene attention, forward, 10,167 genes", "attention_forward", "", 10_167),
    ("fine-tuning, 978 genes", "finetune_rows", EVERY_ROW, 978),
    ("fine-tuning, 978 genes, bfloat16", "finetune_rows_bf16", EVERY_ROW, 978),
    ("fine-tuning, 978 genes, entity masks", "finetune_rows", EVERY_ENTITY, 978),
    ("fine-tuning, 978 genes, bfloat16 and entity masks", "finetune_rows_bf16", EVERY_ENTITY, 978),
    ("fine-tuning, 5,778 genes, output layer of rank 256", "finetune_rows_5778", "float32", 5_778),
    ("fine-tuning, 5,778 genes, rank 256, bfloat16", "finetune_rows_5778", "bfloat16", 5_778),
    ("predicting a grid, 978 genes", "predict_pairs", "", 978),
    ("predicting a grid, 978 genes, bfloat16", "predict_pairs_bf16", "", 978),
    ("molecule encoder, forward", "mat_molecules", "", None),
    ("molecule encoder, forward, bfloat16", "mat_molecules_bf16", "", None),
    ("molecule encoder, forward and backward", "mat_molecules_backward", "", None),
    ("molecule encoder, forward and backward, bfloat16", "mat_molecules_backward_bf16", "", None),
)


def machine(measured: Measured) -> str:
    """The machine's own rate of matrix products."""
    names = (
        ("single precision", "matrix_gflops"),
        ("single precision, as torch has it", "matrix_gflops_torch"),
        ("bfloat16", "matrix_gflops_bf16"),
    )
    return table(("matrix products", "GFLOP/s"), [(label, _value(measured, name)) for label, name in names])


def molecules(measured: Measured) -> str:
    """The plain molecule encoder, batched in three ways."""
    ways = (
        ("batches of 32, each padded to its largest molecule, as published", "mat_molecules_plain"),
        ("one molecule at a time, without padding", "mat_molecules_plain_alone"),
        ("batches of 32, padded to the largest molecule of the data set", "mat_molecules_plain_largest"),
    )
    return table(("the plain formula on", "molecules/s"), [(label, _value(measured, name)) for label, name in ways])


def on_a_gpu(measured: Measured) -> str:
    """An epoch of fine-tuning on a GPU by each kind of step, and the share of the card's matrix rate."""
    rows = []
    for precision in ("float32", "bfloat16"):
        for step in ("as written", "captured as a CUDA graph"):
            words = f"{precision}, {step}"
            told = (
                three_digits(measured.benchmark(name, words=words).value)
                for name in ("gpu_epoch_seconds", "gpu_finetune_rows_share")
            )
            rows.append((f"{precision}, steps {step}", *told))
    epoch = measured.benchmark("gpu_epoch_seconds", words="float32, captured")
    head = f"an epoch of {epoch.rows:,} rows, {epoch.genes} genes, {epoch.ratio_to.partition(',')[0]}"
    return table((head, "seconds", "% of the matrix rate"), rows)


def models(measured: Measured) -> str:
    """Seconds to train beside other models, and their errors."""
    names = (
        ("CSG²A on the residual of mean effects, 12 epochs", "csg2a"),
        ("LightGBM on the residual of mean effects", "lightgbm"),
        ("random forest", "rf"),
        ("least-squares kernel machine, 6 settings tried", "svm"),
        ("ridge regression, 5 penalties tried", "ridge"),
        ("mean effects", "mean_effects"),
        ("CSG²A on fewer rows", "csg2a_beside_svr"),
        ("ε-SVR of scikit-learn on fewer rows, one setting", "svr_exact"),
    )
    rows = [
        (
            label,
            f"{measured.benchmark(f'fit_seconds_{name}').rows:,}",
            _value(measured, f"fit_seconds_{name}"),
            _value(measured, f"fit_rmse_{name}"),
        )
        for label, name in names
    ]
    return table(("model", "training rows", "seconds to train", "RMSE on 2,000 other rows"), rows)


def peers(measured: Measured) -> str:
    """Training of the neural peers with their published settings."""
    names = ("EnsembleMF", "PathDNN", "GraphDRP", "Precily", "DeepTTA", "DRPreter", "DeepCoVDR")
    rows = []
    for name in names:
        one = measured.benchmark(f"peer_rows_{name.lower()}")
        step = one.ratio_to.rpartition(" ")[2]
        rows.append((name, step, three_digits(one.value), three_digits(EPOCH / one.value / 60)))
    head = ("model", "rows per step", "rows per second of one core", f"minutes of one core per epoch of {EPOCH:,} rows")
    return table(head, rows)


def genes(measured: Measured) -> str:
    """Rates against the number of genes."""
    names = ("attention_by_genes", "finetune_by_genes", "finetune_by_genes_low_rank", "predict_by_genes_low_rank")
    sizes = sorted({record.genes for record in measured.history if record.name in names and record.genes})
    rows = [(f"{size:,}", *(_value(measured, name, genes=size) for name in names)) for size in sizes]
    head = (
        "genes",
        "attention, rows/s",
        "fine-tuning, rows/s",
        "fine-tuning, rank 256, rows/s",
        "prediction, rank 256, pairs/s",
    )
    return table(head, rows)


def fusing(measured: Measured) -> str:
    """What the fused path gains over the same network row by row."""
    sizes = sorted({(r.genes or 0, r.rows or 0) for r in measured.history if r.name == "fusing_by_genes"})
    rows = [
        (
            f"{size:,}",
            f"{batch:,}",
            _value(measured, "fusing_by_genes", genes=size, rows=batch),
            _value(measured, "fusing_by_genes", "ratio", genes=size, rows=batch),
        )
        for size, batch in sizes
    ]
    return table(("genes", "rows per step", "fused, rows/s", "times row by row"), rows)


def memory(measured: Measured) -> str:
    """Peak memory of whole commands."""
    names = (
        ("predicting 1,000,000 pairs, 978 genes", "predict_peak_gib"),
        ("one training step, 10,167 genes, batch of 128", "step_peak_gib_10167"),
        ("pretraining, one epoch of 200,000 profiles from disk", "pretrain_peak_gib"),
        ("screening 10,000,000 pairs from files to files", "screen_10m_peak_gib"),
    )
    return table(("command", "peak memory, GiB"), [(label, _value(measured, name)) for label, name in names])


def pretraining(measured: Measured) -> str:
    """Cost of stage 1 on a profile store of 200,000 profiles of 978 genes."""
    lines = (
        ("peak memory of the whole command, GiB", "pretrain_peak_gib", "value"),
        ("one epoch (160,000 profiles trained, 20,000 validated), seconds", "pretrain_epoch_seconds", "value"),
        ("batches of 128, profiles/s", "pretrain_rows", "value"),
        ("batches of 128, times dense attention", "pretrain_rows", "ratio"),
        ("batches of 2,048, profiles/s", "pretrain_rows_best_batch", "value"),
        ("batches of 128, molecule encoder trained too, profiles/s", "pretrain_rows_train_molecules", "value"),
        ("building the store from a GCTX file, added memory, MiB", "gctx_build_added_mib", "value"),
    )
    rows = [(label, _value(measured, name, column)) for label, name, column in lines]
    return table(("200,000 profiles x 978 genes, two CPU cores", "measured"), rows)


def _value(
    measured: Measured, name: str, column: str = "value", *, genes: int | None = None, rows: int | None = None
) -> str:
    value = getattr(measured.benchmark(name, genes=genes, rows=rows), column)
    return UNDEFINED if value is None else three_digits(value)


SPEED: dict[str, Callable[[Measured], str]] = {
    "hardware": hardware,
    "against_plain": against_plain,
    "machine": machine,
    "molecules": molecules,
    "on_a_gpu": on_a_gpu,
    "models": models,
    "genes": genes,
    "peer_speed": peers,
    "fusing": fusing,
    "memory": memory,
    "pretraining_cost": pretraining,
}
