"""Expression files: how they are laid out, damaged, named and scaled."""

from dataclasses import replace
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from benchmarks.robustness.checks import predictions
from benchmarks.robustness.tables import Table, damage_file, gct, old_h5ad, write_any, write_frame, write_h5ad
from benchmarks.robustness.text import DAMAGES, FORMS, damaged, draw_layout, one_of, save, written
from benchmarks.robustness.trial import Expected, Place, Trial
from benchmarks.robustness.world import COMPOUNDS, GENES, SAMPLES, World, genes, predict, rma, sequenced

SOME = {name: name for name in list(COMPOUNDS)[:3]}


def text(place: Place, generator: np.random.Generator) -> Trial:
    """A text table in any layout."""
    layout = draw_layout(generator)
    chosen = some_samples(generator)
    path = save(place.folder, layout, written(layout, list(genes()), names_of(chosen), rma()[chosen]))
    return asked(place, path, f"text {layout}", chosen)


def damaged_text(place: Place, generator: np.random.Generator) -> Trial:
    """The same with one line damaged."""
    layout = draw_layout(generator)
    damage = DAMAGES[int(generator.integers(len(DAMAGES)))]
    chosen = some_samples(generator, least=4)
    whole = written(layout, list(genes()), names_of(chosen), rma()[chosen])
    header = (FORMS[layout.form](genes()[-1]), names_of(chosen)[-1])
    path = save(place.folder, layout, damaged(whole, layout, damage, generator, header))
    trial = asked(place, path, f"{damage} in {layout}", chosen, expected=Expected.EITHER)
    out, truth = place.folder / "out.csv", World(place.world).truth("rma")
    check = predictions(out, truth, names_of(chosen), SOME, loosely=damage == "open quote")
    return replace(trial, check=check, names=(path.name, *(gene.symbol for gene in genes())))


def names(place: Place, generator: np.random.Generator) -> Trial:
    """Samples beside running numbers, numbers for names, annotation, repeats."""
    chosen = some_samples(generator, least=4)
    table = frame(chosen)
    path = place.folder / "x.csv"
    expected, tells = Expected.READ, ""
    what = one_of(
        generator, ("pandas index", "depmap", "annotation", "repeats", "tissue", "numbers", "float ids", "noted")
    )
    match what:
        case "pandas index":
            table.insert(0, "cell_line", names_of(chosen))
            table.reset_index(drop=True).to_csv(path)
        case "depmap":
            table.insert(0, "SequencingID", [f"CDS-{i}" for i in range(len(chosen))])
            table.insert(1, "ModelID", names_of(chosen))
            table.insert(2, "IsDefaultEntryForModel", "Yes")
            table.reset_index(drop=True).to_csv(path)
        case "annotation":
            table = table.set_axis(names_of(chosen)).T
            table.insert(0, "gene", [gene.symbol for gene in genes()])
            for name in generator.permutation(["exon_count", "Gene start (bp)", "Gene % GC content", "strand"])[:2]:
                table.insert(int(generator.integers(1, 3)), str(name), generator.integers(1, 90, GENES))
            table.to_csv(path, index=False)
            tells = "describes? genes and"
        case "repeats":
            table.insert(0, "sample", [*names_of(chosen)[:-1], names_of(chosen)[0]])
            table.insert(1, "notes", [f"note {i}" for i in range(len(chosen))])
            table.to_csv(path, index=False)
            expected, tells = Expected.REFUSED, "more than once"
        case "tissue":
            table.insert(0, "tissue", "lung")
            table.insert(1, "batch", generator.integers(1, 3, len(chosen)))
            table.insert(2, "cell line", names_of(chosen))
            table.to_csv(path, index=False)
            expected = Expected.EITHER
        case "numbers":
            ids = sorted(generator.choice(np.arange(683_000, 910_000), len(chosen), replace=False).tolist())
            return _renamed(place, generator, chosen, [str(i) for i in ids], as_float=False)
        case "float ids":
            ids = generator.choice(np.arange(683_000, 910_000), len(chosen), replace=False).tolist()
            return _renamed(place, generator, chosen, [str(i) for i in ids], as_float=True)
        case "noted":
            table.insert(0, "age", generator.integers(20, 80, len(chosen)))
            table.insert(1, "sample", names_of(chosen))
            table.to_csv(path, index=False)
            expected = Expected.EITHER
    return asked(place, path, what, chosen, expected=expected, tells=tells)


def _renamed(place, generator, chosen, ids, *, as_float) -> Trial:
    """Samples under numbers for names."""
    table = frame(chosen)
    column = [float(i) if as_float else int(i) for i in ids]
    table.insert(0, one_of(generator, ("COSMIC_ID", "sample_id", "sample")), column)
    path = place.folder / one_of(generator, ("x.csv", "x.parquet"))
    table.to_csv(path, index=False) if path.suffix == ".csv" else table.to_parquet(path, index=False)
    trial = asked(place, path, f"numbers as names in {path.suffix}, float {as_float}", chosen)
    truth = World(place.world).truth("rma").loc[names_of(chosen)].set_axis(ids)
    return replace(trial, check=predictions(place.folder / "out.csv", truth, ids, SOME))


GENE_NAMES = {
    **FORMS,
    "ENSG_SYMBOL": lambda gene: f"{gene.ensembl_id}_{gene.symbol}",
    "SYMBOL_ENSG": lambda gene: f"{gene.symbol}_{gene.ensembl_id}",
    "SYMBOL|ENSG": lambda gene: f"{gene.symbol}|{gene.ensembl_id}.3",
    "hg38": lambda gene: f"hg38_{gene.symbol}",
    "GRCh38": lambda gene: f"GRCh38_{gene.symbol}",
    "probe": lambda gene: f"{gene.ensembl_id}_at",
    "affy several": lambda gene: f"{gene.symbol} /// {gene.symbol}P1",
    "bytes": lambda gene: f"b'{gene.symbol}'",
    "quoted": lambda gene: f"'{gene.symbol}'",
    "blank": lambda gene: f" {gene.symbol}  ",
    "mouse": lambda gene: gene.symbol.capitalize(),
    "previous": lambda gene: gene.previous[0] if gene.previous else gene.symbol,
    "ENSMUSG": lambda gene: f"ENSMUSG{gene.ensembl_id[4:]}",
    "transcripts": lambda gene: f"ENST{gene.ensembl_id[4:]}.2",
    "nobody's": lambda gene: f"feature_{gene.entrez_id}x",
}
REFUSED_NAMES = frozenset({"ENSMUSG", "transcripts", "nobody's"})
DOUBTFUL_NAMES = frozenset({"bytes", "quoted", "affy several", "GRCh38"})
"""Read right, or refused."""


def gene_names(place: Place, generator: np.random.Generator) -> Trial:
    """Genes under every pattern of names, on either side."""
    form = one_of(generator, sorted(GENE_NAMES))
    chosen = some_samples(generator, least=3)
    table = frame(chosen)
    table.columns = [GENE_NAMES[form](gene) for gene in genes()]
    table.index = names_of(chosen)
    path = place.folder / one_of(generator, ("x.csv", "x.parquet", "x.tsv"))
    flipped = bool(generator.integers(2))
    write_frame(table.T if flipped else table, path)
    expected = (
        Expected.REFUSED if form in REFUSED_NAMES else Expected.EITHER if form in DOUBTFUL_NAMES else Expected.READ
    )
    tells = {"mouse": "mouse or rat", "ENSMUSG": "mouse or rat", "transcripts": "transcripts"}.get(form, "")
    return asked(place, path, f"{form} in {path.suffix}", chosen, expected=expected, tells=tells)


def binary(place: Place, generator: np.random.Generator) -> Trial:
    """Parquet, h5ad and gct in many ways; damaged, of other tools, renamed."""
    chosen = some_samples(generator, least=3)
    table = frame(chosen)
    table.index = names_of(chosen)
    kind = one_of(generator, ("parquet", "h5ad", "gct", "cut", "flipped bits", "wrong name", "old h5ad", "no X"))
    expected, path, tells = Expected.READ, place.folder / "x.h5ad", ""
    match kind:
        case "parquet":
            path = place.folder / "x.parquet"
            index = generator.integers(3)
            table = table.astype(one_of(generator, ("float32", "float64", "float16" if index else "float32")))
            if index:
                table = table.reset_index(names="cell_line")
            table.to_parquet(path, index=not index, compression=one_of(generator, ("zstd", "gzip", "none")))
            expected = Expected.EITHER if table.dtypes.iloc[-1] == np.float16 else Expected.READ
        case "h5ad":
            write_h5ad(table, path, generator)
        case "gct":
            path = place.folder / "x.gct"
            path.write_text(gct(table, generator), encoding="utf-8", newline="")
        case "cut" | "flipped bits":
            path = place.folder / one_of(generator, ("x.parquet", "x.h5ad", "x.csv.gz"))
            damage_file(table, path, generator, cut=kind == "cut")
            expected = Expected.EITHER
        case "wrong name":
            good = place.folder / one_of(generator, ("y.parquet", "y.h5ad", "y.csv.gz", "y.xlsx", "y.zip"))
            write_any(table, good, generator)
            path = place.folder / one_of(generator, ("x.csv", "x.tsv", "x.h5ad", "x.parquet", "x.txt"))
            expected = Expected.READ if path.suffix == good.suffix else Expected.REFUSED
            path.write_bytes(good.read_bytes())
            kind = f"{good.suffix} called {path.suffix}"
        case "old h5ad":
            old_h5ad(table, path)
        case "no X":
            anndata.AnnData(layers={"lognorm": table.to_numpy(np.float32)}, obs=pd.DataFrame(index=table.index),
                            var=pd.DataFrame(index=table.columns)).write_h5ad(path)  # fmt: skip
            expected, tells = Expected.REFUSED, "lognorm"
    return asked(place, path, kind, chosen, expected=expected, tells=tells)


def scale(place: Place, generator: np.random.Generator) -> Trial:
    """One cohort on every scale, for a network that learnt log2(TPM + 1)."""
    known = sequenced()
    count = int(generator.integers(10, len(SAMPLES) + 1))
    chosen = np.sort(generator.choice(len(SAMPLES), count, replace=False))
    counts, tpm = known.counts[chosen], known.tpm[chosen]
    fpkm = counts / known.lengths / counts.sum(axis=1, keepdims=True) * 1e9
    logs = np.log2(tpm + 1)
    disguises = {
        "log2 TPM": logs,
        "ln TPM": np.log(tpm + 1),
        "log2(TPM + 0.001)": np.log2(tpm + 0.001),
        "log2 FPKM": np.log2(fpkm + 1),
        "counts": counts,
        "log2 counts": np.log2(counts + 1),
        "ln counts": np.log1p(counts),
        "TPM": tpm,
        "FPKM": fpkm,
        "VST": np.log2(counts / counts.sum(axis=1, keepdims=True) * 2e7 + 16),
        "log CPM": np.log1p(counts / counts.sum(axis=1, keepdims=True) * 1e4),
        "log2 CPM": np.log2(counts / counts.sum(axis=1, keepdims=True) * 1e6 + 1),
        "gene z": (logs - logs.mean(0)) / logs.std(0).clip(1e-3),
        "sample z": (logs - logs.mean(1, keepdims=True)) / logs.std(1, keepdims=True),
    }
    what = one_of(generator, sorted(disguises))
    values = disguises[what].round(int(generator.integers(4, 7)))
    part = slice(None) if generator.random() < 0.7 else slice(0, GENES + int(generator.integers(400)))
    table = pd.DataFrame(values[:, part], columns=list(known.names[part]), index=names_of(chosen))
    path = place.folder / one_of(generator, ("x.csv", "x.parquet"))
    write_frame(table, path)
    must = what in ("counts", "log2 counts", "ln counts", "TPM", "FPKM")
    trial = asked(
        place, path, f"{what}, {table.shape[1]} genes", chosen, expected=Expected.REFUSED if must else Expected.EITHER
    )
    out, truth = place.folder / "out.csv", World(place.world).truth("tpm")
    command = predict(World(place.world).tpm_model, path, compounds_of(place), out)
    check = predictions(out, truth, names_of(chosen), SOME, close=0.02, announced="medians of")
    return replace(trial, command=command, check=check)


def asked(
    place: Place,
    path: Path,
    what: str,
    chosen: np.ndarray,
    *,
    expected: Expected = Expected.READ,
    tells: str = "",
) -> Trial:
    """A prediction from a file of the microarray samples."""
    world, out = World(place.world), place.folder / "out.csv"
    check = predictions(out, world.truth("rma"), names_of(chosen), SOME)
    command = predict(world.rma_model, path, compounds_of(place), out)
    return Trial("", what, command, expected, (path.name,), tells, check)


def compounds_of(place: Place) -> Path:
    """A plain file of three compounds."""
    path = place.folder / "compounds.csv"
    pd.DataFrame({"name": list(SOME), "smiles": [COMPOUNDS[name] for name in SOME]}).to_csv(path, index=False)
    return path


def some_samples(generator: np.random.Generator, least: int = 2) -> np.ndarray:
    """Places of a few samples."""
    count = int(generator.integers(least, 9))
    return np.sort(generator.choice(len(SAMPLES), count, replace=False))


def names_of(chosen: np.ndarray) -> list[str]:
    return [SAMPLES[i] for i in chosen]


def frame(chosen: np.ndarray) -> Table:
    """Microarray values of samples under gene symbols, without names of samples."""
    return pd.DataFrame(rma()[chosen], columns=[gene.symbol for gene in genes()])
