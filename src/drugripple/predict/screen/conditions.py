"""Doses and times of a finished screen that no network was trained on."""

from collections.abc import Iterator

import numpy as np

from drugripple.data.treatments import SEEN_DOSES_UM, SEEN_HOURS
from drugripple.errors import counted, first_five
from drugripple.predict.screen.plan import ScreenFolder, ScreenPlan, read_sealed_table

SHOWN = 6
RANGES = {"dose_um": (SEEN_DOSES_UM, "micromolar"), "hours": (SEEN_HOURS, "hours")}


def condition_notes(folder: ScreenFolder, plan: ScreenPlan) -> Iterator[str]:
    """A sentence on each of dose and time that lies outside the range in some row with a prediction."""
    outside = dict.fromkeys(RANGES, 0)
    shown: dict[str, list[str]] = {name: [] for name in RANGES}
    for shard in range(plan.shards):
        table = read_sealed_table(folder.compounds(shard), ["id", "library_row", *RANGES])
        for name, ((low, high), _) in RANGES.items():
            values = table[name].to_numpy().astype(np.float64)
            rows = np.flatnonzero((values < low * (1 - 1e-6)) | (values > high * (1 + 1e-6)))
            outside[name] += len(rows)
            for row in rows[: SHOWN - len(shown[name])].tolist():
                shown[name].append(
                    f"{table['id'][row].as_py()} on line {table['library_row'][row].as_py()}: {values[row]:g}"
                )
    for name, ((low, high), unit) in RANGES.items():
        if outside[name]:
            what = counted(outside[name], f"value of {name} is", f"values of {name} are")
            yield (
                f"{what} outside the {low:g} to {high:g} {unit} that networks are trained on: {first_five(shown[name])}"
            )
