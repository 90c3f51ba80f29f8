"""The tables of docs/speed.md, every number with the mark of its measurement (docs/contributing.md)."""

ABSENT = "not measured yet"


def number(value):
    """Three digits as a person writes them: 52,000, 320, 12.5, 0.465."""
    if value >= 999.5:
        digits = len(f"{value:.0f}") - 3
        return f"{round(value / 10**digits) * 10**digits:,}"
    return (
        f"{value:.0f}"
        if value >= 99.95
        else f"{value:.3g}"
        if value < 1
        else f"{value:.1f}"
        if value >= 10
        else f"{value:.2f}"
    )


def cell(records, name, column="value", words="", **wanted):
    """The marked number of the last record of a name (with some words in its description), or that it is absent."""
    found = _last(records, name, words, **wanted)
    if found is None:
        return ABSENT
    value = getattr(found, column)
    if value is None:
        return "–"
    key = " ".join([name, *(f"{axis}={getattr(found, axis)}" for axis in ("genes", "rows") if getattr(found, axis))])
    return f"{number(value)}<!--bench{'' if column == 'value' else ' ' + column}: {key}-->"


def hardware(records):
    """Each machine with what was measured on it."""
    names = {}
    for record in records:
        if not record.name.endswith("_share"):
            names.setdefault(f"{record.hardware} ({record.date})", {})[record.name] = None
    if len(names) == 1:
        return f"{next(iter(names))}."
    return "\n".join(f"* {told}: {', '.join(measured)}" for told, measured in names.items()) or ABSENT


def against_plain(records):
    rows = []
    for label, unit, name, words, wanted in PLAIN:
        value, ratio = (cell(records, name, column, words, **wanted) for column in ("value", "ratio"))
        reached = cell(records, f"{name}_share", words=words, **wanted)
        rows.append((label, value if value == ABSENT else f"{value} {unit}", ratio, reached))
    return _table(("what", "ours", "times the plain formula", "% of the matrix rate"), rows)


GENES = {"genes": 978}
PLAIN = (
    ("gene attention, forward, 978 genes; plain one by one", "rows/s", "attention_forward", " 1 rows at once", GENES),
    ("the same; plain in batches of 64", "rows/s", "attention_forward", " 64 rows at once", GENES),
    ("the same, forward and backward; plain one by one", "rows/s", "attention_backward", " 1 rows at once", GENES),
    ("the same; plain in batches of 64", "rows/s", "attention_backward", " 64 rows at once", GENES),
    ("gene attention, forward, 10,167 genes", "rows/s", "attention_forward", "", {"genes": 10_167}),
    ("fine-tuning, frozen backbone, 978 genes", "rows/s", "finetune_rows", "every row", GENES),
    ("the same, bfloat16", "rows/s", "finetune_rows_bf16", "every row", GENES),
    ("the same, dropout masks of lines and compounds", "rows/s", "finetune_rows", "every entity", GENES),
    ("the same, both", "rows/s", "finetune_rows_bf16", "every entity", GENES),
    ("fine-tuning, 5,778 genes, output layer of rank 256", "rows/s", "finetune_rows_5778", "float32", {}),
    ("the same, bfloat16", "rows/s", "finetune_rows_5778", "bfloat16", {}),
    ("predicting a grid, 978 genes", "pairs/s", "predict_pairs", "", GENES),
    ("the same, bfloat16", "pairs/s", "predict_pairs_bf16", "", GENES),
    ("molecule encoder, 1,024 wide, 8 layers", "molecules/s", "mat_molecules", "", {}),
    ("the same, bfloat16", "molecules/s", "mat_molecules_bf16", "", {}),
    ("molecule encoder, forward and backward", "molecules/s", "mat_molecules_backward", "", {}),
    ("the same, bfloat16", "molecules/s", "mat_molecules_backward_bf16", "", {}),
)


def machine(records):
    names = (("single precision", "matrix_gflops"), ("bfloat16", "matrix_gflops_bf16"))
    return _table(("matrix products", "GFLOP/s"), [(label, cell(records, name)) for label, name in names])


def molecules(records):
    ways = (
        ("mixed batches padded to their largest, as published", "mat_molecules_plain"),
        ("one molecule at a time, which pads nothing", "mat_molecules_plain_alone"),
        ("mixed batches padded to the largest molecule of the data set", "mat_molecules_plain_largest"),
    )
    return _table(("the plain formula on", "molecules/s"), [(label, cell(records, name)) for label, name in ways])


def models(records):
    names = (
        ("CSG²A on the residual of mean effects, 12 epochs", "csg2a"),
        ("LightGBM on the residual of mean effects", "lightgbm"),
        ("random forest", "rf"),
        ("kernel machine (squared loss), 6 settings tried", "svm"),
        ("ridge, 5 penalties tried", "ridge"),
        ("mean effects alone", "additive"),
        ("CSG²A on fewer rows, as the next", "csg2a_beside_svr"),
        ("ε-SVR of scikit-learn, one setting", "svr_exact"),
    )
    rows = [
        (
            label,
            _rows(records, f"fit_seconds_{name}"),
            cell(records, f"fit_seconds_{name}"),
            cell(records, f"fit_rmse_{name}"),
        )
        for label, name in names
    ]
    return _table(("model", "rows", "seconds to train", "RMSE on other rows"), rows)


def genes(records):
    names = ("attention_by_genes", "finetune_by_genes", "finetune_by_genes_low_rank", "predict_by_genes_low_rank")
    sizes = sorted({record.genes for record in records if record.name in names})
    rows = [(f"{size:,}", *(cell(records, name, genes=size) for name in names)) for size in sizes]
    head = (
        "genes",
        "attention, rows/s",
        "fine-tuning, rows/s",
        "the same, output layer of rank 256",
        "prediction, rank 256, pairs/s",
    )
    return _table(head, rows) if rows else ABSENT


def fusing(records):
    found = sorted({(record.genes, record.rows) for record in records if record.name == "fusing_by_genes"})
    rows = [
        (
            f"{genes:,}",
            f"{batch:,}",
            *(cell(records, "fusing_by_genes", column, genes=genes, rows=batch) for column in ("value", "ratio")),
        )
        for genes, batch in found
    ]
    return _table(("genes", "rows in a step", "fused, rows/s", "times row by row"), rows) if rows else ABSENT


def memory(records):
    names = (
        ("predicting 1,000,000 pairs, 978 genes", "predict_peak_gib"),
        ("one training step, 10,167 genes, batch of 128", "step_peak_gib_10167"),
        ("pretraining, one epoch of 200,000 profiles from disk", "pretrain_peak_gib"),
        ("screening 10,000,000 pairs from files to files", "screen_10m_peak_gib"),
    )
    return _table(("what", "peak memory, GiB"), [(label, cell(records, name)) for label, name in names])


TABLES = {
    "hardware": hardware,
    "against_plain": against_plain,
    "machine": machine,
    "molecules": molecules,
    "models": models,
    "genes": genes,
    "fusing": fusing,
    "memory": memory,
}


def _last(records, name, words="", **wanted):
    found = [
        record
        for record in records
        if record.name == name
        and words in record.ratio_to
        and all(getattr(record, axis) == value for axis, value in wanted.items())
    ]
    return found[-1] if found else None


def _rows(records, name):
    found = _last(records, name)
    return ABSENT if found is None else f"{found.rows:,}"


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
