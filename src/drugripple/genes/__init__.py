"""Genes: ordered panels, their names, prior networks and scaling. Nothing here imports torch."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.genes.combat import correct_batches as correct_batches
    from drugripple.genes.human import Gene as Gene
    from drugripple.genes.human import entrez_ids as entrez_ids
    from drugripple.genes.human import human_gene as human_gene
    from drugripple.genes.human import human_genes as human_genes
    from drugripple.genes.prior import InteractionPrior as InteractionPrior
    from drugripple.genes.ranks import normal_scores as normal_scores
    from drugripple.genes.scaling import CMAP_MAD_FLOOR as CMAP_MAD_FLOOR
    from drugripple.genes.scaling import MAD_TO_SD as MAD_TO_SD
    from drugripple.genes.scaling import RobustScaler as RobustScaler
    from drugripple.genes.set_variation import SetVariation as SetVariation
    from drugripple.genes.space import GeneSpace as GeneSpace
    from drugripple.genes.spellings import repeated_name as repeated_name
    from drugripple.genes.spellings import written_as_mouse as written_as_mouse
    from drugripple.genes.symbols import GeneNaming as GeneNaming
    from drugripple.genes.symbols import Resolution as Resolution
    from drugripple.genes.symbols import SymbolMap as SymbolMap
    from drugripple.genes.symbols import naming_of as naming_of
else:
    __all__ = lazy_exports(__name__)
