"""A denoising autoencoder of each sample's responses, with principal components of its expression beside them.

    z_sc = (y_sc - m_c) / d_c                                 m, d   mean and deviation of the compound's responses
    x_s  = [ ¼ z_s∘k_s √(C / Σk_s),  k_s - ½,  ¼ p_s ]        k_sc   1 where the response is shown, else 0
    ẑ_s  = gelu(x_s E + a) D + x_s N W + b                    p_s    components of the ranks of its genes
    ŷ_sc = m_c + d_c ẑ_sc                                     the mean over members

Every step of training hides a random part of a sample's responses, and the network tells what was hidden from the
rest. Every compound has an output vector of its own, a column of D and W, that no structure binds.

Source: Sedhain et al. 2015, doi:10.1145/2740908.2742726 (autoencoders of rows with gaps); Wu et al. 2016,
doi:10.1145/2835776.2835837 (hidden inputs, and what is known of the row beside them). Differs: it reads which
responses are shown, expression, and has a linear path beside the nonlinear one.
"""

import numpy as np
from jaxtyping import Float

from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.data.studies import join_studies
from drugripple.genes.ranks import normal_scores
from drugripple.genes.space import GeneSpace
from drugripple.predictors.autoencoder.fitted import FittedAutoencoder, inputs, scaled_components
from drugripple.predictors.autoencoder.settings import AutoencoderSettings
from drugripple.predictors.features import PrincipalAxes, on_genes
from drugripple.predictors.multi_trait_gp.grid import ResponseGrid
from drugripple.predictors.multi_trait_gp.problem import canonical_rows
from drugripple.predictors.saved_whole import SavedWhole
from drugripple.predictors.saving import laid_out


class ResponseAutoencoder(SavedWhole[FittedAutoencoder]):
    """Responses of known samples to known compounds from the sample's other responses and its expression.

    A new sample shows no response, so that its expression alone answers. A new compound has no output: it is answered
    with the mean of the sample's predicted responses to the training compounds.

    >>> ResponseAutoencoder().name
    'autoencoder'
    """

    name = "autoencoder"
    learns = FittedAutoencoder

    def __init__(self, settings: AutoencoderSettings | None = None) -> None:
        """Keep the settings."""
        self.settings = settings or AutoencoderSettings()

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:
        """Learn from the training rows, and from the validation rows with `refit`, which choose nothing.

        Raises:
            TableError: if training and validation rows are of different samples tables.
        """
        rows = join_studies([train, valid]).table if self.settings.refit and len(valid) else train
        self.learnt, self.measure = laid_out(_fitted(rows, self.settings, seed)), train.measure

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Predicted response of every pair.

        Raises:
            GeneSpaceError: if a new sample lacks a gene of the fit.
        """
        learnt = self.require_learnt()
        asked, place = pairs.canonical()
        grid = learnt.grid(asked.expression)
        column = {parent: number for number, parent in enumerate(learnt.compounds)}
        compound = np.array([column.get(parent, -1) for parent in asked.compounds.smiles], dtype=np.int64)
        grid = np.column_stack([grid, grid.mean(axis=1)])
        return grid[asked.sample_row, compound[asked.compound_row]][place]


def _fitted(rows: ResponseTable, settings: AutoencoderSettings, seed: int) -> FittedAutoencoder:
    from drugripple.predictors.autoencoder.training import train_layers

    asked, sample, compound = canonical_rows(rows)
    grid = ResponseGrid.of(sample, compound, rows.values, (len(asked.expression), len(asked.compounds)))
    genes = GeneSpace(tuple(sorted(asked.expression.genes.symbols)))
    scores = normal_scores(on_genes(asked.expression, genes)).astype(np.float32)
    axes = PrincipalAxes.fit(scores, np.ones(len(scores), dtype=bool), settings.components)
    spread = axes.of(scores).std(axis=0)
    components = scaled_components(asked.expression, genes, axes, spread)
    mean = grid.column_means()
    centred, number = np.where(grid.measured, grid.values - mean, 0.0), grid.measured.sum(axis=0)
    deviation = np.sqrt((centred**2).sum(axis=0) / np.maximum(number, 1))
    deviation[deviation == 0] = 1.0
    responses = (centred / deviation).astype(np.float32)
    weight = (grid.count * deviation**2 / (deviation**2).mean()).astype(np.float32)
    layers = train_layers(responses, weight, components, settings, seed=seed)
    answers = mean + deviation * layers.respond(inputs(responses, grid.measured, components))
    return FittedAutoencoder(
        asked.expression.samples, asked.compounds.smiles, genes, axes, spread, mean, deviation, layers, answers
    )
