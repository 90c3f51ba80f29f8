"""Which engine a screen runs on: a network's or the default model's, by what the folder holds."""

from pathlib import Path

from drugripple.model.settings import Precision
from drugripple.predict.choices import Ranking, Size
from drugripple.predict.load import built_default, is_default_model, load_default, saved_folder
from drugripple.predict.screen.engine import ScreenEngine, ScreenInput, ScreenSamples
from drugripple.predict.screen.settings import ScreenRequest
from drugripple.predictors.saving import read_predictor_card
from drugripple.runtime.digest import file_digest


def read_input(request: ScreenRequest) -> ScreenInput:
    """The samples of a request as its model reads them.

    Raises:
        CheckpointError: if there is no such model.
        DrugrippleError: if an input cannot be used.
    """
    if is_default_model(request.model if request.model is not None else built_default()):
        from drugripple.predict.screen.default_engine import DefaultEngine

        return DefaultEngine.read(request)
    from drugripple.predict.screen.network_engine import NetworkEngine

    return NetworkEngine.read(request)


def open_engine(
    folder: Path,
    samples: ScreenSamples,
    *,
    precision: Precision = Precision.FLOAT32,
    size: Size = Size.TRAINED,
    by: Ranking = Ranking.RESPONSE,
    cache: Path | None = None,
    threads: int | None = None,
) -> ScreenEngine:
    """The model of a folder with the samples of a screen.

    Args:
        folder: of the model.
        samples: as `read_input` found them.
        precision: of a network's predictions.
        size: whether a network predicts molecules larger than any that it was trained on.
        by: what compounds are ordered by.
        cache: folder where graphs are kept; embeddings are kept in their own place if it is given.
        threads: of torch, where a network predicts; its own choice unless given.

    Raises:
        CheckpointError: if there is no such model, or it is damaged.
    """
    if is_default_model(folder):
        from drugripple.predict.screen.default_engine import DefaultEngine

        return DefaultEngine(load_default(folder), samples, by, keep=cache is not None)
    import torch

    from drugripple.predict.model import load_network
    from drugripple.predict.screen.network_engine import NetworkEngine

    if threads:
        torch.set_num_threads(threads)
    return NetworkEngine(load_network(folder, precision=precision), samples, size, cache)


def model_digest(folder: Path) -> str:
    """SHA-256 that stands for all of a model: of a network's card, which vouches for its tensors, or of every file.

    Raises:
        SourceError: if the card of a network cannot be read.
        CheckpointError: if a default model is damaged.
    """
    if is_default_model(folder):
        return read_predictor_card(saved_folder(folder)).digest
    from drugripple.model.folders import CARD, checkpoint_folder

    return file_digest(checkpoint_folder(folder) / CARD)
