"""A multi-trait Gaussian process: which compounds act alike is learnt from the responses. `README.md` explains it."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP as MultiTraitGP
    from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings as MultiTraitSettings
    from drugripple.predictors.multi_trait_gp.settings import Structure as Structure
else:
    __all__ = lazy_exports(__name__)
