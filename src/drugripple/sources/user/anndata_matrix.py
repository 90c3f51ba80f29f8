"""An AnnData as a matrix of observations by variables."""

import sys
from collections.abc import Mapping, Sequence
from math import e
from typing import TYPE_CHECKING, TypeGuard

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from drugripple.errors import Fault, SourceError
from drugripple.sources.user.frame_matrix import NUMBERS, names_in
from drugripple.sources.user.matrix import LabelledMatrix, Numbers, Take, may_name, require_room, single

if TYPE_CHECKING:
    from anndata import AnnData


def is_anndata(source: object) -> "TypeGuard[AnnData]":
    """Whether something is an AnnData, without importing anndata where nobody has."""
    anndata = sys.modules.get("anndata")
    return anndata is not None and isinstance(source, anndata.AnnData)


def anndata_matrix(data: "AnnData", *, layer: str = "") -> LabelledMatrix:
    """X of an AnnData, or the layer that is named; `raw` names its raw part.

    Raises:
        SourceError: if there is no such layer, or X holds nothing.
    """
    from scipy.sparse import issparse  # a file that is no AnnData is read without it

    where = "the AnnData"
    matrices = {"X": data.X, **({"raw": data.raw.X} if data.raw is not None else {}), **data.layers}
    content = matrices[chosen_layer(where, [name for name, one in matrices.items() if one is not None], layer)]
    var = data.raw.var if layer == "raw" and "raw" not in data.layers else data.var

    def take(rows: Int[np.ndarray, " r"], columns: Int[np.ndarray, " k"]) -> Numbers:
        require_room(where, len(rows), len(columns))
        part = content[rows][:, columns]
        return Numbers(single(part.toarray() if issparse(part) else np.asarray(part)))

    others = [name for name, one in matrices.items() if one is not None and name != (layer or "X")]
    return of_parts(where, "AnnData", data.obs, var, take, others, log_base=log_base(data.uns.get("log1p")))


def chosen_layer(where: object, present: Sequence[str], layer: str) -> str:
    """The matrix to read.

    Raises:
        SourceError: if it is not there, or none was asked for and X is not there; names those that are.
    """
    chosen = layer or "X"
    if chosen in present:
        return chosen
    what = f"it has no layer {layer!r}" if layer else "its X holds no values"
    others = ", ".join(present)
    do = f"name one of its other matrices as `layer`: {others}" if others else "write the file again with X"
    raise SourceError(Fault(str(where), what, do=do))


def of_parts(
    where: str,
    form: str,
    obs: pd.DataFrame,
    var: pd.DataFrame,
    take: Take,
    others: Sequence[str],
    *,
    log_base: float | None,
) -> LabelledMatrix:
    """The matrix of observations by variables, with the names and numbers that describe either."""
    return LabelledMatrix(
        where=where,
        form=form,
        shape=(len(obs), len(var)),
        take=take,
        row_labels=_labels(obs, "obs_names"),
        column_labels=_labels(var, "var_names"),
        row_numbers=_numbers(obs),
        column_numbers=_numbers(var),
        log_base=log_base,
        other_matrices=tuple(others),
    )


def log_base(log1p: object) -> float | None:
    """The base that scanpy notes when it takes log(x + 1): e where it notes none.

    >>> log_base({"base": None}), log_base({"base": 2}), log_base(None)
    (2.718281828459045, 2.0, None)
    """
    if not isinstance(log1p, Mapping):
        return None
    base = log1p.get("base")
    return float(base) if isinstance(base, int | float | np.number) and base > 1 else e


def _labels(frame: pd.DataFrame, index: str) -> dict[str, tuple[str, ...]]:
    labels = {index: tuple(str(name).strip() for name in frame.index)}
    for name in frame.columns:
        column = frame[name]
        kind = column.dtype.kind
        if kind not in f"{NUMBERS}bcmM" or (kind in NUMBERS and may_name(str(name))):
            labels[str(name)] = names_in(column)
    return labels


def _numbers(frame: pd.DataFrame) -> dict[str, Float[np.ndarray, " n"]]:
    named = {str(name): frame[name] for name in frame.columns}
    return {
        name: column.to_numpy(np.float64, na_value=np.nan)
        for name, column in named.items()
        if column.dtype.kind in NUMBERS
    }
