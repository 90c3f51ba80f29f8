"""Loading a model of any kind: the default model, a trained network, or a fitted predictor of the catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from drugripple.config import default_model_folder
from drugripple.errors import CheckpointError, ConfigError
from drugripple.model.settings import Precision

if TYPE_CHECKING:
    from drugripple.predict.default import DefaultModel
    from drugripple.predict.fitted import FittedModel
    from drugripple.predict.model import DrugResponseModel
    from drugripple.predictors.calibrated import CalibratedPredictor

DEFAULT = "default"
DEFAULT_MODEL_CARDS = ("predictor/card.json", "model/predictor/card.json")
FITTED, TRAINED = "fitted", "trained"
"""Where a run leaves a predictor of the catalogue, and where in that folder what it learnt lies."""


@overload
def load(folder: Literal["default"]) -> "DefaultModel": ...
@overload
def load(
    folder: str | Path, *, precision: str = Precision.FLOAT32
) -> "DrugResponseModel | DefaultModel | FittedModel": ...
def load(
    folder: str | Path = DEFAULT, *, precision: str = Precision.FLOAT32
) -> "DrugResponseModel | DefaultModel | FittedModel":
    """The default model, or the model of a folder.

    Args:
        folder: `"default"`, for the model that `drugripple.build_default` built on this machine; a folder that
            `build_default` or `DefaultModel.save` wrote, which gives a `DefaultModel`; or the checkpoint folder of a
            network, or the run folder that holds it, which gives a `DrugResponseModel`; the run folder of a `model` of
            the catalogue, which gives a `FittedModel`.
        precision: of a network's predictions.

    Raises:
        CheckpointError: if there is no such model, or it is damaged.
    """
    if str(folder) == DEFAULT and not Path(DEFAULT).is_dir():
        path = built_default()
    else:
        path = Path(folder)
        if not is_default_model(path):
            if fitted_folder(path) is not None:
                from drugripple.predict.fitted import load_fitted_model

                return load_fitted_model(path)
            from drugripple.predict.model import load_network

            return load_network(path, precision=precision)
    return load_default(path)


def load_default(folder: Path) -> "DefaultModel":
    """The model of a folder that `build_default` or `DefaultModel.save` wrote.

    Raises:
        CheckpointError: if there is none, it is damaged, or an earlier version wrote it that learnt other things.
    """
    from drugripple.predict.default import DefaultModel

    return DefaultModel(saved_default(folder), folder)


def built_default() -> Path:
    """The folder of this machine's default model.

    Raises:
        CheckpointError: if none was built yet.
    """
    found = default_model_folder()
    if not found.is_dir():
        message = (
            "no default model was built on this machine yet; build it once from public data with "
            "drugripple.build_default() or the command `drugripple build-default`, or name the folder of a model"
        )
        raise CheckpointError(message)
    return found


def is_default_model(folder: Path) -> bool:
    """Whether a folder holds a default model rather than a network.

    Raises:
        CheckpointError: if there is no such folder, nor a file of weights.
    """
    if not folder.exists():
        message = f"{folder}: there is no such model; check its path, or name none, for the default model"
        raise CheckpointError(message)
    return any((folder / card).parent.is_dir() for card in DEFAULT_MODEL_CARDS)


def fitted_folder(folder: Path) -> Path | None:
    """Where in a folder a fitted predictor of the catalogue lies: there, or in `fitted`; None where it holds none."""
    return next((inner for inner in (folder, folder / FITTED) if (inner / TRAINED / "card.json").is_file()), None)


def saved_folder(folder: Path) -> Path:
    """The folder that `DefaultModel.save` wrote, given that or the folder of a build, which holds it."""
    inner = folder / "model"
    return inner if inner.is_dir() else folder


def saved_default(folder: Path) -> "CalibratedPredictor":
    """What `DefaultModel.save` wrote, read from its folder or from that of a build.

    Raises:
        CheckpointError: if there is none, it is damaged, or an earlier version wrote it that learnt other things.
    """
    from drugripple.predictors.calibrated import CalibratedPredictor

    try:
        return CalibratedPredictor.load(saved_folder(folder))
    except CheckpointError as error:
        message = (
            f"{error}; a default model is built again by the command `drugripple build-default`, or in Python by "
            "drugripple.build_default and a DefaultModelRun, with `overwrite`"
        )
        raise CheckpointError(message) from error


def fitted_name(folder: Path) -> str:
    """What the catalogue calls the fitted predictor of a folder; blank where it holds none.

    Raises:
        CheckpointError: if its card is damaged.
    """
    from drugripple.predictors.saving import read_predictor_card

    inner = fitted_folder(folder)
    return read_predictor_card(inner).name if inner else ""


def not_the_default(folder: Path) -> ConfigError:
    """The refusal of a network or a fitted predictor where only the default model will do; it says what is there."""
    name = fitted_name(folder)
    held = f"the model {name}" if name else "a network"
    return ConfigError(f"{folder} holds {held}, and this needs a default model; name one, or leave the model out")


def refuse_fitted(folder: Path) -> None:
    """Refuse a fitted predictor of the catalogue where only a network will do.

    Raises:
        CheckpointError: naming it.
    """
    if name := fitted_name(folder):
        message = (
            f"{folder} holds the model {name}, which answers `predict` alone; name a network or a default model to "
            "explain, to change, to screen with and to hold against patients"
        )
        raise CheckpointError(message)
