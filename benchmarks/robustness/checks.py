"""What was read, held against what the files hold."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.robustness.trial import Fault, Outcome, Ran
from benchmarks.robustness.world import CLOSE

Check = Callable[[Ran], None]


def predictions(
    out: Path,
    truth: pd.DataFrame,
    samples: Sequence[str],
    compounds: dict[str, str],
    *,
    close: float = CLOSE,
    announced: str = "",
    loosely: bool = False,
) -> Check:
    """A check of the predictions at `out`.

    Args:
        out: the csv.
        truth: what a plain file gives, samples x compounds.
        samples: those of the file.
        compounds: the name in the file of each compound, and the one in the truth.
        close: how far a prediction may be off.
        loosely: whether names may have a quote too many, which the damage put there.
        announced: a pattern in the notes with which values may differ, since another scaling was announced.
    """

    def check(ran: Ran) -> None:
        table = pd.read_csv(out, dtype={"sample": str, "compound": str}, keep_default_na=False)
        if loosely:
            table["sample"] = table["sample"].str.removeprefix('"')
        require_all(ran, [name.strip('"') if loosely else name for name in samples], table["sample"].unique(), "sample")
        require_all(ran, list(compounds), table["compound"].unique(), "compound")
        if table.duplicated(["sample", "compound"]).any():
            raise Fault(Outcome.WRONG, "a sample and compound stand twice")
        if announced and announced in ran.told:
            return
        row, column = (table[name].map(str) for name in ("sample", "compound"))
        expected = np.array([truth.at[a, compounds[b]] for a, b in zip(row, column, strict=True)])
        off = np.abs(table["ln_ic50"].astype(float).to_numpy() - expected)
        if not (off <= close).all():
            worst = int(np.nan_to_num(off, nan=np.inf).argmax())
            raise Fault(Outcome.WRONG, f"{row[worst]} x {column[worst]} is off by {off[worst]:.4g}")

    return check


def require_all(ran: Ran, given: Sequence[str], got: Collection[str], what: str) -> None:
    """Every name given is among those got or listed in the output, and nobody else is."""
    strangers = [name for name in got if name not in given]
    if strangers:
        raise Fault(Outcome.WRONG, f"a {what} that nobody gave: {strangers[:3]} (told: {ran.told.strip()[:200]})")
    lost = [name for name in given if name not in got and name not in ran.told]
    if lost:
        raise Fault(Outcome.LOSS, f"{len(lost)} {what}s neither in the result nor listed: {lost[:3]}")
