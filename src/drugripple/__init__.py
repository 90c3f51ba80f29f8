"""drugripple: how cells respond to a compound, how sure that is, and through which genes.

An implementation of condition-specific gene-gene attention (CSG²A; Bang, Koo and Kim, Bioinformatics 2024,
doi:10.1093/bioinformatics/btae249). Names are imported on first use, so that `import drugripple` stays quick.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "BenchmarkRun": "recipes.benchmark.settings",
    "CompoundTable": "data.tables",
    "DrugResponseModel": "predict.model",
    "DrugrippleError": "errors",
    "ExpressionScale": "data.tables",
    "ExpressionTable": "data.tables",
    "FinetuneRun": "recipes.finetune",
    "Fold": "evaluation.splits",
    "GeneAttention": "model.attention",
    "GeneSpace": "genes.space",
    "InteractionPrior": "genes.prior",
    "PerturbationNet": "model.network",
    "PerturbationTable": "data.tables",
    "Preset": "config",
    "PretrainRun": "recipes.pretrain.corpus",
    "ResponseNet": "model.network",
    "ResponseTable": "data.tables",
    "Scheme": "evaluation.splits",
    "TuneRun": "recipes.tune.run",
    "explain": "predict.explain",
    "load": "predict.model",
    "make_folds": "evaluation.splits",
    "read_compounds": "sources.user.user_files",
    "read_expression": "sources.user.user_files",
    "run_benchmark": "recipes.benchmark.run",
    "run_finetune": "recipes.finetune",
    "run_pretrain": "recipes.pretrain.profiles",
    "screen": "recipes.screen.run",
    "tune": "recipes.tune.run",
}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> object:
    """Import a public name from its room on first use (PEP 562)."""
    if name not in _HOME:
        message = f"module 'drugripple' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"drugripple.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
