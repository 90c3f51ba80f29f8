"""What every trial shares: two tiny networks, the samples they know, and what each predicts from a plain file."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of
from drugripple.data.effects import Effects
from drugripple.data.synthetic import MECHANISMS
from drugripple.data.tables import ExpressionScale
from drugripple.genes.human import Gene
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap
from drugripple.model.checkpoint import Card, save_response
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.settings import MatSettings, PerturbationSettings, ResponseSettings

SAMPLES = (
    "A375", "0012", "patient 3", "NA", "Müller", "786-0", "K-562", "NCI-H23", "T.T", "TT", "line 9", "Ω-1", "MCF7", "x",
)  # fmt: skip
"""Names as people give them, some easily taken for something else."""
LINES = 60
"""Samples that the networks learnt from."""
GENES = 40
SEQUENCED = 3_000
"""Genes of a sequenced sample, for what can be told by all genes only."""
COMPOUNDS = {name: smiles for group in MECHANISMS.values() for name, smiles in list(group.items())[:3]}
CLOSE = 2e-4
"""How far two predictions of the same values may differ (ln IC50)."""


@dataclass(frozen=True)
class World:
    """The truth behind all files. Axes: n sample, g gene."""

    folder: Path

    @property
    def rma_model(self) -> Path:
        """Learnt from microarrays, `GENES` genes."""
        return self.folder / "rma"

    @property
    def tpm_model(self) -> Path:
        """Learnt from log2(TPM + 1)."""
        return self.folder / "tpm"

    def truth(self, name: str) -> pd.DataFrame:
        """What a network predicts for the samples (rows) and compounds (columns) from a plain file."""
        return _truth(self.folder, name)


@cache
def _truth(folder: Path, name: str) -> pd.DataFrame:
    table = pd.read_csv(folder / f"{name}.csv", dtype={"sample": str}, keep_default_na=False)
    table["ln_ic50"] = table["ln_ic50"].astype(float)
    return table.pivot_table("ln_ic50", "sample", "compound")


@cache
def genes() -> tuple[Gene, ...]:
    """The genes of the networks: landmark genes with ids of every kind, none of them an old name of another."""
    known = SymbolMap.landmarks().genes
    chosen = np.random.default_rng(0).choice(len(known), GENES, replace=False)
    return tuple(known[i] for i in np.sort(chosen))


@cache
def rma() -> np.ndarray:
    """Microarray values of the samples, with three decimals, at least one that nobody takes for thousands."""
    values = _rma_lines()[: len(SAMPLES)].round(3)
    values[:, 0] = np.floor(values[:, 0]) + 0.125
    values[:, 1] = np.floor(values[:, 1]) + 0.5
    return values


def _rma_lines() -> np.ndarray:
    generator = np.random.default_rng(1)
    return _drawn(*_levels(generator), generator, LINES)


def more_lines(generator: np.random.Generator, count: int) -> np.ndarray:
    """Microarray values of further lines of the population that the networks learnt from."""
    lines = _drawn(*_levels(np.random.default_rng(1)), generator, count)
    lowest = lines.min()  # values that share the lowest are zeros of sequencing
    return np.where(lines == lowest, lowest + 0.3 * generator.random(lines.shape), lines)


def _levels(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread of every gene."""
    return generator.uniform(4, 11, GENES), generator.uniform(0.3, 1.2, GENES)


def _drawn(middle: np.ndarray, spread: np.ndarray, generator: np.random.Generator, count: int) -> np.ndarray:
    return np.clip(middle + spread * generator.normal(size=(count, GENES)), 2.1, 14.9)


@dataclass(frozen=True)
class Sequenced:
    """Counts of the samples (first) and of further lines. Axes: n sample, g gene."""

    names: tuple[str, ...]
    """The networks' genes first."""
    lengths: np.ndarray
    counts: np.ndarray

    @property
    def tpm(self) -> np.ndarray:
        """Transcripts per million."""
        rate = self.counts / self.lengths
        return rate / rate.sum(axis=1, keepdims=True) * 1e6


@cache
def sequenced() -> Sequenced:
    """Counts with depth, gene lengths, genes that are silent, and samples that differ."""
    generator = np.random.default_rng(2)
    lengths = generator.integers(300, 9_000, SEQUENCED).astype(float)
    middle = generator.normal(1.5, 1.8, SEQUENCED)
    middle[:GENES] = generator.uniform(1.5, 5, GENES)  # measured genes of a network are expressed
    middle[GENES:] -= np.where(generator.random(SEQUENCED - GENES) < 0.4, 9, 0)
    silent = generator.random(SEQUENCED) < 0.2
    silent[:GENES] = False
    rate = np.exp(middle + generator.normal(0, 0.7, (LINES, SEQUENCED))) * ~silent * lengths
    depth = generator.uniform(8e6, 3e7, (LINES, 1))
    counts = generator.poisson(rate / rate.sum(axis=1, keepdims=True) * depth).astype(float)
    return Sequenced((*(gene.symbol for gene in genes()), *(f"OTHER{i}" for i in range(SEQUENCED - GENES))), lengths,
                     counts)  # fmt: skip


def make_world(folder: Path) -> World:
    """Both networks with random weights, and what they predict from plain files."""
    world = World(folder)
    _save(world.rma_model, _rma_lines(), ExpressionScale.RMA)
    logs = np.log2(sequenced().tpm + 1)[:, :GENES]
    _save(world.tpm_model, logs, ExpressionScale.LOG2_TPM)
    compounds = folder / "compounds.csv"
    pd.DataFrame({"name": COMPOUNDS.keys(), "smiles": COMPOUNDS.values()}).to_csv(compounds, index=False)
    for name, model, values in (
        ("rma", world.rma_model, rma()),
        ("tpm", world.tpm_model, np.log2(sequenced().tpm + 1)[: len(SAMPLES)]),
    ):
        columns = sequenced().names if name == "tpm" else tuple(gene.symbol for gene in genes())
        table = pd.DataFrame(values, columns=list(columns))
        table.insert(0, "sample", list(SAMPLES))
        table.to_csv(folder / f"{name}_samples.csv", index=False)
        arguments = predict(model, folder / f"{name}_samples.csv", compounds, folder / f"{name}.csv")
        status = exit_code_of(lambda arguments=arguments: app(list(arguments)))
        if status:
            message = f"the plain file of {name} cannot be predicted: status {status}"
            raise RuntimeError(message)
    return world


def predict(model: Path, expression: Path, compounds: Path, out: Path) -> tuple[str, ...]:
    """The arguments of a prediction."""
    paths = {"--model": model, "--expression": expression, "--compounds": compounds, "--out": out}
    return ("predict", *(str(part) for pair in paths.items() for part in pair))


def _save(folder: Path, lines: np.ndarray, scale: ExpressionScale) -> None:
    backbone = PerturbationSettings(hidden=8, molecule=MatSettings(width=16, layers=1, heads=2))
    generator = np.random.default_rng(3)
    edges = np.unique(np.sort(generator.choice(GENES, (30, 2)), axis=1), axis=0)
    edges = edges[edges[:, 0] < edges[:, 1]]
    prior = InteractionPrior(GeneSpace(tuple(gene.symbol for gene in genes())), edges, "random")
    torch.manual_seed(0)
    net = ResponseNet(PerturbationNet(prior, backbone), ResponseSettings(widths=(32, 16)))
    card = Card(
        kind="response", name="robustness", perturbation=backbone, response=net.settings, genes=prior.genes.symbols,
        gene_digest=prior.genes.digest, prior_source="random", expression_scale=scale,
        effects=Effects(mean=1.0, sample={}, compound={}),
    )  # fmt: skip
    save_response(folder / "checkpoint", net, RobustScaler.fit(lines.astype(np.float32)), card)


def settings_of(folder: Path) -> dict[str, object]:
    """The card of a network."""
    return json.loads((folder / "checkpoint" / "card.json").read_text(encoding="utf-8"))
