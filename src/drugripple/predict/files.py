"""Prediction and explanation from files to files."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from drugripple.errors import ConfigError, first_five
from drugripple.predict.choices import CHANGES, Missing, Reading, Size
from drugripple.predict.model import load_network
from drugripple.runtime.lock import lock_file, lock_folder
from drugripple.runtime.outputs import files_below, refuse_file, refuse_inputs, refuse_other_content
from drugripple.runtime.progress import Progress, no_progress
from drugripple.sources.user.stated_scale import StatedScale

if TYPE_CHECKING:
    from drugripple.predict.explain import Explanation
    from drugripple.predict.what_if import WhatIf


def explain_files(
    model: Path,
    expression: Path,
    compounds: Path | list[str],
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

    `model` is the folder of a network, `out` that of the result; all else is as for `DrugResponseModel.explain`.

    Raises:
        DrugrippleError: if a file or the checkpoint cannot be used, a chosen name is not in its file, there is no other
            compound to stand against, or an output is an input or in use.
    """
    from drugripple.predict.explain import HEATMAP, PAIRS

    refuse_inputs([out, out / PAIRS, out / HEATMAP], [*_files(expression, compounds), *files_below(model)])
    refuse_file(out)
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
    compounds: Path | list[str],
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

    `model` is the folder of a network, `out` that of the result; all else is as for that method.

    Raises:
        DrugrippleError: if a file or the checkpoint cannot be used, an edge is not two genes, not one sample and one
            compound are chosen, or the output is an input, in use or something else.
    """
    from drugripple.predict.what_if import TABLE

    refuse_inputs([out], [*_files(expression, compounds), *files_below(model)])
    refuse_other_content(out, TABLE)
    pairs = [tuple(part.strip() for part in edge.split(",")) for edge in edges]
    odd = [edge for edge, pair in zip(edges, pairs, strict=True) if len(pair) != 2]
    if odd:
        message = f"an edge is two genes with a comma between them, got {first_five(odd)}"
        raise ConfigError(message)
    found = load_network(model).what_if(
        expression, compounds, sample=sample, compound=compound, genes=genes, changes=changes,
        edges=[(a, b) for a, b in pairs], doses_um=doses_um, hours=hours, scale=scale, layer=layer,
    )  # fmt: skip
    with lock_file(out, what="folder"):
        found.write(out)
    return found


def _files(expression: Path, compounds: Path | list[str]) -> list[Path]:
    return [expression, *([compounds] if isinstance(compounds, Path) else [])]
