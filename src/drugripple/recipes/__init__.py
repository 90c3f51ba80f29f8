"""The jobs behind the commands: each reads a run file, composes the packages below, and writes a folder."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.recipes.audit import as_text as as_text
    from drugripple.recipes.audit import audit_splits as audit_splits
    from drugripple.recipes.ceiling import ceiling as ceiling
    from drugripple.recipes.finetune import FinetuneRun as FinetuneRun
    from drugripple.recipes.finetune import run_finetune as run_finetune
    from drugripple.recipes.folds import measured_rows as measured_rows
    from drugripple.recipes.patients import PatientsRun as PatientsRun
    from drugripple.recipes.patients import Transfer as Transfer
    from drugripple.recipes.patients import of_loaded as of_loaded
    from drugripple.recipes.patients import run_patients as run_patients
    from drugripple.recipes.patients import transfer as transfer
    from drugripple.recipes.patients import trial_of as trial_of
    from drugripple.recipes.quickstart import run_quickstart as run_quickstart
    from drugripple.recipes.reproduce import ReproduceRun as ReproduceRun
    from drugripple.recipes.reproduce import run_reproduce as run_reproduce
else:
    __all__ = lazy_exports(__name__)
