"""Fine-tune: one fold of measured responses to a trained network."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.recipes.finetune.catalogue import FittedResult as FittedResult
    from drugripple.recipes.finetune.catalogue import fit_model as fit_model
    from drugripple.recipes.finetune.fold import RESULTS as RESULTS
    from drugripple.recipes.finetune.fold import inputs_of as inputs_of
    from drugripple.recipes.finetune.run import FinetuneResult as FinetuneResult
    from drugripple.recipes.finetune.run import finetune_table as finetune_table
    from drugripple.recipes.finetune.run import run_finetune as run_finetune
    from drugripple.recipes.finetune.settings import FinetuneRun as FinetuneRun
else:
    __all__ = lazy_exports(__name__)
