"""A denoising autoencoder of each sample's responses, for known samples and compounds."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.predictors.autoencoder.predictor import ResponseAutoencoder as ResponseAutoencoder
    from drugripple.predictors.autoencoder.settings import AutoencoderSettings as AutoencoderSettings
else:
    __all__ = lazy_exports(__name__)
