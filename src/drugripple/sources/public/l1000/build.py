"""GSE92742 (L1000, phase I) to a store of treated profiles, each beside its own control.

    Level 5   signatures; control = median of the `ctl_vehicle` signatures of the batch (sig_id before the colon)
    Level 3   wells; control = median of the `ctl_vehicle` wells of the plate; then a robust z over all controls

One pass over the matrix in bounded memory: control wells are laid down plate by plate in a scratch file, medians are
taken from there.

Source: paper section 3.1; Subramanian et al. 2017, doi:10.1016/j.cell.2017.10.049.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from drugripple.data.tables import ExpressionScale
from drugripple.errors import ConfigError, GeneSpaceError, first_five
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap
from drugripple.runtime.atomic import whole_folder
from drugripple.runtime.progress import Progress, no_progress
from drugripple.sources.public.l1000.conditions import read_conditions
from drugripple.sources.public.l1000.gctx import MIB, GctxHeader, read_header, stream_columns
from drugripple.sources.public.l1000.selection import (
    PAPER_DOSES_UM,
    PAPER_HOURS,
    Experiments,
    pair_with_controls,
    read_gene_symbols,
)
from drugripple.sources.public.l1000.store import RowFile, release, row_file, write_annotation

ANNOTATION_BYTES_A_SAMPLE = 350
"""Measured on 0.2 to 1.3 million samples: ids, conditions and what pandas needs to read them."""

STREAM_SHARE = 0.8
"""Share of the memory left by the annotation that the matrix may take."""


class BuiltProfiles(NamedTuple):
    """A finished store, and what had to be left out."""

    folder: Path
    rows: int
    dropped: pd.DataFrame
    """Columns reason, cell_line, drug, rows."""


def build_profiles(
    gctx: Path,
    annotation: Path,
    gene_info: Path,
    pert_info: Path,
    out: Path,
    *,
    genes: GeneSpace | None = None,
    symbols: SymbolMap | None = None,
    doses_um: Sequence[float] | None = PAPER_DOSES_UM,
    hours: Sequence[float] = PAPER_HOURS,
    memory_mib: float = 512.0,
    progress: Progress = no_progress,
) -> BuiltProfiles:
    """The compound profiles of a GCTX as a store that trains from disk.

    Args:
        gctx: Level 5 or Level 3 matrix.
        annotation: sig_info (Level 5) or inst_info (Level 3); the column sig_id or inst_id tells which.
        gene_info: publisher's gene table.
        pert_info: publisher's compound table, for the structures.
        out: folder to make.
        genes: those to keep, the 978 landmarks where absent.
        symbols: what maps publisher's genes to current symbols.
        doses_um: doses to round to on a log scale; None keeps them as measured.
        hours: treatment times to keep.
        memory_mib: what building may add to the memory of the process; the full Level 3 needs 512, Level 5 half.
        progress: told of samples of the matrix.

    Raises:
        SourceError: if a file is missing, damaged or does not fit the others.
        OutputError: if `out` exists or the system refuses a write; nothing half-written stays.
        GeneSpaceError: if a gene is not in the matrix.
        ConfigError: if the memory is too small.
    """
    header = read_header(gctx)
    symbols = symbols or SymbolMap.landmarks()
    genes = genes or SymbolMap.landmarks().space
    gene_rows = _gene_rows(header, gene_info, symbols, genes)
    conditions = read_conditions(annotation, header)
    level = conditions.level
    unlisted = len(header.samples) - conditions.listed
    experiments = pair_with_controls(conditions, pert_info, doses_um=doses_um, hours=hours)
    left_mib = _left_for_the_matrix(memory_mib, len(header.samples))
    del header, conditions
    with whole_folder(out) as folder:
        _write_values(gctx, gene_rows, experiments, folder, left_mib, progress)
        scale = ExpressionScale.L1000_Z
        if level == 3:
            scale = ExpressionScale.ROBUST_Z
            _rescale(folder, left_mib)
        write_annotation(
            folder,
            profiles=experiments.treated,
            compounds=experiments.compounds,
            controls=experiments.batches,
            genes=genes,
            scale=scale,
        )
        dropped = _with_unlisted(experiments.dropped, unlisted, annotation)
        dropped.to_parquet(folder / "dropped.parquet", index=False)
    return BuiltProfiles(out, len(experiments.treated), dropped)


def _with_unlisted(dropped: pd.DataFrame, count: int, annotation: Path) -> pd.DataFrame:
    """Samples of the matrix that the annotation does not know, among what was left out."""
    if not count:
        return dropped
    row = dict.fromkeys(dropped.columns, "") | {"reason": f"sample is not in {annotation.name}", "rows": count}
    return pd.concat([dropped, pd.DataFrame([row])], ignore_index=True).astype({"rows": np.int64})


def _left_for_the_matrix(memory_mib: float, samples: int) -> float:
    annotation_mib = samples * ANNOTATION_BYTES_A_SAMPLE / MIB
    if annotation_mib >= memory_mib:
        message = (
            f"the annotation of {samples} samples takes about {annotation_mib:.0f} MiB, but memory_mib is "
            f"{memory_mib:g}; allow at least {annotation_mib + 50:.0f}"
        )
        raise ConfigError(message)
    return STREAM_SHARE * (memory_mib - annotation_mib)


def _gene_rows(header: GctxHeader, gene_info: Path, symbols: SymbolMap, genes: GeneSpace) -> Int[np.ndarray, " g"]:
    """Row of each gene: found by Entrez number, else by the publisher's symbol."""
    published = read_gene_symbols(gene_info)
    by_number = symbols.resolve(header.genes).symbols
    by_symbol = symbols.resolve([published.get(gene, gene) for gene in header.genes]).symbols
    row_of_symbol = {number or name: row for row, (number, name) in enumerate(zip(by_number, by_symbol, strict=True))}
    absent = [symbol for symbol in genes.symbols if symbol not in row_of_symbol]
    if absent:
        message = (
            f"{header.path} lacks {len(absent)} of {len(genes)} genes: {first_five(absent)}; its genes are called "
            f"{first_five(header.genes)}; ask for others"
        )
        raise GeneSpaceError(message)
    return np.array([row_of_symbol[symbol] for symbol in genes.symbols], dtype=np.int64)


def _write_values(
    gctx: Path,
    gene_rows: Int[np.ndarray, " g"],
    experiments: Experiments,
    folder: Path,
    memory_mib: float,
    progress: Progress,
) -> None:
    """Write treated profiles and the median controls of their batches, in one pass over the matrix."""
    scratch = folder / "controls.npy"
    count = len(experiments.treated), len(experiments.controls)
    with (
        row_file(folder / "treated.npy", count[0], len(gene_rows)) as treated,
        row_file(scratch, count[1], len(gene_rows)) as controls,
    ):
        columns, target = _destinations(experiments)
        done = 0
        for block in stream_columns(gctx, genes=gene_rows, columns=columns, memory_mib=memory_mib):
            row = target[done : done + len(block.columns)]
            _write_split(row, block.values, count[0], treated, controls)
            done += len(row)
            progress("profiles", done, len(columns))
    _write_medians(scratch, experiments, folder / "basal.npy")
    scratch.unlink()


def _destinations(experiments: Experiments) -> tuple[Int[np.ndarray, " n"], Int[np.ndarray, " n"]]:
    """Samples to read, ascending, and where each goes: treated rows first, control rows behind them."""
    treated, controls = experiments.treated_column, experiments.control_column
    columns = np.concatenate([treated, controls])
    order = np.argsort(columns, kind="stable")
    return columns[order], order


def _write_split(
    row: Int[np.ndarray, " n"], values: Float[np.ndarray, "n g"], treated_rows: int, treated: RowFile, controls: RowFile
) -> None:
    is_treated = row < treated_rows
    treated.write(row[is_treated], values[is_treated])
    controls.write(row[~is_treated] - treated_rows, values[~is_treated])


def _write_medians(scratch: Path, experiments: Experiments, out: Path) -> None:
    """Median control of each batch; the controls of a batch lie together."""
    starts = np.searchsorted(experiments.controls, np.arange(len(experiments.batches) + 1))
    wells = np.load(scratch, mmap_mode="r")
    with row_file(out, len(experiments.batches), wells.shape[1]) as file:
        for batch, (start, stop) in enumerate(pairwise(starts.tolist())):
            file.write(np.array([batch]), np.median(wells[start:stop], axis=0)[None])
            release(wells)


def _rescale(folder: Path, memory_mib: float) -> None:
    """Put treated and basal profiles on the robust z of all controls, gene block by gene block, then rows by rows."""
    basal = np.load(folder / "basal.npy")
    width = max(1, int(memory_mib * MIB / 8 // (32 * len(basal))))
    parts = [RobustScaler.fit(basal[:, gene : gene + width]) for gene in range(0, basal.shape[1], width)]
    scaler = RobustScaler(np.concatenate([p.median for p in parts]), np.concatenate([p.mad for p in parts]))
    np.savez(folder / "scaler.npz", median=scaler.median, mad=scaler.mad, floor=scaler.floor)
    for name in ("basal", "treated"):
        source = folder / f"{name}.npy"
        raw = np.load(source, mmap_mode="r")
        rows = max(1, int(memory_mib * MIB / 8 // (24 * raw.shape[1])))
        with row_file(folder / "scaled.npy", *raw.shape) as file:
            for start in range(0, len(raw), rows):
                scaled = scaler.transform(raw[start : start + rows])
                file.write(np.arange(start, start + len(scaled)), scaled)
                release(raw)
        (folder / "scaled.npy").replace(source)
