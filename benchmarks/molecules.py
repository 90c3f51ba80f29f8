"""The molecule encoder of the published size on distinct molecules of mixed size, beside its plain formula."""

from typing import NamedTuple

import numpy as np
import torch

from benchmarks.clock import shortest
from benchmarks.data import data_folder
from benchmarks.plain_mat import PlainMat
from drugripple.chem.featurise import featurise
from drugripple.chem.graph import MolGraph
from drugripple.chem.molecule import standardise_all
from drugripple.config import cache_folder
from drugripple.data.molecule_batch import MolBatch, collate
from drugripple.data.synthetic import MECHANISMS
from drugripple.model.mat.encoder import MatConfig, MoleculeAttentionTransformer, encode
from drugripple.model.settings import Precision
from tools.ledger import BenchmarkRecord

PLAIN_BATCH = 32
"""Of the published training; the plain formula is also measured one molecule at a time, which pads nothing."""
MOLECULES, TRAINED = 96, 64


class Library(NamedTuple):
    graphs: list[MolGraph]
    largest: int
    """Nodes of the largest molecule of the whole data set."""
    source: str


def library(count=MOLECULES, seed=0):
    """Distinct molecules in random order: of GDSC where the data folder is there, else of the synthetic world."""
    folder = data_folder()
    if folder is None:
        smiles = [text for members in MECHANISMS.values() for text in members.values()]
        source = "the synthetic world"
    else:
        import pandas as pd

        smiles = pd.read_parquet(folder / "gdsc" / "drugs.parquet")["canonical_smiles"].dropna().tolist()
        source = "GDSC"
    molecules = standardise_all(sorted(set(smiles))).molecules.values()
    graphs = list(featurise(molecules, cache=cache_folder() / "molecules").values())
    largest = max(len(graph.atoms) for graph in graphs)
    chosen = [graphs[i] for i in np.random.default_rng(seed).permutation(len(graphs))[:count]]
    return Library(chosen, largest, source)


def mat_molecules(count=MOLECULES, config=None, batch=PLAIN_BATCH):
    """Forward, in single and in half precision, and the plain formula in three ways to batch."""
    mat, plain, found = _encoders(count, config)
    mixed = _batches(found.graphs, batch)
    runs = {
        "mat_molecules": lambda: encode(mat, found.graphs),
        "mat_molecules_bf16": lambda: encode(mat, found.graphs, precision=Precision.BFLOAT16),
        "mat_molecules_plain": lambda: [plain(part) for part in mixed],
        "mat_molecules_plain_alone": _each(plain, _batches(found.graphs, 1)),
        "mat_molecules_plain_largest": _each(plain, [_widened(part, found.largest) for part in mixed]),
    }
    with torch.no_grad():
        rates = dict(
            zip(runs, (len(found.graphs) / seconds for seconds in shortest(*runs.values(), least=6)), strict=True)
        )
    nodes = sum(len(graph.atoms) for graph in found.graphs) / len(found.graphs)
    of = f"{found.source}, {nodes:.1f} nodes a molecule"
    against = f"plain formula on mixed batches of {batch}, padded to each batch's largest; {of}"
    for name, rate in rates.items():
        ours = not name.startswith("mat_molecules_plain")
        ratio = rate / rates["mat_molecules_plain"] if ours else None
        yield BenchmarkRecord(name, rate, "molecules/s", ratio, against if ours else of, rows=len(found.graphs))


def mat_molecules_backward(count=TRAINED, config=None, batch=PLAIN_BATCH):
    """Forward and backward of mixed batches, as training meets them."""
    mat, plain, found = _encoders(count, config)
    parts = _batches(found.graphs, batch)

    def step(network, half=False):
        for part in parts:
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                network(part).square().mean().backward()
            mat.zero_grad(set_to_none=True)

    seconds = shortest(lambda: step(mat), lambda: step(mat, half=True), lambda: step(plain))
    ours, half, slow = (len(found.graphs) / each for each in seconds)
    against = (
        f"plain formula, forward and backward, the same batches of {batch}, {slow:.4g} molecules/s; {found.source}"
    )
    for name, rate in (("mat_molecules_backward", ours), ("mat_molecules_backward_bf16", half)):
        yield BenchmarkRecord(name, rate, "molecules/s", rate / slow, against, rows=len(found.graphs))


def _encoders(count, config):
    torch.manual_seed(0)
    mat = MoleculeAttentionTransformer(config or MatConfig()).eval()
    return mat, PlainMat(mat), library(count)


def _batches(graphs, size):
    return [collate(graphs[start : start + size]) for start in range(0, len(graphs), size)]


def _each(network, parts):
    return lambda: [network(part) for part in parts]


def _widened(molecules, size):
    """The same batch with padding up to the data set's largest molecule."""
    more = size - molecules.mask.shape[1]
    return MolBatch(
        torch.nn.functional.pad(molecules.atoms, (0, 0, 0, more)),
        torch.nn.functional.pad(molecules.bonded, (0, more, 0, more)),
        torch.nn.functional.pad(molecules.distance, (0, more, 0, more)),
        torch.nn.functional.pad(molecules.mask, (0, more)),
    )
