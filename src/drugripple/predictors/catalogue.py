"""Every baseline as one literal record: name, maker, citation, and the paper's row where it has one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.data.predictor import Predictor
from drugripple.errors import ConfigError


@dataclass(frozen=True)
class Published:
    """Mean and standard deviation over ten folds, as printed in the paper's Table 1."""

    rmse: float
    rmse_sd: float
    pcc: float
    pcc_sd: float


@dataclass(frozen=True)
class PaperRow:
    """One row of the paper's Table 1."""

    mixed: Published
    cell_blind: Published
    drug_blind: Published
    disjoint: Published


@dataclass(frozen=True)
class Baseline:
    """A baseline: `make()` imports what it needs and returns an unfitted predictor."""

    name: str
    make: Callable[[], Predictor]
    citation: str
    paper: PaperRow | None = None
    make_with: Callable[[Path], Predictor] | None = None
    """For a predictor that reads further studies from the data folder."""

    def maker(self, data: Path | None) -> Callable[[], Predictor]:
        """A maker for a run on a data folder, or on a user's own responses, which have none.

        Raises:
            ConfigError: if the predictor reads further studies and there is no folder to read them from.
        """
        if self.make_with is None:
            return self.make
        if data is None:
            message = f"{self.name} reads further studies from a data folder, and this run has none; name `data`"
            raise ConfigError(message)
        return partial(self.make_with, data)


def _global_mean() -> Predictor:
    from drugripple.predictors.naive import GlobalMean

    return GlobalMean()


def _group_mean(*levels: str) -> Callable[[], Predictor]:
    def make() -> Predictor:
        from drugripple.predictors.naive import GroupMean

        return GroupMean(*levels)

    return make


def _mean_effects() -> Predictor:
    from drugripple.predictors.naive import MeanEffects

    return MeanEffects()


def _nearest_drug() -> Predictor:
    from drugripple.predictors.naive import NearestDrug

    return NearestDrug()


def _product_kernel() -> Predictor:
    from drugripple.predictors.pair_gp.product_kernel import ProductKernel

    return ProductKernel()


def _multi_trait_gp() -> Predictor:
    from drugripple.predictors.multi_trait_gp import MultiTraitGP

    return MultiTraitGP()


def _multi_trait_gp_with_studies(data: Path) -> Predictor:
    from drugripple.predictors.multi_trait_gp import MultiTraitGP

    return MultiTraitGP(auxiliary=_studies(data))


@cache
def _studies(data: Path) -> tuple[AuxiliaryStudy, ...]:
    from drugripple.sources.public.auxiliary_studies import read_auxiliary_studies

    return tuple(found.study for found in read_auxiliary_studies(data))


def _lightgbm() -> Predictor:
    from drugripple.predictors.boosting import ResidualBoosting

    return ResidualBoosting()


def _ridge() -> Predictor:
    from drugripple.predictors.classical import Ridge

    return Ridge()


def _forest() -> Predictor:
    from drugripple.predictors.classical import Forest

    return Forest()


def _support_vector() -> Predictor:
    from drugripple.predictors.classical import SupportVector

    return SupportVector()


NAIVE = "naive predictors as in DrEval, Nat Commun 2026 17:4238"

BASELINES: dict[str, Baseline] = {
    record.name: record
    for record in (
        Baseline("global_mean", _global_mean, NAIVE),
        Baseline("drug_mean", _group_mean("drug"), NAIVE),
        Baseline("line_mean", _group_mean("line"), NAIVE),
        Baseline("tissue_mean", _group_mean("tissue"), NAIVE),
        Baseline("tissue_drug_mean", _group_mean("tissue x drug", "drug", "tissue"), NAIVE),
        Baseline("mean_effects", _mean_effects, NAIVE),
        Baseline("nearest_drug", _nearest_drug, NAIVE),
        Baseline(
            "product_kernel_gp",
            _product_kernel,
            "Pahikkala et al. 2013, doi:10.1007/s10994-012-5340-7; Cichonska et al. 2018 (pairwiseMKL)",
        ),
        Baseline(
            "multi_trait_gp",
            _multi_trait_gp,
            "Zhou and Stephens 2014, doi:10.1038/nmeth.2848 (multi-trait mixed models); compounds are the traits",
        ),
        Baseline(
            "multi_trait_gp_studies",
            _multi_trait_gp,
            "as multi_trait_gp; means of new compounds also from the GDSC1, NCI-60 and CTRPv2 of the data folder",
            make_with=_multi_trait_gp_with_studies,
        ),
        Baseline("lightgbm", _lightgbm, "Ke et al. 2017, NeurIPS 30, on residuals of mean effects"),
        Baseline("ridge", _ridge, "Hoerl and Kennard 1970, doi:10.1080/00401706.1970.10488634"),
        Baseline(
            "rf",
            _forest,
            "Breiman 2001, doi:10.1023/A:1010933404324",
            PaperRow(
                mixed=Published(1.212, 0.017, 0.905, 0.003),
                cell_blind=Published(1.347, 0.058, 0.881, 0.010),
                drug_blind=Published(2.671, 0.579, 0.406, 0.256),
                disjoint=Published(2.906, 0.220, 0.370, 0.138),
            ),
        ),
        Baseline(
            "svm",
            _support_vector,
            "Drucker et al. 1996, NeurIPS 9; squared loss on the exact product kernel",
            PaperRow(
                mixed=Published(1.126, 0.016, 0.918, 0.002),
                cell_blind=Published(1.346, 0.062, 0.881, 0.011),
                drug_blind=Published(2.268, 0.437, 0.520, 0.177),
                disjoint=Published(2.685, 0.350, 0.450, 0.095),
            ),
        ),
    )
}
