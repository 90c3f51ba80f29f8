"""Figure 2: do pretraining, freezing, the interaction prior and attention matter?

Source: paper section 4.2. Ours: random weights that are frozen (the control of freezing), a prior rewired with degrees
kept (the control of the prior), the form of the authors' code, and the schemes that hide lines or drugs.
"""

from collections.abc import Iterator

from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.scoreboard import Scoreboard
from drugripple.model.folders import CHECKPOINT
from drugripple.model.presets import Preset
from drugripple.model.settings import Apply, Freeze, Mixing, Prior
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.recipes.pretrain.corpus import share_of_the_paper
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
from drugripple.report.group_figures import bars

PUBLISHED = {
    FULL: 0.942, "pretrained-no-prior": 0.945, "pretrained-trained-on": 0.951, RANDOM_TRAINED: 0.985,
}  # fmt: skip


def reproduce(workshop: Workshop) -> Finding:
    """Pretrain each arm, fit it on the folds, and compare all with the full network."""
    schemes = SCHEMES[:1] if workshop.run.quick else SCHEMES
    arms = _arms(workshop)
    models = network_makers(workshop, arms)
    found = compare_arms(workshop, GDSC2_ARMS, workshop.responses, models, schemes, FULL)
    means = means_of(found)
    mixed = means[means["scheme"] == Scheme.MIXED].set_index("model")["rmse"]
    profiles = corpus_size(workshop)
    return Finding(
        tuple(_claims(found, profiles)),
        (*quick_note(workshop.run), *_prose(profiles)),
        {"means": means, "comparisons": found.comparison},
        {"rmse": Drawing(bars({str(k): float(v) for k, v in mixed.sort_values().items()}, "RMSE of ln IC50, mixed"),
                         "Mean RMSE over the mixed folds that were done.")},
    )  # fmt: skip


def _prose(profiles: int) -> tuple[str, str]:
    return (
        f"Every pretrained arm is pretrained here on the same {share_of_the_paper(profiles)}, with its molecule "
        "encoder fixed; arms differ in what their name says and in nothing else.",
        "Comparisons are with pretrained-frozen: the paper's paired t-test, and the one corrected for overlapping "
        "training rows (Nadeau and Bengio).",
    )


def _arms(workshop: Workshop) -> dict[str, NetworkSettings]:
    def pretrained(name: str, freeze: Freeze = Freeze.TRUE, **changes: object) -> NetworkSettings:
        folder = pretrain_arm(workshop, name, **changes).folder / CHECKPOINT
        return started_from(workshop, str(folder), freeze, name)

    return arms_of_pretraining(workshop) | {
        "pretrained-trained-on": pretrained("full", Freeze.NONE),
        "pretrained-released-freeze": pretrained("full", Freeze.RELEASED),
        "pretrained-no-prior": pretrained("no-prior", prior=Prior.NONE).model_copy(update={"prior": Prior.NONE}),
        "pretrained-rewired-prior": pretrained("rewired", prior=Prior.REWIRED),
        "pretrained-rowsum": pretrained("rowsum", perturbation={"apply": Apply.ROWSUM}),
        "pretrained-plain": pretrained("plain", perturbation={"mixing": Mixing.PLAIN}),
        "released-code": pretrained("released", Freeze.RELEASED, preset=Preset.RELEASED),
    }


def _claims(found: Scoreboard, profiles: int) -> Iterator[Claim]:
    claims = (
        ("pretraining helps", RANDOM_TRAINED, "random weights, frozen", RANDOM_FROZEN),
        ("freezing helps", "pretrained-trained-on", "as the authors' code freezes", "pretrained-released-freeze"),
        ("the prior helps", "pretrained-no-prior", "prior rewired with degrees kept", "pretrained-rewired-prior"),
        ("attention helps", "pretrained-plain", "row sums instead of A g", "pretrained-rowsum"),
    )
    means = means_of(found)
    mixed = means[means["scheme"] == Scheme.MIXED].set_index("model")["rmse"]
    for claim, arm, control, of_control in claims:
        printed = PUBLISHED.get(arm)
        text, verdict = beside(found, Scheme.MIXED, arm)
        yield Claim(
            claim, f"{PUBLISHED[FULL]} against {printed if printed else 'a figure without its number'} ({arm})",
            text,
            verdict,
            f"{control}: {mixed[of_control]:.3f}",
            f"{FETCH} (the paper's corpus; here {share_of_the_paper(profiles)})",
        )  # fmt: skip
