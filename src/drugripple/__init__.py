"""drugripple: how cells respond to a compound, how sure that is, and through which genes.

An implementation of condition-specific gene-gene attention (CSG²A; Bang, Koo and Kim, Bioinformatics 2024,
doi:10.1093/bioinformatics/btae249). Names are imported on first use, so that `import drugripple` stays quick.
"""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

__version__ = "0.1.0"

if TYPE_CHECKING:
    from drugripple import chem as chem
    from drugripple import data as data
    from drugripple import datasets as datasets
    from drugripple import errors as errors
    from drugripple import evaluation as evaluation
    from drugripple import genes as genes
    from drugripple import integrations as integrations
    from drugripple import interpretation as interpretation
    from drugripple import model as model
    from drugripple import predictors as predictors
    from drugripple import recipes as recipes
    from drugripple import sources as sources
    from drugripple.chem.molecule import Molecule as Molecule
    from drugripple.data.measure import Measure as Measure
    from drugripple.data.pairs import Pairs as Pairs
    from drugripple.data.predictor import Predictor as Predictor
    from drugripple.data.response import ResponseTable as ResponseTable
    from drugripple.data.tables import CompoundTable as CompoundTable
    from drugripple.data.tables import ExpressionScale as ExpressionScale
    from drugripple.data.tables import ExpressionTable as ExpressionTable
    from drugripple.data.tables import PerturbationTable as PerturbationTable
    from drugripple.errors import DrugrippleError as DrugrippleError
    from drugripple.evaluation.schemes import Scheme as Scheme
    from drugripple.evaluation.splits import Fold as Fold
    from drugripple.evaluation.splits import make_folds as make_folds
    from drugripple.genes.prior import InteractionPrior as InteractionPrior
    from drugripple.genes.space import GeneSpace as GeneSpace
    from drugripple.integrations.sklearn import CSG2ARegressor as CSG2ARegressor
    from drugripple.model.attention import GeneAttention as GeneAttention
    from drugripple.model.network import PerturbationNet as PerturbationNet
    from drugripple.model.network import ResponseNet as ResponseNet
    from drugripple.model.presets import Preset as Preset
    from drugripple.predict.default import DefaultModel as DefaultModel
    from drugripple.predict.load import load as load
    from drugripple.predict.model import DrugResponseModel as DrugResponseModel
    from drugripple.predict.screen.run import screen as screen
    from drugripple.predict.screen.settings import ScreenRequest as ScreenRequest
    from drugripple.recipes.benchmark.run import run_benchmark as run_benchmark
    from drugripple.recipes.benchmark.settings import BenchmarkRun as BenchmarkRun
    from drugripple.recipes.default_model.run import build_default as build_default
    from drugripple.recipes.default_model.settings import DefaultModelRun as DefaultModelRun
    from drugripple.recipes.finetune.run import run_finetune as run_finetune
    from drugripple.recipes.finetune.settings import FinetuneRun as FinetuneRun
    from drugripple.recipes.pretrain.profiles import run_pretrain as run_pretrain
    from drugripple.recipes.pretrain.settings import PretrainRun as PretrainRun
    from drugripple.recipes.tune.run import tune as tune
    from drugripple.recipes.tune.settings import TuneRun as TuneRun
    from drugripple.sources.user.compounds import read_compounds as read_compounds
    from drugripple.sources.user.expression import read_expression as read_expression
    from drugripple.sources.user.responses import read_responses as read_responses
else:
    __all__ = ["__version__", *lazy_exports(__name__)]
