"""Table S3: does attention predict L1000 profiles better than adding does?

Source: paper section 4.2 (the numbers are in a supplement that is not public). Ours: grouped splits, no change and the
training mean as floors, a ridge on fingerprints, and scores on the change within a plate.
"""

from collections.abc import Iterator

import pandas as pd

from drugripple.model.settings import Mixing
from drugripple.recipes.pretrain.settings import HeldOutBy
from drugripple.recipes.reproduce.arms import pretrain_arm
from drugripple.recipes.reproduce.item import Claim, Finding, Verdict
from drugripple.recipes.reproduce.workshop import Workshop, quick_note

FETCH = "drugripple data fetch gse92742"
ATTENTION, PLAIN = "attention", "plain"
FLOORS = ("no_change", "training_mean")


def reproduce(workshop: Workshop) -> Finding:
    """Pretrain with attention and with plain addition under every way of holding profiles out."""
    ways = (HeldOutBy.ROW,) if workshop.run.quick else tuple(HeldOutBy)
    tables = []
    for way in ways:
        for name, mixing in ((ATTENTION, Mixing.ATTENTION), (PLAIN, Mixing.PLAIN)):
            done = pretrain_arm(workshop, f"{name}-by-{way.value}", validation=way, perturbation={"mixing": mixing})
            own = done.scores["model"] == "csg2a"
            kept = done.scores.assign(model=done.scores["model"].where(~own, name))
            tables.append((kept if name == ATTENTION else kept[own]).assign(held_out=way.value))
    scores = pd.concat(tables, ignore_index=True)[["held_out", "model", "metric", "value", "n"]]
    return Finding(tuple(_claims(scores)), (*quick_note(workshop.run), *_PROSE), {"scores": scores})


_PROSE = (
    "Profiles held out one by one, or with all others of their compound, plate or cell line. MSE is on profiles; the "
    "correlations are on changes after each plate's mean is taken out, where `no change` and the training mean know "
    "nothing.",
)


def _claims(scores: pd.DataFrame) -> Iterator[Claim]:
    for way, some in scores.groupby("held_out", sort=False):
        mse = some[some["metric"] == "mse"].set_index("model")["value"]
        within = some[some["metric"] == "profile_pcc"].set_index("model")["value"]
        better = mse[ATTENTION] < mse[PLAIN]
        beats = mse[ATTENTION] < min(mse[floor] for floor in FLOORS if floor in mse)
        floors = ", ".join(
            f"{name.replace('_', ' ')} {mse[name]:.3f}" for name in mse.index if name not in (ATTENTION, PLAIN)
        )
        yield Claim(
            f"attention predicts profiles better than addition (held out by {way})", "superior; numbers not public",
            f"MSE {mse[ATTENTION]:.3f} against {mse[PLAIN]:.3f}; r of plate-centred changes {within[ATTENTION]:.3f} "
            f"against {within[PLAIN]:.3f}",
            Verdict.REPRODUCED if better and beats else Verdict.DIFFERS, f"MSE of {floors}", FETCH,
        )  # fmt: skip
