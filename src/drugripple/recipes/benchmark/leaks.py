"""The leak audit of a benchmark: of its folds, and of what pretraining had seen of them."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from drugripple.evaluation.leaks.kinds import Leak
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.split_file import response_digest
from drugripple.model.folders import CARD, shipped_folder
from drugripple.model.settings import L1000_LANDMARK, RANDOM, SHIPPED
from drugripple.recipes.audit import COLUMNS, audit_splits
from drugripple.recipes.benchmark.folds import BenchmarkFolds
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.runtime.atomic import write_text
from drugripple.runtime.digest import content_digest, file_digest

EXPOSURE = (Leak.PRETRAINED_COMPOUND.value, Leak.PRETRAINED_LINE.value)


class Audited(NamedTuple):
    """The findings of the leak audit, and a sentence on what was audited."""

    table: pd.DataFrame
    note: str
    exposed: frozenset[tuple[str, Scheme]]
    """Networks and schemes in which pretraining had seen what a test claims to be new."""


def audit_benchmark(run: BenchmarkRun, folds: BenchmarkFolds) -> Audited:
    """Audit the split file, and the card of every pretrained backbone; a finding of a card names its networks.

    Findings are kept in `audit/` under the digests of split, table, card and their own, and not looked for again.

    Raises:
        CheckpointError: if the card of a backbone cannot be read.
    """
    tables = [_audit(run, folds, None)]
    cards = _cards(run)
    marked: set[tuple[str, Scheme]] = set()
    for card, networks in cards.items():
        found = _audit(run, folds, card)
        exposed = found[found["leak"].isin(EXPOSURE)]
        schemes = [Scheme(name) for name in exposed["scheme"].unique()]
        marked |= {(name, scheme) for name in networks for scheme in schemes}
        tables.append(exposed.assign(leak=exposed["leak"] + f" ({', '.join(networks)})"))
    count = sum(len(several) for several in folds.splits.folds.values())
    note = (
        f"All {count} folds of splits.parquet were audited for shared rows, repeats, lines under two spellings, salts, "
        "stereoisomers and near analogues of a training compound."
    )
    if cards:
        names = ", ".join(name for networks in cards.values() for name in networks)
        note += f" For {names} also: compounds and lines that pretraining had seen and a test claims to be new."
    missing = [name for name in _pretrained(run) if name not in {n for networks in cards.values() for n in networks}]
    if missing:
        note += f" The checkpoints of {', '.join(missing)} are not here, so that their pretraining was not audited."
    table = pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)
    averages = {(mean, scheme) for mean, parts in run.parts.items() for part, scheme in marked if part in parts}
    return Audited(table, note, frozenset(marked | averages))


def _pretrained(run: BenchmarkRun) -> dict[str, str]:
    """The pretrained backbone of every network that has one."""
    return {settings.label: settings.backbone for settings in run.network if settings.backbone != RANDOM}


def _cards(run: BenchmarkRun) -> dict[Path, list[str]]:
    """Cards of the pretrained backbones on this disk, and the networks that start from each."""
    cards: dict[Path, list[str]] = {}
    for name, backbone in _pretrained(run).items():
        folder = shipped_folder(L1000_LANDMARK) if backbone == SHIPPED else Path(backbone)
        if (folder / CARD).exists():
            cards.setdefault(folder / CARD, []).append(name)
    return cards


def _audit(run: BenchmarkRun, folds: BenchmarkFolds, card: Path | None) -> pd.DataFrame:
    key = content_digest(folds.splits.digest, response_digest(folds.table), *folds.table.compounds.ids)
    name = "split"
    if card is not None:
        name = "card-" + file_digest(card)[:12]
    folder = run.out / "audit" / name
    found, kept = folder / "audit.csv", folder / "split.txt"
    sealed = kept.read_text(encoding="utf-8", errors="replace").split() if kept.exists() and found.exists() else []
    if sealed != [key, file_digest(found) if sealed else ""]:
        audit_splits([run.out / "splits.parquet"], table=folds.table, card=card, out=folder)
        write_text(kept, f"{key}\n{file_digest(found)}\n")
    return pd.read_csv(found, keep_default_na=False)[COLUMNS]
