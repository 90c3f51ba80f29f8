"""Where weights lie and under which names, without torch."""

from importlib.resources import files
from pathlib import Path

TENSORS, CARD = "model.safetensors", "card.json"
"""The two files of a checkpoint."""
EDGES = "prior.edges"
"""Name of the interaction prior among the tensors."""
CHECKPOINT = "checkpoint"
"""Where the folder of a run, or of a saved predictor, holds its checkpoint."""


def shipped_folder(name: str) -> Path:
    """The folder of weights that travel with the package."""
    return Path(str(files("drugripple"))) / "weights" / name


def checkpoint_folder(folder: Path) -> Path:
    """A checkpoint's own folder, given that or the run folder that holds it."""
    return folder / CHECKPOINT if (folder / CHECKPOINT).is_dir() else folder
