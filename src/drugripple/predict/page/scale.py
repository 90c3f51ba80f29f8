"""From values to places in a drawing: linear, or logarithmic for concentrations."""

import math
from dataclasses import dataclass

import numpy as np

TICKS = 6
"""Round values that an axis is marked with, about."""


@dataclass(frozen=True)
class Axis:
    """A stretch of values on a stretch of pixels. Values are natural logarithms where `logarithmic`."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    @classmethod
    def over(cls, values: np.ndarray, pixels: tuple[int, int], *, logarithmic: bool = False) -> "Axis":
        """An axis that shows all finite values, with a little room; from 0 to 1 where there is none."""
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        room = 0.04 * (high - low) or 0.5
        return cls(low - room, high + room, float(pixels[0]), float(pixels[1]), logarithmic)

    def place(self, value: float) -> float:
        """Pixels, rounded to a tenth; a value beyond the axis stands at its end.

        >>> Axis(0.0, 10.0, 100.0, 200.0).place(2.5), Axis(0.0, 10.0, 100.0, 200.0).place(11.0)
        (125.0, 200.0)
        """
        part = min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)
        return round(self.start + part * (self.end - self.start), 1)

    def ticks(self) -> list[tuple[float, str]]:
        """Places and labels of some round values.

        >>> [label for _, label in Axis(0.0, 10.0, 0.0, 1.0).ticks()]
        ['0', '2', '4', '6', '8', '10']
        >>> [label for _, label in Axis(-3.0, 5.0, 0.0, 1.0, logarithmic=True).ticks()]
        ['0.1', '1', '10', '100']
        """
        if self.logarithmic:
            first, last = math.ceil(self.low / math.log(10) - 1e-9), math.floor(self.high / math.log(10) + 1e-9)
            step = max(math.ceil((last - first + 1) / TICKS), 1)
            return [(self.place(n * math.log(10)), f"{10.0**n:g}") for n in range(first, last + 1, step)]
        raw = (self.high - self.low) / (TICKS - 1)
        size = 10.0 ** math.floor(math.log10(raw))
        step_size = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= raw * 0.999)
        first, last = math.ceil(self.low / step_size - 1e-9), math.floor(self.high / step_size + 1e-9)
        return [(self.place(n * step_size), f"{n * step_size:.6g}") for n in range(first, last + 1)]
