"""Export of a benchmark's rows, folds and predictions to drevalpy, and import of drevalpy's results.

OUT/data/DATASET-drugripple/            response, expression, structures: `path_data` of drevalpy
OUT/results/drugripple/DATASET-drugripple/LABEL/    folds and predictions: `path_out` and `run_id` of drevalpy
"""

import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from drugripple.data.response import ResponseTable
from drugripple.errors import ConfigError, SplitError, first_five
from drugripple.evaluation.jobs import Job, JobBoard, jobs_of, keep_predictions
from drugripple.evaluation.leaks.compound_twins import molecule_numbers
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.scoreboard import score_predictions
from drugripple.evaluation.split_file import read_splits, split_digest, write_splits
from drugripple.evaluation.split_settings import SamplesBy
from drugripple.integrations.drevalpy.choices import LeaveOut, Strangers
from drugripple.integrations.drevalpy.files import DRUG, LINE, TISSUE, Names, frame_of
from drugripple.integrations.drevalpy.files import read_predictions as read_drevalpy
from drugripple.integrations.drevalpy.files import write_predictions as write_drevalpy
from drugripple.integrations.drevalpy.splits import LEFT_OUT, read_folds, write_folds
from drugripple.predictors.csg2a_settings import NAME
from drugripple.recipes.benchmark.folds import data_digests, prepare_folds, write_plan
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.recipes.folds import measured_rows
from drugripple.runtime.atomic import write_csv
from drugripple.runtime.nesting import read_json_text
from drugripple.runtime.progress import Progress, no_progress
from drugripple.sources.public.columns import require_columns
from drugripple.sources.user.delimited import open_text

RUN_ID = "drugripple"
SCHEMES: Mapping[LeaveOut, Scheme] = {
    LeaveOut.PAIRS: Scheme.MIXED,
    LeaveOut.CELL_LINES: Scheme.CELL_BLIND,
    LeaveOut.TISSUES: Scheme.CELL_BLIND,
    LeaveOut.DRUGS: Scheme.DRUG_BLIND,
}


class Exported(NamedTuple):
    """The files that an export wrote."""

    results: Path
    """The folder with one sub-folder per label of drevalpy (LPO, LCO, LDO, LTO)."""
    folds: int
    predictions: int
    waiting: tuple[Job, ...]
    """Jobs of the run that have no predictions yet and were not exported."""


class Imported(NamedTuple):
    """The folds and predictions that an import read."""

    scheme: Scheme
    folds: int
    added: tuple[Job, ...]
    reused: tuple[Job, ...]
    """Jobs whose predictions were there already and were kept."""
    left_out: int
    """Number of rows of the split files that are not in our table."""
    board: JobBoard
    """The jobs that were read, all of them finished."""


def dataset_name(run: BenchmarkRun) -> str:
    """The name of our data set in drevalpy; drevalpy's own names stand for other measures."""
    return f"{run.name}-drugripple"


def _refuse_two_studies(run: BenchmarkRun) -> None:
    if run.test_dataset is not None:
        message = "drevalpy's files have one study in a folder; leave test_dataset out, or exchange each study alone"
        raise ConfigError(message)


def export_benchmark(
    run: BenchmarkRun, out: Path, *, names: Path | None = None, data: bool = True, progress: Progress = no_progress
) -> Exported:
    """Write the folds and the finished predictions of a benchmark, and the data that drevalpy needs to go on.

    Args:
        run: the benchmark; missing folds are made.
        out: folder for `data` and `results`.
        names: csv with columns kind (line or drug), ours, theirs; what it does not name keeps its name.
        data: whether to write expression, structures and responses too.
        progress: told of each file of predictions.

    Raises:
        DrugrippleError: if the data, the names or the folds are not usable.
    """
    _refuse_two_studies(run)
    made = prepare_folds(run)
    table, folds = made.table, made.folds
    theirs = read_names(names, table)
    name = dataset_name(run)
    if data:
        _write_data(out / "data" / name, name, table, theirs)
    results = out / "results" / RUN_ID / name
    board = JobBoard.look(run.out, folds, jobs_of(run.names, folds, seeds=run.seed, only=run.fold))
    done = board.finished
    count = itertools.count(1)
    for scheme, several in folds.items():
        by_tissue = scheme is Scheme.CELL_BLIND and run.split.samples_by is SamplesBy.TISSUE
        left_out = LeaveOut.TISSUES if by_tissue else LEFT_OUT[scheme]
        folder = results / label_of(scheme, left_out)
        write_folds(
            folder / "splits", several, table, theirs, label=folder.name, left_out=left_out, seed=made.splits.seed
        )
        for job in (job for job in done if job.scheme is scheme):
            model = job.model.replace("_", "-") + (f"-seed{job.seed}" if len(run.seed) > 1 else "")
            path = folder / model / "predictions" / f"predictions_split_{job.fold}.csv"
            write_drevalpy(path, table, theirs, several[job.fold].test, _in_order(board, job))
            progress("predictions", next(count), len(done))
    return Exported(results, sum(map(len, folds.values())), len(done), board.waiting)


def import_results(
    folder: Path,
    run: BenchmarkRun,
    *,
    scheme: Scheme | None = None,
    names: Path | None = None,
    strangers: Strangers = Strangers.REFUSE,
    seed: int = 0,
) -> Imported:
    """Read one label folder of drevalpy's results into the folder of a benchmark.

    Args:
        folder: folder with `splits` and one sub-folder per model.
        run: the benchmark whose rows are meant; its policies must hold, and its folder receives everything.
        scheme: scheme of the folds; taken from the manifest or the name of the folder if None.
        names: csv with columns kind (line or drug), ours, theirs.
        strangers: `drop` leaves out and counts rows of the split files that our table lacks.
        seed: recorded with the predictions.

    Raises:
        DrugrippleError: if files, rows or policies do not fit, or the benchmark has other folds of this scheme.
    """
    table = rows_of(run)
    theirs = read_names(names, table)
    molecules = molecule_numbers(table.compounds)[table.compound_row]
    scheme = scheme or _scheme_of(folder)
    found = read_folds(
        folder / "splits", table, molecules, theirs, scheme,
        replicates=run.split.replicates, validation=run.split.validation, strangers=strangers,
    )  # fmt: skip
    path = run.out / "splits.parquet"
    before = read_splits(path, table.sample_row, molecules) if path.exists() else None
    folds = dict(before.folds) if before else {}
    if scheme in folds and split_digest({scheme: folds[scheme]}) != split_digest({scheme: found.folds}):
        message = f"{path} holds other {scheme} folds than {folder / 'splits'}; use another `out`"
        raise SplitError(message)
    files = {
        Job(file.parents[1].name, scheme, number, seed): file
        for number in range(len(found.folds))
        for file in sorted(folder.glob(f"*/predictions/predictions_split_{number}.csv"))
    }
    strange = sorted({job.model for job in files if not re.fullmatch(NAME, job.model)})
    if strange:
        message = f"{folder}: {first_five(strange)} cannot name models; use letters, digits, hyphens and dots"
        raise SplitError(message)
    # everything is read before anything is written
    read = {job: read_drevalpy(file, table, theirs, found.folds[job.fold].test) for job, file in files.items()}
    if before is None:
        write_plan(run, data_digests(table))
    if scheme not in folds:
        write_splits(path, folds | {scheme: found.folds}, seed=before.seed if before else 0)
    board = JobBoard.look(run.out, {scheme: found.folds}, files)
    for job in board.waiting:
        fold = found.folds[job.fold]
        keep_predictions(job, fold, table.take(fold.test), read[job], float("nan"), run.out)
    return Imported(scheme, len(found.folds), board.waiting, board.finished, found.left_out, board.with_done(files))


def scores_of(done: Imported, run: BenchmarkRun) -> pd.DataFrame:
    """RMSE, PCC and PCC within drugs of every imported model: means over its folds, NaN if any fold is undefined."""
    table = rows_of(run)
    scores = score_predictions(done.board, table)
    chosen = scores[scores["metric"].isin(["rmse", "pcc", "per_drug_pcc_mean"])]
    mean = chosen.groupby(["model", "metric"])["value"].agg(lambda values: values.mean(skipna=False)).unstack()
    return mean.assign(folds=chosen.groupby("model")["fold"].nunique()).reset_index()


def rows_of(run: BenchmarkRun) -> ResponseTable:
    """The rows of a benchmark, as its folds number them.

    Raises:
        ConfigError: if the benchmark tests on another study.
    """
    _refuse_two_studies(run)
    return measured_rows(run, run.split.replicates).table


def label_of(scheme: Scheme, left_out: LeaveOut) -> str:
    """The name of a scheme's folder: drevalpy's word for it, or ours if it has none."""
    return "disjoint" if scheme is Scheme.DISJOINT else left_out


def read_names(path: Path | None, table: ResponseTable) -> Names:
    """What drevalpy calls our lines and drugs.

    Raises:
        SourceError: if the file or a column is missing.
        ConfigError: if a kind is neither line nor drug, or a name is not one of ours.
        SplitError: if two of ours would share a name.
    """
    if path is None:
        return Names.of(table)
    text = open_text(path)
    require_columns(path, text.header, ("kind", "ours", "theirs"))
    cells = [[cell.strip() for cell in row.cells] for row in text.rows()]
    frame = pd.DataFrame(cells, columns=list(text.header))[["kind", "ours", "theirs"]]
    known = {"line": table.expression.samples, "drug": table.compounds.ids}
    renamed = {kind: dict(frame.loc[frame["kind"] == kind, ["ours", "theirs"]].to_numpy().tolist()) for kind in known}
    odd = sorted(set(frame["kind"]) - set(known))
    unknown = [name for kind in known for name in renamed[kind] if name not in set(known[kind])]
    if odd or unknown:
        message = (
            f"{path}: kinds are line and drug (got {first_five(odd)} too), and {len(unknown)} names in `ours` are none "
            f"of this data set: {first_five(unknown)}"
        )
        raise ConfigError(message)
    return Names.of(table, renamed["line"], renamed["drug"])


def _scheme_of(folder: Path) -> Scheme:
    if folder.name == Scheme.DISJOINT:
        return Scheme.DISJOINT
    try:
        told = str(read_json_text((folder / "splits" / "split_manifest.json").read_bytes())["test_mode"])
    except (OSError, ValueError, KeyError):
        told = folder.name
    if told not in SCHEMES:
        message = (
            f"{folder} does not say what its folds leave out ({told!r}, not {', '.join(SCHEMES)}); name the scheme"
        )
        raise ConfigError(message)
    return SCHEMES[LeaveOut(told)]


def _in_order(board: JobBoard, job: Job) -> np.ndarray:
    found = board.read(job)
    if not np.array_equal(found.row_id, board.fold_of(job).test):
        message = f"{job.path(board.folder)} is of other rows than the fold tests; remove it and run the job again"
        raise SplitError(message)
    return found.yhat


def _write_data(folder: Path, name: str, table: ResponseTable, names: Names) -> None:
    lines, drugs = np.array(names.lines, dtype=object), np.array(names.drugs, dtype=object)
    expression = pd.DataFrame(table.expression.values, columns=list(table.expression.genes.symbols))
    expression.insert(0, LINE, lines)
    cells = {LINE: lines}
    if any(table.expression.tissue):
        cells[TISSUE] = np.array(table.expression.tissue, dtype=object)
    files = {
        name: frame_of(table, names, np.arange(len(table))),
        "gene_expression": expression,
        "cell_line_names": pd.DataFrame(cells),
        "drug_names": pd.DataFrame({DRUG: drugs, "drug_name": table.compounds.names}),
        "drug_smiles": pd.DataFrame({DRUG: drugs, "canonical_smiles": table.compounds.smiles}),
    }
    for stem, frame in files.items():
        write_csv(folder / f"{stem}.csv", frame)
