"""Table S3: does attention predict L1000 profiles better than adding does?

Source: paper section 4.2 (the numbers are in a supplement that is not public). Ours: grouped splits, no change and the
training mean as floors, a ridge on fingerprints, and scores on the change within a plate.
"""

from collections.abc import Iterator
from itertools import product

import pandas as pd

from drugripple.errors import counted
from drugripple.model.settings import Mixing
from drugripple.recipes.pretrain.settings import HeldOutBy
from drugripple.recipes.reproduce.arms import FETCH, pretrain_arm
from drugripple.recipes.reproduce.item import Claim, Finding, Verdict
from drugripple.recipes.reproduce.workshop import Workshop, quick_note

ATTENTION, PLAIN = "attention", "plain"
ARMS = (ATTENTION, PLAIN)
FLOORS = ("no_change", "training_mean")
SEEDS = 3
"""A verdict asks for lower errors and higher correlations with every one of them."""


def reproduce(workshop: Workshop) -> Finding:
    """Pretrain with attention and with plain addition, under every way of holding profiles out, with several seeds."""
    quick, first = workshop.run.quick, workshop.run.seed
    ways = (HeldOutBy.ROW,) if quick else tuple(HeldOutBy)
    tables = []
    for way, seed in product(ways, range(first, first + (1 if quick else SEEDS))):
        for name, mixing in ((ATTENTION, Mixing.ATTENTION), (PLAIN, Mixing.PLAIN)):
            changes: dict[str, object] = {"validation": way, "seed": seed, "perturbation": {"mixing": mixing}}
            done = pretrain_arm(workshop, f"{name}-by-{way.value}", **changes)
            own = done.scores["model"] == "csg2a"
            kept = done.scores.assign(model=done.scores["model"].where(~own, name))
            tables.append((kept if name == ATTENTION else kept[own]).assign(held_out=way.value, seed=seed))
    scores = pd.concat(tables, ignore_index=True)[["held_out", "seed", "model", "metric", "value", "n"]]
    return Finding(tuple(_claims(scores)), (*quick_note(workshop.run), *_PROSE), {"scores": scores})


_PROSE = (
    "Profiles held out one by one, or with all others of their compound, plate or cell line. MSE is on profiles; the "
    "correlations are on changes after each plate's mean is taken out, where `no change` and the training mean know "
    "nothing. A seed draws the weights and which profiles are held out, the same ones for all models.",
)


def _claims(scores: pd.DataFrame) -> Iterator[Claim]:
    for way, some in scores.groupby("held_out", sort=False):
        wide = some.pivot_table(index="seed", columns=["metric", "model"], values="value", sort=False)
        mse = pd.DataFrame(wide["mse"])
        within = pd.DataFrame(wide.get("profile_pcc"))
        mean = pd.Series(mse.mean())
        changes = "r of plate-centred changes cannot be told"
        better = (mse[ATTENTION] < mse[PLAIN]).all()
        if {ATTENTION, PLAIN} <= set(within):
            better = better and (within[ATTENTION] > within[PLAIN]).all()
            told = pd.Series(within.mean())
            changes = f"r of plate-centred changes {told[ATTENTION]:.3f} against {told[PLAIN]:.3f}"
        beats = mean[ATTENTION] < min(mean[floor] for floor in FLOORS if floor in mean)
        floors = ", ".join(f"{name.replace('_', ' ')} {mean[name]:.3f}" for name in mean.index if name not in ARMS)
        yield Claim(
            f"attention predicts profiles better than addition (held out by {way})", "superior; numbers not public",
            f"MSE {mean[ATTENTION]:.3f} against {mean[PLAIN]:.3f}; {changes}; {counted(len(wide), 'seed')}",
            Verdict.REPRODUCED if better and beats else Verdict.DIFFERS, f"MSE of {floors}", FETCH,
        )  # fmt: skip
