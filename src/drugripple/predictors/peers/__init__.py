"""The neural models that the paper compares itself with, each in one file, and Dr.VAE."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.predictors.peers.design import Knowledge as Knowledge
    from drugripple.predictors.peers.graph_layers import can_convolve as can_convolve
    from drugripple.predictors.peers.predictor import Peer as Peer
    from drugripple.predictors.peers.predictor import published as published
    from drugripple.predictors.peers.records import RECORDS as RECORDS
    from drugripple.predictors.peers.records import forms as forms
    from drugripple.predictors.peers.settings import PeerSettings as PeerSettings
else:
    __all__ = lazy_exports(__name__)
