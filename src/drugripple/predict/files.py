"""Prediction and explanation from files to files."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import torch

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.data.treatments import Treatments
from drugripple.errors import ConfigError, TableError, counted, first_five
from drugripple.genes.space import GeneSpace
from drugripple.model.settings import Precision
from drugripple.predict.choices import Missing, Reading
from drugripple.predict.explain import HEATMAP, PAIRS, Explanation, explain
from drugripple.predict.model import DrugResponseModel, load
from drugripple.runtime.atomic import whole_file
from drugripple.runtime.lock import lock_file, lock_folder
from drugripple.runtime.outputs import files_below, refuse_inputs
from drugripple.runtime.progress import Progress, no_progress
from drugripple.sources.user.compounds import read_treatments
from drugripple.sources.user.expression import read_expression

PROFILES_AT_ONCE = 256
CELLS_TOGETHER = 1 << 19


class ModelAndSamples(NamedTuple):
    """A network and the samples to ask it about."""

    model: DrugResponseModel
    expression: ExpressionTable
    notes: tuple[str, ...]
    """What was found out about the samples, for the user to read."""


class PredictionRequest(NamedTuple):
    """What a user asks about."""

    model: DrugResponseModel
    expression: ExpressionTable
    treatments: Treatments
    notes: tuple[str, ...]
    """What had to be left out or found out, for the user to read."""


class Predicted(NamedTuple):
    """What was written."""

    samples: int
    compounds: int
    pairs: int
    notes: tuple[str, ...]


def predict_files(
    model: Path,
    expression: Path,
    compounds: Path,
    out: Path,
    *,
    perturbed: Path | None = None,
    missing: Missing = Missing.REFUSE,
    precision: Precision = Precision.FLOAT32,
    progress: Progress = no_progress,
) -> Predicted:
    """Write sample, id, compound, dose_um, hours, ln_ic50, ic50_um, compound_seen for every sample and treatment.

    Memory does not grow with the number of pairs: rows are written as they are computed. Files appear under
    their names only when all is complete.

    Raises:
        DrugrippleError: if a file or the checkpoint cannot be used, the name of `out` tells no format, or an output is
            an input or in use.
    """
    _require_format(out, (".parquet", ".csv"))
    if perturbed is not None:
        _require_format(perturbed, (".parquet",))
        if perturbed.resolve() == out.resolve():
            message = f"predictions and profiles cannot both go to {out}; name two files"
            raise ConfigError(message)
    outputs = [path for path in (out, perturbed) if path is not None]
    refuse_inputs(outputs, [expression, compounds, *files_below(model)])
    with ExitStack() as files:
        for path in outputs:
            files.enter_context(lock_file(path))
        asked = read_request(model, expression, compounds, missing=missing)
        predictor = replace(asked.model, precision=precision)
        frames = predictor.predict_blocks(asked.expression, asked.treatments, missing=missing, progress=progress)
        _write_frames(files.enter_context(whole_file(out)), out.suffix, _with_conditions(frames, asked.treatments))
        if perturbed is not None:
            _write_frames(files.enter_context(whole_file(perturbed)), ".parquet", _profiles(asked, missing))
    samples, treatments = len(asked.expression), len(asked.treatments)
    return Predicted(samples, treatments, samples * treatments, asked.notes)


def explain_files(
    model: Path,
    expression: Path,
    compounds: Path,
    out: Path,
    *,
    sample: Sequence[str] = (),
    compound: Sequence[str] = (),
    by: Reading = Reading.ATTENTION,
    against_all: bool = False,
    top: int = 100,
    missing: Missing = Missing.REFUSE,
    progress: Progress = no_progress,
) -> Explanation:
    """Write pairs.csv and heatmap.svg of the mean map over the samples and compounds chosen (all if none is).

    `against_all` takes the mean over all compounds of the file away.

    Raises:
        DrugrippleError: if a file or the checkpoint cannot be used, a chosen name is not in its file, there is no other
            compound to stand against, or an output is an input or in use.
    """
    refuse_inputs([out, out / PAIRS, out / HEATMAP], [expression, compounds, *files_below(model)])
    asked = read_request(model, expression, compounds, missing=missing)
    table, treatments = asked.expression, asked.treatments
    if sample:
        table = table.take(_rows_of(sample, table.samples, "sample"))
    if compound:
        treatments = treatments.take(_chosen(compound, treatments))
    progress("conditions", 0, len(table) * len(treatments))
    if against_all and len(treatments) == len(asked.treatments):
        message = "against_all needs compounds in the file that are not chosen: choose the one to look at"
        raise ConfigError(message)
    against = asked.treatments if against_all else None
    found = explain(asked.model, table, treatments, by=by, against=against, top=top, missing=missing)
    with lock_folder(out):
        found.write(out)
    return found


def read_request(model: Path, expression: Path, compounds: Path, *, missing: Missing) -> PredictionRequest:
    """The network, samples and treatments that files name, with notes on what was left out."""
    found = read_model_and_samples(model, expression, missing=missing)
    settings = found.model.checkpoint.net.settings
    treatments = read_treatments(compounds, dose_um=settings.dose_um, hours=settings.hours)
    return PredictionRequest(found.model, found.expression, treatments, (*found.notes, *treatments.compounds.notes))


def read_model_and_samples(model: Path, expression: Path, *, missing: Missing) -> ModelAndSamples:
    """The network and the samples that files name."""
    loaded = load(model)
    table = read_expression(expression, wanted=GeneSpace(loaded.card.genes))
    notes = list(table.notes)
    lost = [symbol for symbol in loaded.card.genes if symbol not in table.genes]
    if lost and missing is Missing.MEDIAN:
        what = counted(len(lost), "gene was not measured and counts", "genes were not measured and count")
        notes.append(f"{what} as typical: {first_five(lost)}")
    if table.scale not in (loaded.card.expression_scale, ExpressionScale.ROBUST_Z):
        notes.append(
            f"expression on the scale {table.scale} (the network learnt {loaded.card.expression_scale}): "
            "z-scores by the medians of these samples"
        )
    return ModelAndSamples(loaded, table, tuple(notes))


def _with_conditions(frames: Iterator[pd.DataFrame], treatments: Treatments) -> Iterator[pd.DataFrame]:
    for frame in frames:
        samples = len(frame) // len(treatments)
        frame.insert(3, "dose_um", np.tile(treatments.dose_um, samples))
        frame.insert(4, "hours", np.tile(treatments.hours, samples))
        yield frame


def _profiles(asked: PredictionRequest, missing: Missing) -> Iterator[pd.DataFrame]:
    """Predicted expression after treatment, robust z on the pretrained scale, some pairs at a time."""
    net = asked.model.checkpoint.net
    with torch.no_grad():
        compound = asked.model.conditions(asked.treatments)
        basal = net.rescale(asked.model.scaled(asked.expression, missing=missing))
        treatments = asked.treatments
        samples = np.array(asked.expression.samples)
        ids, names = np.array(treatments.ids), np.array(treatments.names)
        for pairs in torch.arange(len(basal) * len(compound)).split(PROFILES_AT_ONCE):
            row, column = pairs // len(compound), pairs % len(compound)
            frame = pd.DataFrame(
                net.backbone.perturb(basal[row], compound[column]).treated.numpy(), columns=list(net.genes.symbols)
            )
            frame.insert(0, "sample", samples[row])
            frame.insert(1, "id", ids[column])
            frame.insert(2, "compound", names[column])
            frame.insert(3, "dose_um", treatments.dose_um[column])
            frame.insert(4, "hours", treatments.hours[column])
            yield frame


def _write_frames(path: Path, suffix: str, frames: Iterator[pd.DataFrame]) -> None:
    """Append frames to one file, gathering small ones so that a Parquet file gets large row groups."""
    with _appender(path, suffix) as append:
        waiting: list[pd.DataFrame] = []
        for frame in frames:
            waiting.append(frame)
            if sum(part.size for part in waiting) >= CELLS_TOGETHER:
                append(pd.concat(waiting, ignore_index=True))
                waiting = []
        if waiting:
            append(pd.concat(waiting, ignore_index=True))


@contextmanager
def _appender(path: Path, suffix: str) -> Iterator:
    if suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            yield lambda frame: frame.to_csv(file, index=False, header=file.tell() == 0)
        return
    writer: list[pq.ParquetWriter] = []

    def append(frame: pd.DataFrame) -> None:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        if not writer:
            writer.append(pq.ParquetWriter(path, table.schema, compression="zstd"))
        writer[0].write_table(table)

    try:
        yield append
    finally:
        for one in writer:
            one.close()


def _rows_of(wanted: Sequence[str], names: Sequence[str], what: str) -> np.ndarray:
    unknown = [name for name in wanted if name not in names]
    if unknown:
        message = (
            f"{len(unknown)} chosen {what}s are not in the file: {first_five(unknown)}; it has {first_five(names)}"
        )
        raise TableError(message)
    return np.array([names.index(name) for name in wanted])


def _chosen(wanted: Sequence[str], treatments: Treatments) -> np.ndarray:
    """The treatments of some compounds, each named by its id, or by its name where that is nobody else's id."""
    ids, names = treatments.ids, treatments.names
    rows: list[int] = []
    for text in wanted:
        found = [i for i, one in enumerate(ids) if one == text] or [i for i, one in enumerate(names) if one == text]
        several = sorted({ids[i] for i in found})
        if len(several) > 1:
            message = f"the name {text!r} stands for {len(several)} compounds: choose by id among {first_five(several)}"
            raise TableError(message)
        rows += found
    _rows_of(wanted, (*ids, *names), "compound")
    return np.unique(rows)


def _require_format(path: Path, suffixes: tuple[str, ...]) -> None:
    if path.suffix not in suffixes:
        message = f"{path} should end in {' or '.join(suffixes)}, which says the format to write"
        raise ConfigError(message)
    if not path.parent.is_dir():
        message = f"the folder {path.parent} of {path.name} does not exist; make it first"
        raise ConfigError(message)
