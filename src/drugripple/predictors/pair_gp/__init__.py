"""A Gaussian process over pairs of samples and compounds."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.predictors.pair_gp.gaussian_process import PairGaussianProcess as PairGaussianProcess
    from drugripple.predictors.pair_gp.kernels import UNKNOWN as UNKNOWN
    from drugripple.predictors.pair_gp.kernels import squared_distances as squared_distances
    from drugripple.predictors.pair_gp.kronecker import Eigen as Eigen
    from drugripple.predictors.pair_gp.kronecker import Scales as Scales
    from drugripple.predictors.pair_gp.product_kernel import ProductKernel as ProductKernel
    from drugripple.predictors.pair_gp.product_kernel import pairs_of as pairs_of
else:
    __all__ = lazy_exports(__name__)
