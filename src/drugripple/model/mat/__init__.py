"""The Molecule Attention Transformer: from a molecular graph to one vector."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.model.mat.encoder import MatConfig as MatConfig
    from drugripple.model.mat.encoder import MoleculeAttentionTransformer as MoleculeAttentionTransformer
    from drugripple.model.mat.encoder import encode as encode
    from drugripple.model.mat.weights import MatCard as MatCard
    from drugripple.model.mat.weights import MatCheckpoint as MatCheckpoint
    from drugripple.model.mat.weights import load_mat as load_mat
    from drugripple.model.mat.weights import load_published_mat as load_published_mat
    from drugripple.model.mat.weights import save_mat as save_mat
else:
    __all__ = lazy_exports(__name__)
