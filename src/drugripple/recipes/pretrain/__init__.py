"""Stages 0 and 1: pretraining on molecules, then on expression profiles."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.recipes.pretrain.corpus import PAPER_PROFILES as PAPER_PROFILES
    from drugripple.recipes.pretrain.corpus import held_out as held_out
    from drugripple.recipes.pretrain.corpus import read_corpus as read_corpus
    from drugripple.recipes.pretrain.corpus import share_of_the_paper as share_of_the_paper
    from drugripple.recipes.pretrain.molecules import pretrain_molecules as pretrain_molecules
    from drugripple.recipes.pretrain.profiles import PretrainResult as PretrainResult
    from drugripple.recipes.pretrain.profiles import read_result as read_result
    from drugripple.recipes.pretrain.profiles import run_pretrain as run_pretrain
    from drugripple.recipes.pretrain.settings import HeldOutBy as HeldOutBy
    from drugripple.recipes.pretrain.settings import PretrainMoleculesRun as PretrainMoleculesRun
    from drugripple.recipes.pretrain.settings import PretrainRun as PretrainRun
else:
    __all__ = lazy_exports(__name__)
