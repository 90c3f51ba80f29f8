"""A multi-trait Gaussian process: which compounds act alike is learnt from the responses. `README.md` explains it."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.predictors.multi_trait_gp.compound_heads import MeanHead as MeanHead
    from drugripple.predictors.multi_trait_gp.compound_similarity import CompoundDescriptions as CompoundDescriptions
    from drugripple.predictors.multi_trait_gp.embedding import Embedder as Embedder
    from drugripple.predictors.multi_trait_gp.embedding import can_embed as can_embed
    from drugripple.predictors.multi_trait_gp.embedding import minimol as minimol
    from drugripple.predictors.multi_trait_gp.fitted import Columns as Columns
    from drugripple.predictors.multi_trait_gp.fitted import FittedTraits as FittedTraits
    from drugripple.predictors.multi_trait_gp.gene_pairs import PairTests as PairTests
    from drugripple.predictors.multi_trait_gp.gene_pairs import pair_tests as pair_tests
    from drugripple.predictors.multi_trait_gp.gene_slopes import GeneTests as GeneTests
    from drugripple.predictors.multi_trait_gp.gene_slopes import gene_tests as gene_tests
    from drugripple.predictors.multi_trait_gp.grid import ResponseGrid as ResponseGrid
    from drugripple.predictors.multi_trait_gp.measured_shares import TeachingGrid as TeachingGrid
    from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP as MultiTraitGP
    from drugripple.predictors.multi_trait_gp.problem import canonical_rows as canonical_rows
    from drugripple.predictors.multi_trait_gp.sample_kernel import FEWEST_SHARED_GENES as FEWEST_SHARED_GENES
    from drugripple.predictors.multi_trait_gp.sample_kernel import GeneLevels as GeneLevels
    from drugripple.predictors.multi_trait_gp.sample_kernel import SampleKernel as SampleKernel
    from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings as MultiTraitSettings
    from drugripple.predictors.multi_trait_gp.settings import Structure as Structure
    from drugripple.predictors.multi_trait_gp.with_studies import with_studies_and_minimol as with_studies_and_minimol
else:
    __all__ = lazy_exports(__name__)
