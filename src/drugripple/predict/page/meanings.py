"""What every number of the page means, by the name that its links have."""

from typing import NamedTuple


class Meaning(NamedTuple):
    """A number, and what it means."""

    id: str
    title: str
    text: str


MEANINGS = (
    Meaning(
        "prediction",
        "Prediction",
        "The response that the model expects, in the unit of the responses that it learnt from; for GDSC the "
        "concentration that halves growth (IC50), in micromolar.",
    ),
    Meaning(
        "interval",
        "Interval",
        "Covers a new measurement with the probability that you chose: of a compound that the model knows, on average "
        "over samples; of new compounds, on average over all of them. For known compounds a wider interval means a "
        "larger error. For new ones it hardly does: most of their error is the compound's mean, and little tells "
        "which means are wrong.",
    ),
    Meaning(
        "percentile",
        "Among training samples",
        "Percent of the training samples that are predicted to respond to this compound at a lower value. A "
        "low number means that the compound hits this sample harder than most, which a low IC50 alone does "
        "not say: some compounds are potent in everything.",
    ),
    Meaning(
        "likest",
        "Most like it in training",
        "Of a compound that is new to the model: the training compound of the most similar structure, and the Tanimoto "
        "similarity of their fingerprints, which is 1 for the same structure. "
        "Ask about that compound, too, to see which samples it was measured in.",
    ),
    Meaning(
        "record",
        "Track record",
        "Correlation (r) of predicted and measured response to this compound over n samples that the fit had "
        "not seen. Near 0, the model knows how potent the compound is and not whom it hits.",
    ),
    Meaning(
        "measured",
        "Measured: lowest / median / highest",
        "What was measured of the compound in training.",
    ),
    Meaning(
        "tested",
        "Highest tested",
        "The highest concentration at which the compound was tested, where it is known. A prediction above it "
        "extrapolates a fitted curve.",
    ),
    Meaning(
        "nearest",
        "Nearest measured samples",
        "The training samples whose expression is most like yours, among those that were measured with the "
        "compound, and what was measured.",
    ),
    Meaning(
        "known",
        "Target and mechanism",
        "As the compound's source tells them; nothing where it does not.",
    ),
    Meaning(
        "domain",
        "Domain",
        "Whether the question lies where the model learnt. A sample is outside if its nearest training sample "
        "is farther than that of 99 of 100 training samples; a compound if no training compound is like it, "
        "or it is larger than all of them.",
    ),
    Meaning(
        "pair",
        "Pair",
        "Whether sample and compound are known to the model, or new. A known sample is one with the name and "
        "the expression of a training sample; its measured responses count.",
    ),
    Meaning(
        "map",
        "Map",
        "The two directions in which the training samples differ most, as the model sees them. Samples far "
        "from every tissue are likely to be outside the domain.",
    ),
    Meaning(
        "why",
        "Why this prediction?",
        "Takes it apart: the measured pairs that carry it, and the genes that move it, each tested against "
        "chance. The model behind this page has no attention map, since it is no network; a trained network "
        "has one, which `drugripple explain --model` writes.",
    ),
)
