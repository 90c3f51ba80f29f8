"""A Gaussian process over pairs of samples and compounds: their effects and their product, in one exact posterior.

ŷ = μ + u_s + v_c + f_sc      u, v  effects of sample s and compound c, f their product: all posterior means
under covariances that are a share ρ of a similarity and 1 - ρ of one's own

gaussian_process   the model, its covariances, and a scikit-learn regressor on row numbers of two kernels
kernels            similarities of samples and of compounds
kronecker          linear systems on a grid of which only some pairs were measured
likelihood         hyper-parameters by exact marginal likelihood
posterior          what was learnt, for any samples and compounds
product_kernel     the predictor
"""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.predictors.pair_gp.gaussian_process import PairGaussianProcess as PairGaussianProcess
    from drugripple.predictors.pair_gp.kernels import UNKNOWN as UNKNOWN
    from drugripple.predictors.pair_gp.kernels import compound_kernel as compound_kernel
    from drugripple.predictors.pair_gp.kronecker import Eigen as Eigen
    from drugripple.predictors.pair_gp.kronecker import Scales as Scales
    from drugripple.predictors.pair_gp.product_kernel import ProductKernel as ProductKernel
    from drugripple.predictors.pair_gp.record import RECORDS as RECORDS
else:
    __all__ = lazy_exports(__name__)
