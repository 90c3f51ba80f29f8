"""Stages 0 and 1: pretraining on molecules, then on expression profiles."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.recipes.pretrain.corpus import PretrainRun as PretrainRun
    from drugripple.recipes.pretrain.profiles import run_pretrain as run_pretrain
else:
    __all__ = lazy_exports(__name__)
