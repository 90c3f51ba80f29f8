"""A training as it has to survive a kill."""

import io
from dataclasses import asdict
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn

from drugripple.errors import TrainingError
from drugripple.runtime.sealed import read_sealed, write_sealed
from drugripple.training.history import Epoch
from drugripple.training.made_from import MadeFrom, changed_since


class RunState:
    """Weights, optimiser, random numbers and epochs of a training, and whose run it is."""

    def __init__(
        self,
        model: nn.Module,
        optimiser: torch.optim.Optimizer,
        shuffler: torch.Generator,
        identity: dict[str, Any],
        made_from: MadeFrom,
    ) -> None:
        """Hold what changes from step to step."""
        self.model, self.optimiser, self.shuffler = model, optimiser, shuffler
        self.identity, self.made_from = identity, made_from
        self.frozen = {name for name, parameter in model.named_parameters() if not parameter.requires_grad}
        self.best: dict[str, Tensor] = {}

    def moving(self) -> dict[str, Tensor]:
        """The tensors that training can change: parameters that are not frozen, and every buffer."""
        return {name: tensor for name, tensor in self.model.state_dict().items() if name not in self.frozen}

    def load(self, moving: dict[str, Tensor]) -> None:
        """Put tensors that training can change back into the model."""
        self.model.load_state_dict(self.model.state_dict() | moving)

    def keep(self) -> None:
        """Remember the weights as the best so far."""
        self.best = {name: tensor.detach().clone() for name, tensor in self.moving().items()}

    def restore(self) -> None:
        """Put the best weights back."""
        self.load(self.best)

    def save(self, state: Path | None, epochs: list[Epoch]) -> None:
        """Write everything to a file, if there is to be one: whole, or not at all."""
        if state is None:
            return
        device_random = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
        everything = {
            "identity": self.identity,
            "made_from": dict(self.made_from),
            "model": self.moving(),
            "best": self.best,
            "optimiser": self.optimiser.state_dict(),
            "shuffler": self.shuffler.get_state(),
            "random": torch.get_rng_state(),
            "device_random": device_random,
            "epochs": [asdict(epoch) for epoch in epochs],
        }
        content = io.BytesIO()
        torch.save(everything, content)
        write_sealed(state, content.getbuffer())

    def resume(self, state: Path | None) -> list[Epoch]:
        """Go on from a file, if there is one; the epochs that it tells of.

        Raises:
            TrainingError: if it is damaged, of another run, or made from other data.
        """
        if state is None or not state.exists():
            return []
        try:
            saved = torch.load(io.BytesIO(read_sealed(state)), weights_only=True, map_location="cpu")
            if saved["identity"] != self.identity:
                changed = sorted(key for key in self.identity if saved["identity"].get(key) != self.identity[key])
                message = f"{state} belongs to a run with other settings ({', '.join(changed)}); use another folder"
                raise TrainingError(message)
            if changed := changed_since(saved["made_from"], self.made_from):
                message = (
                    f"{state} cannot be gone on from, because {' and '.join(changed)} changed since it was written; "
                    "put back what there was, or delete it to train from the start"
                )
                raise TrainingError(message)
            self.load(saved["model"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.best = saved["best"]
            self.shuffler.set_state(saved["shuffler"])
            epochs = [Epoch(**epoch) for epoch in saved["epochs"]]
            torch.set_rng_state(saved["random"])
            for device, generator in enumerate(saved["device_random"][: torch.cuda.device_count()]):
                torch.cuda.set_rng_state(generator, device)
        except (RuntimeError, KeyError, EOFError, OSError, ValueError, TypeError, UnpicklingError) as error:
            if isinstance(error, TrainingError):
                raise
            message = f"{state} cannot be gone on from: delete it to train from the start ({error})"
            raise TrainingError(message) from error
        return epochs
