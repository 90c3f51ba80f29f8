"""How much does pretraining bring, against its share of the corpus? Known compounds, new lines, new compounds.

Source: paper section 4.2 says that it brings much. Ours: compounds of the corpus left out at random, the rest the same,
beside random weights that are trained and random weights that are frozen.
"""

import numpy as np
import pandas as pd

from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.scoreboard import Scoreboard
from drugripple.model.folders import CHECKPOINT
from drugripple.model.settings import Freeze
from drugripple.recipes.pretrain.corpus import PAPER_PROFILES, held_out, read_corpus, share_of_the_paper
from drugripple.recipes.pretrain.settings import HeldOutBy, PretrainRun
from drugripple.recipes.reproduce.arms import (
    FETCH,
    FULL,
    GDSC2_ARMS,
    RANDOM_FROZEN,
    RANDOM_TRAINED,
    SCHEMES,
    arms_of_pretraining,
    beside,
    compare_arms,
    corpus_size,
    means_of,
    network_makers,
    pretrain_arm,
    started_from,
)
from drugripple.recipes.reproduce.item import Claim, Drawing, Finding
from drugripple.recipes.reproduce.workshop import Workshop, quick_note
from drugripple.report.figures import curve
from drugripple.runtime.atomic import write_text

SHARES, QUICK_SHARES = (0.05, 0.1, 0.25, 0.5, 1.0), (0.25, 1.0)


def reproduce(workshop: Workshop) -> Finding:
    """Pretrain on growing shares of the corpus's compounds, and fit each on the same folds."""
    shares = QUICK_SHARES if workshop.run.quick else SHARES
    schemes = SCHEMES[:1] if workshop.run.quick else SCHEMES
    arms = arms_of_pretraining(workshop)
    for share in shares[:-1]:
        folder = pretrain_arm(workshop, _arm(share), **_exclusion(workshop, share)).folder / CHECKPOINT
        arms[_arm(share)] = started_from(workshop, str(folder), Freeze.TRUE, _arm(share))
    found = compare_arms(workshop, GDSC2_ARMS, workshop.responses, network_makers(workshop, arms), schemes, FULL)
    means = means_of(found)
    wide = means.pivot(index="model", columns="scheme", values="rmse")
    profiles = corpus_size(workshop)
    claims = tuple(_claim(found, scheme, shares, profiles) for scheme in schemes)
    return Finding(
        claims,
        (*quick_note(workshop.run), _prose(profiles)),
        {"means": means, "comparisons": found.comparison},
        {"shares": _figure(wide, shares)},
    )


def _prose(profiles: int) -> str:
    return (
        "Shares are of the corpus's training compounds, drawn at random and nested; held-out compounds stay the same. "
        f"All of it is {share_of_the_paper(profiles)}; the slope from half to all, per doubling, is what a larger "
        "corpus would have to keep up."
    )


def _arm(share: float) -> str:
    return FULL if share == 1 else f"share-{share:g}"


def _exclusion(workshop: Workshop, share: float) -> dict[str, object]:
    """The compounds that a share leaves out, as a file of structures."""
    run = workshop.run
    asked = PretrainRun(data=run.profiles or run.data, out=run.out, validation=HeldOutBy.COMPOUND, seed=run.seed)
    profiles = read_corpus(asked).profiles
    train = np.unique(profiles.compound_row[held_out(asked, profiles).train])
    smiles = sorted({profiles.compounds.smiles[row] for row in train.tolist()})
    order = np.random.default_rng(run.seed).permutation(len(smiles))
    left_out = [smiles[i] for i in order[max(1, round(share * len(smiles))) :].tolist()]
    path = workshop.kept / "pretrained" / f"left-out-{share:g}-seed-{run.seed}.smi"
    write_text(path, "\n".join(left_out) + "\n")
    return {"exclude": path}


def _claim(found: Scoreboard, scheme: Scheme, shares: tuple[float, ...], profiles: int) -> Claim:
    rmse = means_of(found).set_index(["scheme", "model"])["rmse"].loc[scheme.value].to_dict()
    steps = [rmse[_arm(share)] for share in shares]
    whole = steps[-1]
    slope = (steps[-1] - steps[-2]) / np.log2(shares[-1] / shares[-2])
    reach = whole + slope * max(0.0, np.log2(PAPER_PROFILES / profiles))
    text, verdict = beside(found, scheme, RANDOM_TRAINED)
    return Claim(
        f"pretraining brings much ({scheme.value})", "0.942 against 0.985 without (mixed)",
        f"{text}; {slope:+.4f} per doubling of the corpus, which would give {reach:.3f} at the paper's if it kept up",
        verdict,
        f"random weights, frozen: {rmse[RANDOM_FROZEN]:.3f}",
        f"{FETCH} (the paper's corpus)",
    )  # fmt: skip


def _figure(wide: pd.DataFrame, shares: tuple[float, ...]) -> Drawing:
    names = [_arm(share) for share in shares]
    schemes = [str(scheme) for scheme in wide]
    series = {scheme: wide[scheme].loc[names].to_numpy(np.float64) for scheme in schemes}
    levels = {f"{scheme}, random weights": float(wide[scheme].to_dict()[RANDOM_TRAINED]) for scheme in schemes}
    svg = curve(np.array(shares), series, x_label="share of the corpus", y_label="RMSE of ln IC50", levels=levels)
    return Drawing(svg, "RMSE after pretraining on a share of the corpus; dotted: without pretraining.")
