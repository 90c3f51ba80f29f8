"""The default model in a screen: means of every pair; intervals and context are those of `predict`."""

import time
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from jaxtyping import Float, Float32, Int

from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.genes.space import GeneSpace
from drugripple.model.settings import Precision
from drugripple.predict.choices import Missing, Ranking, Size, refuse_unheard
from drugripple.predict.context import percentiles
from drugripple.predict.default import DefaultModel
from drugripple.predict.load import load_default
from drugripple.predict.own_compounds import told_from
from drugripple.predict.screen.compounds import Rejections, usable_molecules
from drugripple.predict.screen.engine import Block, Rates, ScreenInput, ScreenSamples
from drugripple.predict.screen.settings import ScreenRequest
from drugripple.predictors.multi_trait_gp.compound_similarity import CompoundDescriptions
from drugripple.predictors.multi_trait_gp.embedding import Embedder, minimol
from drugripple.predictors.multi_trait_gp.fitted import FittedTraits
from drugripple.predictors.multi_trait_gp.settings import Structure

COMPOUNDS_AT_ONCE = 512
BITS = 2048
"""Number of bits of a fingerprint."""
NO_DOSES = "the model reads no doses and times: `dose_um` and `hours` of the result are missing"


class DescribedRows(NamedTuple):
    """Rows of a library as the default model reads them. Axis t: usable row."""

    rows: Int[np.ndarray, " t"]
    """Places of the usable rows among the given rows."""
    compounds: CompoundTable
    described: CompoundDescriptions
    fingerprint: Float32[np.ndarray, "t b"]
    """Fingerprints of the compounds, computed once from `described`."""
    rejections: Rejections

    def repeated(self, number: int) -> "DescribedRows":
        """These rows repeated in turn until there are `number` of them."""
        chosen = np.resize(np.arange(len(self.rows)), number)
        names = tuple(str(row) for row in range(number))
        table = CompoundTable(names, names, tuple(self.compounds.molecules[row] for row in chosen.tolist()))
        described = self.described.take(chosen)
        return DescribedRows(np.arange(number), table, described, described.fingerprint, self.rejections)


@dataclass(frozen=True)
class DefaultEngine:
    """The default model with the samples of a screen. Axes: n sample, c training compound, t row of the library.

    mean of the compound + deviations of the sample [n c] times weights of the compound [c t]
    """

    model: DefaultModel
    samples: ScreenSamples
    by: Ranking = Ranking.RESPONSE
    """What compounds are ordered by."""
    keep: bool = False
    """Whether embeddings that are computed are stored."""
    at_once: int = COMPOUNDS_AT_ONCE

    @classmethod
    def read(cls, request: ScreenRequest) -> ScreenInput:
        """The samples of a request.

        Raises:
            ConfigError: if a setting says something to a network only.
            DrugrippleError: if the samples or the model cannot be used.
        """
        network_only = {
            "missing": request.missing != Missing.REFUSE,
            "size": request.size != Size.TRAINED,
            "precision": request.precision != Precision.FLOAT32,
        }
        refuse_unheard(network_only, "a network")
        model = load_default(request.folder)
        own = model.samples(request.expression, scale=request.scale, layer=request.layer)
        table = own.expression
        samples = ScreenSamples(own.names, table.values, table.genes.symbols, table.samples)
        source = f"means of compounds that are new to the model are told from {told_from(model.calibrated.predictor)}"
        return ScreenInput(samples, model.measure, (*own.notes, source, NO_DOSES))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the samples."""
        return self.samples.names

    def block(self, library: pa.Table) -> Block:
        """Predict every sample with some rows of a library."""
        found = self.describe(library)
        return self.answer(found) if len(found.rows) else Block.without_rows(len(self.names), found.rejections)

    def describe(self, library: pa.Table) -> "DescribedRows":
        """What the model reads of the rows that can be used."""
        molecules, rejections = usable_molecules(library, None)
        rows = np.array(sorted(molecules), dtype=np.int64)
        names = tuple(str(row) for row in rows.tolist())
        table = CompoundTable(names, names, tuple(molecules[row] for row in rows.tolist()))
        described = CompoundDescriptions.of(table, self._embed)
        return DescribedRows(rows, table, described, described.fingerprint, rejections)

    def answer(self, found: "DescribedRows") -> Block:
        """Predict every sample with rows that were described."""
        columns = self._traits.columns(found.compounds, None, with_variance=False, described=found.described)
        values = self._traits.means(self._expression, columns, self._deviations)
        percentile = None
        if self.by is Ranking.SELECTIVITY:
            training = self._traits.means(self._traits.kernel.training, columns, self._training_deviations)
            percentile = percentiles(np.sort(training, axis=0), values)
        blank = np.full(len(found.rows), np.nan, dtype=np.float32)
        smiles = found.compounds.smiles
        return Block(
            found.rows, smiles, columns.known, blank, blank, values.astype(np.float32), found.rejections, percentile
        )

    def rates(self, sampled: pa.Table, library: int, seconds: float) -> Rates:
        """Measure the rates on sampled rows of a library of so many, for about so many seconds."""
        self.block(sampled.slice(0, 1))
        start = time.perf_counter()
        found = self.describe(sampled)
        molecules = len(sampled) / (time.perf_counter() - start)
        if not len(found.rows):
            return Rates(molecules, 0.0, found.rejections)
        several = found.repeated(min(library, self.at_once))
        pairs, start = 0, time.perf_counter()
        while time.perf_counter() < start + seconds:
            pairs += self.answer(several).values.size
        return Rates(molecules, pairs / (time.perf_counter() - start), found.rejections)

    def block_bytes(self) -> int:
        """Most memory that a block takes."""
        known, columns = self._traits.mean_head.compounds, len(self._traits.posterior.mean)
        read = BITS if known.embedding is None else BITS + known.embedding.shape[1]
        training = 3 * len(self._traits.kernel.samples) if self.by is Ranking.SELECTIVITY else 0
        of_compound = 8 * (4 * len(known) + 6 * columns + 3 * len(self.names) + training + 3 * read)
        return self.at_once * of_compound + 16 * (read + len(known)) * len(known)

    @cached_property
    def _traits(self) -> FittedTraits:
        return self.model.calibrated.predictor.traits

    @cached_property
    def _embed(self) -> Embedder | None:
        embedded = self.model.calibrated.predictor.structure is Structure.MINIMOL
        return partial(minimol, keep=self.keep) if embedded else None

    @cached_property
    def _expression(self) -> ExpressionTable:
        given = self.samples
        return ExpressionTable(given.known_as, GeneSpace(given.genes), given.values, ExpressionScale.SAMPLE_Z)

    @cached_property
    def _training_deviations(self) -> Float[np.ndarray, "n c"]:
        return self._traits.deviations(self._traits.kernel.training)

    @cached_property
    def _deviations(self) -> Float[np.ndarray, "n c"]:
        return self._traits.deviations(self._expression)
