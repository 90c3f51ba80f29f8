"""The pair Gaussian process as a predictor of responses: what a deep model has to clear."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.predictors.distances import distances_among, shifted_distances
from drugripple.predictors.features import on_genes
from drugripple.predictors.pair_gp.gaussian_process import PairGaussianProcess
from drugripple.predictors.pair_gp.kernels import (
    bandwidth,
    compound_kernel,
    compound_kernel_to,
)
from drugripple.predictors.pair_gp.posterior import PairPosterior, Relation
from drugripple.predictors.saved_whole import SavedWhole
from drugripple.predictors.saving import laid_out


@dataclass(frozen=True)
class FittedPairs:
    """Training samples and compounds with their similarities, and the posterior. Axes: n sample, c compound."""

    expression: ExpressionTable
    compounds: CompoundTable
    bandwidth: float
    """2s² of the similarity of samples."""
    sample_kernel: Float[np.ndarray, "n n"]
    compound_kernel: Float[np.ndarray, "c c"]
    posterior: PairPosterior
    values: Float[np.ndarray, "n c"]
    """Mean of the repeats; 0 where nothing was measured."""
    count: Float[np.ndarray, "n c"]

    def samples(self, asked: ExpressionTable) -> Relation:
        """How samples asked about relate to those of training; new ones by their expression."""
        known = _places(self.expression.samples, asked.samples)
        return Relation(self._filled(known, self.sample_kernel, self._similarity(asked.take(_new(known)))), known)

    def compounds_of(self, asked: CompoundTable) -> Relation:
        """How compounds asked about relate to those of training; new ones by structure and annotation."""
        known = _places(self.compounds.smiles, asked.smiles)
        new = compound_kernel_to(asked.take(_new(known)), self.compounds)
        return Relation(self._filled(known, self.compound_kernel, new), known)

    def joint(self, asked: Pairs) -> tuple[PairGaussianProcess, Int[np.ndarray, " a"], Int[np.ndarray, " b"]]:
        """The process over what training knows and what is new, and where those asked about stand in it."""
        sample, compound = self.samples(asked.expression).known, self.compounds_of(asked.compounds).known
        new_samples, new_compounds = asked.expression.take(_new(sample)), asked.compounds.take(_new(compound))
        cross = self._similarity(new_samples)
        values = on_genes(new_samples, self.expression.genes).astype(np.float64)
        among = np.exp(-shifted_distances(values, values) / self.bandwidth) if len(values) else np.zeros((0, 0))
        beside = compound_kernel_to(new_compounds, self.compounds)
        process = PairGaussianProcess(
            np.block([[self.sample_kernel, cross.T], [cross, among]]),
            np.block([[self.compound_kernel, beside.T], [beside, compound_kernel_to(new_compounds, new_compounds)]]),
            scales=self.posterior.scales,
        )
        pairs = np.argwhere(self.count > 0)
        repeats = self.count[self.count > 0].astype(np.int64)
        process.fit(np.repeat(pairs, repeats, axis=0), np.repeat(self.values[self.count > 0], repeats))
        return process, _appended(sample, len(self.expression)), _appended(compound, len(self.compounds))

    def _similarity(self, new: ExpressionTable) -> Float[np.ndarray, "a n"]:
        if not len(new):
            return np.zeros((0, len(self.expression)))
        values = (on_genes(table, self.expression.genes).astype(np.float64) for table in (new, self.expression))
        return np.exp(-shifted_distances(*values) / self.bandwidth)

    @staticmethod
    def _filled(
        known: Int[np.ndarray, " a"], kernel: Float[np.ndarray, "k k"], new: Float[np.ndarray, "b k"]
    ) -> Float[np.ndarray, "a k"]:
        """Rows of the kernel for what is known, and the rows of the new ones, as they were asked."""
        rows = np.empty((len(known), len(kernel)))
        rows[known >= 0] = kernel[known[known >= 0]]
        rows[known < 0] = new
        return rows


class ProductKernel(SavedWhole[FittedPairs]):
    """Sample effect, compound effect and their product, from expression of all genes and compound similarity.

    Hyper-parameters come from the marginal likelihood of the training rows; validation rows are not used. The length
    scale of the expression kernel is the median distance between training samples. A sample of training is known by
    its name and a compound by its parent: they are answered from what was learnt, whatever is asked beside them. New
    ones are answered by their similarity to those of training. A saved one holds the expression of its training
    samples.
    """

    name = "product_kernel_gp"
    learns = FittedPairs

    def __init__(self, *, length: float = 1.0, tolerance: float = 1e-4) -> None:
        """Choose the length scale in median distances, and the relative residual of the linear system."""
        self.length = length
        self.tolerance = tolerance

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:  # noqa: ARG002
        """Learn from the training rows."""
        pairs, rows = train.pairs.compact(), np.unique(train.sample_row)
        # Of the whole table, then of training alone: the search for scales amplifies a change in the last bit.
        squared = distances_among(train.expression.values.astype(np.float64))[np.ix_(rows, rows)]
        width = bandwidth(squared, length=self.length)
        kernels = np.exp(-squared / width), compound_kernel(pairs.compounds)
        process = PairGaussianProcess(*kernels, tolerance=self.tolerance)
        process.fit(np.stack([pairs.sample_row, pairs.compound_row], axis=1), train.values)
        seen = process.observed_
        values = np.where(seen.count > 0, seen.values + seen.mean, 0.0)
        self.learnt = laid_out(
            FittedPairs(pairs.expression, pairs.compounds, width, *kernels, process.posterior_, values, seen.count)
        )
        self.measure = train.measure

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Posterior mean of every pair.

        Raises:
            GeneSpaceError: if a sample is new and a gene of the fit is not measured.
        """
        asked, place = pairs.canonical()
        learnt = self.require_learnt()
        relations = learnt.samples(asked.expression), learnt.compounds_of(asked.compounds)
        return learnt.posterior.predict(*relations, asked.sample_row, asked.compound_row)[place]

    def predict_with_sd(
        self, pairs: Pairs, *, samples: int = 32, seed: int = 0
    ) -> tuple[Float[np.ndarray, " m"], Float[np.ndarray, " m"]]:
        """Posterior mean, and standard deviation of one new measurement."""
        asked, place = pairs.canonical()
        process, sample, compound = self.require_learnt().joint(asked)
        rows = np.stack([sample[asked.sample_row], compound[asked.compound_row]], axis=1)
        deviation = process.predict_with_sd(rows, samples=samples, seed=seed)[1]
        return self.predict(pairs), deviation[place]


def _places(names: tuple[str, ...], asked: tuple[str, ...]) -> Int[np.ndarray, " a"]:
    """Where each name asked about stands among some names; -1 for a new one."""
    place = {name: row for row, name in enumerate(names)}
    return np.array([place.get(name, -1) for name in asked], dtype=np.int64)


def _new(known: Int[np.ndarray, " a"]) -> Int[np.ndarray, " b"]:
    return np.flatnonzero(known < 0)


def _appended(known: Int[np.ndarray, " a"], count: int) -> Int[np.ndarray, " a"]:
    """Where those asked about stand when the new ones stand behind `count` known ones."""
    place = known.copy()
    place[known < 0] = count + np.arange(int((known < 0).sum()))
    return place
