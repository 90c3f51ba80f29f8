"""The networks of both stages, and their checkpoints."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.model.attention import GeneAttention as GeneAttention
    from drugripple.model.checkpoint import Card as Card
    from drugripple.model.checkpoint import PerturbationCheckpoint as PerturbationCheckpoint
    from drugripple.model.checkpoint import ResponseCheckpoint as ResponseCheckpoint
    from drugripple.model.checkpoint import load_perturbation as load_perturbation
    from drugripple.model.checkpoint import load_response as load_response
    from drugripple.model.checkpoint import save_perturbation as save_perturbation
    from drugripple.model.checkpoint import save_response as save_response
    from drugripple.model.condition import ConditionEncoder as ConditionEncoder
    from drugripple.model.dropout import Dropout as Dropout
    from drugripple.model.folders import CARD as CARD
    from drugripple.model.folders import CHECKPOINT as CHECKPOINT
    from drugripple.model.folders import checkpoint_folder as checkpoint_folder
    from drugripple.model.folders import shipped_folder as shipped_folder
    from drugripple.model.free_factors import FreeTerms as FreeTerms
    from drugripple.model.free_factors import GridTerms as GridTerms
    from drugripple.model.free_factors import Known as Known
    from drugripple.model.mat.encoder import encode as encode
    from drugripple.model.mat.weights import load_mat as load_mat
    from drugripple.model.network import Perturbation as Perturbation
    from drugripple.model.network import PerturbationNet as PerturbationNet
    from drugripple.model.network import Response as Response
    from drugripple.model.network import ResponseNet as ResponseNet
    from drugripple.model.presets import FORM as FORM
    from drugripple.model.presets import PerturbationOfPreset as PerturbationOfPreset
    from drugripple.model.presets import Preset as Preset
    from drugripple.model.presets import ResponseOfPreset as ResponseOfPreset
    from drugripple.model.products import quick_products as quick_products
    from drugripple.model.projection import Head as Head
    from drugripple.model.projection import LowRankLinear as LowRankLinear
    from drugripple.model.projection import Projection as Projection
    from drugripple.model.released import read_finetuned as read_finetuned
    from drugripple.model.released import read_pretrained as read_pretrained
    from drugripple.model.settings import L1000_LANDMARK as L1000_LANDMARK
    from drugripple.model.settings import MAT_RANDOM as MAT_RANDOM
    from drugripple.model.settings import MAT_SMALL as MAT_SMALL
    from drugripple.model.settings import MORGAN as MORGAN
    from drugripple.model.settings import RANDOM as RANDOM
    from drugripple.model.settings import SHIPPED as SHIPPED
    from drugripple.model.settings import SMALL_MAT as SMALL_MAT
    from drugripple.model.settings import Apply as Apply
    from drugripple.model.settings import BackboneGenes as BackboneGenes
    from drugripple.model.settings import Freeze as Freeze
    from drugripple.model.settings import MatSettings as MatSettings
    from drugripple.model.settings import Mixing as Mixing
    from drugripple.model.settings import PerturbationSettings as PerturbationSettings
    from drugripple.model.settings import Precision as Precision
    from drugripple.model.settings import Prior as Prior
    from drugripple.model.settings import ResponseSettings as ResponseSettings
    from drugripple.model.shipped import card_of as card_of
    from drugripple.model.shipped import fresh_network as fresh_network
    from drugripple.model.shipped import pretrained as pretrained
    from drugripple.model.shipped_interactions import shipped_interactions as shipped_interactions
    from drugripple.model.storage import DataUse as DataUse
else:
    __all__ = lazy_exports(__name__)
