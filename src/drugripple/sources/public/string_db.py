"""STRING's protein links to the prior among genes.

    protein.links    protein1 protein2 combined_score            blank-separated, each pair in both directions
    protein.info     #string_protein_id  preferred_name …        tab-separated
    protein.aliases  #string_protein_id  alias  source

Source: Szklarczyk et al. 2023, doi:10.1093/nar/gkac1000; score above 900 as the paper, section 3.2.2.
"""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from drugripple.errors import SourceError
from drugripple.genes.symbols import SymbolMap
from drugripple.runtime.atomic import whole_file
from drugripple.runtime.damaged import reading
from drugripple.sources.public.columns import require_columns

HIGH_CONFIDENCE = 900
ROWS_AT_ONCE = 1_000_000
PROTEIN = "#string_protein_id"
HGNC_ALIAS = "Ensembl_HGNC_symbol"


class Links(NamedTuple):
    """The strong links of a file as pairs of genes."""

    pairs: pd.DataFrame
    """Columns source, target, combined_score; each pair once, in alphabetical order."""
    dropped: pd.DataFrame
    """Strong links that are no pair of genes: columns reason, name (a protein or gene), rows."""
    strong: int
    """Lines of the file above the bound; each link stands in both directions."""
    read: int
    """Lines of the file."""


def read_links(
    links: Path,
    info: Path,
    *,
    aliases: Path | None = None,
    symbols: SymbolMap | None = None,
) -> Links:
    """Undirected pairs of genes with a combined score above `HIGH_CONFIDENCE`.

    A pair has the highest score of its proteins. Names are STRING's own, or HGNC's where aliases are given, brought to
    the current symbol where the map knows the gene.

    Raises:
        SourceError: if a file is damaged, of another species or lacks a column, or no pair is left.
    """
    symbol = _symbols(info, aliases, symbols or SymbolMap.landmarks())
    with reading(links, "STRING protein links"):
        parts, read = [], 0
        for part in pd.read_csv(links, sep=" ", chunksize=ROWS_AT_ONCE):
            require_columns(links, part.columns.tolist(), ("protein1", "protein2", "combined_score"))
            read += len(part)
            parts.append(part.loc[part["combined_score"] > HIGH_CONFIDENCE, ["protein1", "protein2", "combined_score"]])
    strong = pd.concat(parts)
    given = [strong[end].to_numpy(str) for end in ("protein1", "protein2")]
    ends = np.sort(np.stack([pd.Series(end).map(symbol).fillna("").to_numpy(str) for end in given]), axis=0)
    pairs = pd.DataFrame({"source": ends[0], "target": ends[1], "combined_score": strong["combined_score"].to_numpy()})
    is_pair = (pairs["source"] != "") & (pairs["source"] != pairs["target"])
    dropped = _dropped(given, pairs[~is_pair & (pairs["source"] != "")]["source"], symbol, info)
    pairs = pairs[is_pair]
    if pairs.empty:
        message = f"{links} has {len(strong)} links above {HIGH_CONFIDENCE}, none of them between proteins of {info}"
        raise SourceError(message)
    best = pairs.groupby(["source", "target"], sort=True)["combined_score"].max().reset_index()
    return Links(best, dropped, len(strong), read)


def build_prior(
    links: Path, info: Path, out: Path, *, aliases: Path | None = None, symbols: SymbolMap | None = None
) -> Links:
    """Write `prior/string_v12_900.parquet` into a tidy folder; returns what was read."""
    found = read_links(links, info, aliases=aliases, symbols=symbols)
    with whole_file(out / "prior" / "string_v12_900.parquet") as part:
        found.pairs.to_parquet(part, index=False, compression="zstd")
    return found


def _dropped(
    given: Sequence[np.ndarray], of_one_gene: pd.Series, symbol: Mapping[str, str], info: Path
) -> pd.DataFrame:
    """Links without a pair of genes, by the protein that has no name or the gene that both proteins stand for."""
    nameless: Counter[str] = Counter()
    for first, second in zip(*given, strict=True):
        nameless.update({end for end in (first, second) if not symbol.get(end)})
    rows = [(f"a protein that {info.name} does not name", name, count) for name, count in sorted(nameless.items())]
    rows += [
        ("both proteins are of one gene", str(name), int(n)) for name, n in of_one_gene.value_counts(sort=False).items()
    ]
    return pd.DataFrame(rows, columns=["reason", "name", "rows"])


def _symbols(info: Path, aliases: Path | None, symbols: SymbolMap) -> dict[str, str]:
    """Current symbol of each protein."""
    proteins = _read_names(info, "STRING protein info", (PROTEIN, "preferred_name"))
    name_of = dict(zip(proteins[PROTEIN], proteins["preferred_name"], strict=True))
    if aliases is not None:
        names = _read_names(aliases, "STRING protein aliases", (PROTEIN, "alias", "source"))
        official = names[names["source"] == HGNC_ALIAS]
        name_of |= dict(zip(official[PROTEIN], official["alias"], strict=True))
    current = symbols.resolve(list(name_of.values())).symbols
    return {protein: now or name for (protein, name), now in zip(name_of.items(), current, strict=True)}


def _read_names(path: Path, what: str, columns: tuple[str, ...]) -> pd.DataFrame:
    with reading(path, what):
        table = pd.read_csv(
            path,
            sep="\t",
            usecols=lambda name: name in columns,
            dtype=str,
            quoting=csv.QUOTE_NONE,
            keep_default_na=False,
        )
    require_columns(path, table.columns.tolist(), columns)
    return table
