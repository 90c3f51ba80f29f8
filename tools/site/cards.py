"""Pages of cards: each shipped artefact from its card.json, the default model's form, and every public data source."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from drugripple.recipes.default_model.card import LIMITS, USE
from drugripple.sources.public.registry import SOURCES

ARTEFACTS: Mapping[str, str] = {
    "l1000-landmark": (
        "The stage-1 network that the package ships: from a basal profile of 978 landmark genes, a compound, a dose "
        "and a time to the treated profile. It is meant as the backbone of `drugripple finetune`, as an example of a "
        "pretrained network, and for its network of gene interactions. It was trained on about one per cent of the "
        "paper's corpus and tells little that is specific to one compound: do not read its profiles as predictions."
    ),
    "mat-small": (
        "The molecule encoder that the package ships: from a molecular graph to a vector. It is meant as the start of "
        "stage 1 and for networks with random weights. It saw mostly small, lead-like molecules; vectors of peptides, "
        "metal complexes and other large structures are extrapolations."
    ),
}
"""Shipped weights, and what they are meant for."""
RESEARCH_ONLY = (
    "For research only. It is no medical device, was never tested on patients, and must not inform a clinical "
    "decision: whether, with what or at which dose anybody is treated."
)
DEFAULT_MODEL = "default-model"
PLAIN = ("kind", "date", "command", "seed", "seconds", "hardware", "tensors_sha256", "card_sha256")
"""Fields of a card that are told as they are."""


def cards(package: Path) -> dict[str, str]:
    """Every page by its place in the site."""
    made = {f"cards/{name}.md": _artefact(package / "weights" / name, use) for name, use in ARTEFACTS.items()}
    return made | {
        "cards/index.md": _index(),
        f"cards/{DEFAULT_MODEL}.md": _default_model(),
        "cards/data.md": _data(),
    }


def _index() -> str:
    names = {**{f"{name}.md": name for name in ARTEFACTS}, f"{DEFAULT_MODEL}.md": "the default model"}
    lines = [f"- [{shown}]({place}): model card" for place, shown in names.items()]
    return (
        "# Cards\n\nWhat each shipped or built artefact is for, what it learnt from and under which terms, how good it "
        f"is, and what it is not for.\n\n{RESEARCH_ONLY}\n\n"
        + "\n".join(lines)
        + "\n- [Data](data.md): the card of every public source\n"
    )


def _artefact(folder: Path, use: str) -> str:
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    seen = [
        (counted, len(card[key]))
        for key, counted in (("compounds_seen", "compounds"), ("lines_seen", "cell lines"), ("genes", "genes"))
        if card.get(key)
    ]
    facts = [(name, str(card[name])) for name in PLAIN if card.get(name) not in (None, "")]
    facts += [(f"{what} in training" if what != "genes" else what, f"{number:,}") for what, number in seen]
    facts += [("made with", ", ".join(f"{name} {version}" for name, version in card["versions"].items()))]
    sources = [(one["name"], f"{one['rows']:,}", one["terms"], one["citation"]) for one in card["data"]]
    scores = [(name, f"{value:.4g}") for name, value in card["metrics"].items()]
    size = (folder / "model.safetensors").stat().st_size
    parts = [
        f"# Model card: {card['name']}",
        f"## Intended use\n\n{use}",
        f"## Limits\n\n{RESEARCH_ONLY}\n\n" + "\n".join(f"- {note}" for note in card["notes"]),
        "## What it learnt from\n\n" + _table(("source", "rows", "terms", "citation"), sources),
        "## How good it is\n\nOn rows that were held out; the card says no more than this.\n\n"
        + _table(("metric", "value"), scores),
        f"## How it was made\n\n{_table(('field', 'value'), facts)}\n\nThe weights have {size / 1e6:.1f} MB, and are "
        "under the licence of the package, Apache-2.0; the terms of the data are above.",
    ]
    return "\n\n".join(parts) + "\n"


def _default_model() -> str:
    fields = [
        ("Learnt from", "the publication of the responses, their number, samples, compounds, genes"),
        ("Means of new compounds", "what reads structures, and which other studies told means"),
        ("Tissues, targets, mechanisms, tested concentrations", "of how many samples or compounds they are known"),
        ("Predicts", "the measure"),
        ("Made with", "versions"),
        ("Intended use", "as above"),
        ("Terms of the data", "licence or terms of use, and whom to cite"),
        ("How good it is", "per kind of pair: pairs, rmse, pcc, per_drug_pcc, coverage, width, informative"),
        ("Limits", "as below"),
    ]
    return (
        "# Model card: the default model\n\n"
        "It is not shipped: `drugripple build-default` fits it on your machine, because GDSC's terms do not allow that "
        "what was learnt from it is passed on. Its card is `README.md` in the folder that the command names, and its "
        "scores are those of your own build. [Which model, and how sure?](../default_model.md) has the figures of "
        "ours.\n\n"
        f"## Intended use\n\n{USE}\n\n## Limits\n\n{RESEARCH_ONLY}\n\n{LIMITS}\n\n"
        f"## What its card holds\n\n{_table(('field', 'what it says'), fields)}\n"
    )


def _data() -> str:
    rows = [(f"`{one.name}`", one.what, one.licence, one.citation) for one in SOURCES.values()]
    return (
        "# Data card: public sources\n\n"
        "What `drugripple data fetch` can bring, from the publishers themselves. Nothing of it is in the package; what "
        "a model learnt from stands on its card with the number of rows and, where known, a SHA-256. You accept a "
        "publisher's terms when you fetch from them.\n\n"
        f"## Limits\n\n{RESEARCH_ONLY} Cell lines are not tumours; most were taken from few populations, and sexes, "
        "ages and ancestries are unevenly among them. Responses are of single screens, with their noise and their "
        "range of concentrations.\n\n"
        f"## Sources\n\n{_table(('name', 'what it is', 'terms', 'cite'), rows)}\n"
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows)])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
