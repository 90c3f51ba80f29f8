"""Steps of training as CUDA graphs: a GPU is handed forward pass, backward pass and update at once."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from drugripple.errors import TrainingError, first_line

Step = Callable[[Int[Tensor, " b"]], Float[Tensor, ""]]
"""A whole step on the rows of a batch, update included; it returns the batch's loss."""
AS_WRITTEN = 3
"""Steps of each batch size that run as written before one is captured: by then every library is set up and the
optimiser has its state."""


class Captured(NamedTuple):
    """A step of one batch size."""

    graph: torch.cuda.CUDAGraph
    rows: Int[Tensor, " b"]
    """Where the graph reads its rows."""
    loss: Float[Tensor, ""]
    """Where the graph leaves the loss."""


class CapturedSteps:
    """Runs a step as written a few times, then captures it, and from then on replays it.

    A replay computes what the step as written does, in the same order, and draws its random numbers from the same
    generator. Starting some hundred kernels takes the processor several milliseconds; starting a graph of them takes
    microseconds.

    Args:
        step: reads and writes the same tensors in every call, and never waits for the device. Its optimiser is
            `capturable` and holds its rate in a tensor.
        device: the GPU.

    Source: the CUDA graphs of `torch.cuda.graph`.
    """

    def __init__(self, step: Step, device: torch.device) -> None:
        """Capture nothing yet."""
        self._step, self._device = step, device
        self._aside = torch.cuda.Stream(device)
        self._ran: Counter[int] = Counter()
        self._captured: dict[int, Captured] = {}

    def __call__(self, rows: Int[Tensor, " b"]) -> Float[Tensor, ""]:
        """Do a step; the loss is the caller's own.

        Raises:
            TrainingError: if it cannot be captured.
        """
        size = len(rows)
        if size not in self._captured:
            if self._ran[size] < AS_WRITTEN:
                self._ran[size] += 1
                return self._as_written(rows)
            self._captured[size] = self._capture(rows)
        captured = self._captured[size]
        captured.rows.copy_(rows)
        captured.graph.replay()
        return captured.loss.clone()

    def _as_written(self, rows: Int[Tensor, " b"]) -> Float[Tensor, ""]:
        """Beside the main stream, as a capture does: what autograd keeps of a stream must not name the main one."""
        main = torch.cuda.current_stream(self._device)
        self._aside.wait_stream(main)
        with torch.cuda.stream(self._aside):
            loss = self._step(rows)
        main.wait_stream(self._aside)
        return loss

    def _capture(self, rows: Int[Tensor, " b"]) -> Captured:
        graph, place = torch.cuda.CUDAGraph(), rows.clone()
        try:
            with torch.cuda.graph(graph, stream=self._aside):
                loss = self._step(place)
        except RuntimeError as error:
            message = (
                f"a step cannot be captured as a CUDA graph here ({first_line(error)}); set cuda_graphs = "
                "false in the training settings to run it as written"
            )
            raise TrainingError(message) from error
        return Captured(graph, place, loss)
