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
    from drugripple.recipes.quickstart import run_quickstart as run_quickstart
else:
    __all__ = lazy_exports(__name__)
