"""Prediction and explanation from files to files."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import torch

from drugripple.errors import ConfigError, first_five
from drugripple.model.settings import Precision
from drugripple.predict.choices import CHANGES, Missing, Reading, Size
from drugripple.predict.frames import require_format, write_frames
from drugripple.predict.model import DrugResponseModel, load_network
from drugripple.predict.request import PredictionRequest
from drugripple.runtime.atomic import whole_file
from drugripple.runtime.lock import lock_file, lock_folder
from drugripple.runtime.outputs import files_below, refuse_inputs
from drugripple.runtime.progress import Progress, no_progress
from drugripple.sources.user.stated_scale import StatedScale

if TYPE_CHECKING:
    from drugripple.predict.explain import Explanation
    from drugripple.predict.what_if import WhatIf

PROFILES_AT_ONCE = 256


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
    scale: StatedScale | None = None,
    layer: str = "",
    size: Size = Size.TRAINED,
    precision: Precision = Precision.FLOAT32,
    progress: Progress = no_progress,
) -> Predicted:
    """Write what `DrugResponseModel.predict` returns, for every sample and treatment.

    Memory does not grow with the number of pairs: rows are written as they are computed. Files appear under
    their names only when all is complete.

    Raises:
        DrugrippleError: if a file or the checkpoint cannot be used, the name of `out` tells no format, or an output is
            an input or in use.
    """
    require_format(out, (".parquet", ".csv"))
    if perturbed is not None:
        require_format(perturbed, (".parquet",))
        if perturbed.resolve() == out.resolve():
            message = f"predictions and profiles cannot both go to {out}; name two files"
            raise ConfigError(message)
    outputs = [path for path in (out, perturbed) if path is not None]
    refuse_inputs(outputs, [expression, compounds, *files_below(model)])
    with ExitStack() as files:
        for path in outputs:
            files.enter_context(lock_file(path))
        loaded = load_network(model, precision=precision)
        asked = loaded.request(
            expression, compounds, missing=missing, scale=scale, layer=layer, size=size, progress=progress
        )
        frames = loaded.predict_blocks(asked, progress=progress)
        write_frames(files.enter_context(whole_file(out)), out.suffix, frames)
        if perturbed is not None:
            write_frames(files.enter_context(whole_file(perturbed)), ".parquet", _profiles(loaded, asked))
    samples, treatments = len(asked.samples), len(asked.treatments)
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
    scale: StatedScale | None = None,
    layer: str = "",
    size: Size = Size.TRAINED,
    progress: Progress = no_progress,
) -> "Explanation":
    """Write pairs.csv and heatmap.svg of the mean map over the samples and compounds chosen (all if none is).

    `against_all` takes the mean over all compounds of the file away.

    Raises:
        DrugrippleError: if a file or the checkpoint cannot be used, a chosen name is not in its file, there is no other
            compound to stand against, or an output is an input or in use.
    """
    from drugripple.predict.explain import HEATMAP, PAIRS

    refuse_inputs([out, out / PAIRS, out / HEATMAP], [expression, compounds, *files_below(model)])
    found = load_network(model).explain(
        expression, compounds, sample=sample, compound=compound, by=by, against_all=against_all, top=top,
        missing=missing, scale=scale, layer=layer, size=size, progress=progress,
    )  # fmt: skip
    with lock_folder(out):
        found.write(out)
    return found


def what_if_files(
    model: Path,
    expression: Path,
    compounds: Path,
    out: Path,
    *,
    sample: str | None = None,
    compound: str | None = None,
    genes: Sequence[str] = (),
    edges: Sequence[str] = (),
    doses_um: Sequence[float] = (),
    hours: Sequence[float] = (),
    changes: Sequence[float] = CHANGES,
    scale: StatedScale | None = None,
    layer: str = "",
) -> "WhatIf":
    """Write what `DrugResponseModel.what_if` returns; edges are written `GENE,GENE`.

    Raises:
        DrugrippleError: if a file or the checkpoint cannot be used, an edge is not two genes, not one sample and one
            compound are chosen, or the output is an input, in use or something else.
    """
    from drugripple.predict.what_if import TABLE

    refuse_inputs([out], [expression, compounds, *files_below(model)])
    if out.is_dir() and any(out.iterdir()) and not (out / TABLE).is_file():
        message = f"{out} holds something else; choose another folder"
        raise ConfigError(message)
    pairs = [tuple(part.strip() for part in edge.split(",")) for edge in edges]
    odd = [edge for edge, pair in zip(edges, pairs, strict=True) if len(pair) != 2]
    if odd:
        message = f"an edge is two genes with a comma between them, got {first_five(odd)}"
        raise ConfigError(message)
    loaded = load_network(model)
    request = loaded.request(expression, compounds, scale=scale, layer=layer)
    asked = request.choose([sample] if sample else (), [compound] if compound else ())
    found = loaded.what_if(
        asked, genes=genes, edges=[(a, b) for a, b in pairs], doses_um=doses_um, hours=hours, changes=changes
    )
    with lock_folder(out.parent):
        found.write(out)
    return found


def _profiles(model: DrugResponseModel, asked: PredictionRequest) -> Iterator[pd.DataFrame]:
    """Predicted expression after treatment, robust z on the pretrained scale, some pairs at a time."""
    net, compound, treatments = model.checkpoint.net, asked.conditions, asked.treatments
    samples, ids, names = (np.array(column) for column in (asked.samples.names, treatments.ids, treatments.names))
    with torch.no_grad():
        basal = net.rescale(asked.samples.z)
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
