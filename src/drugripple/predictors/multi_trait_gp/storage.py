"""A fitted model on disk: arrays in one file, names and settings in another."""

import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from drugripple.chem.molecule import Molecule
from drugripple.errors import CheckpointError
from drugripple.genes.space import GeneSpace
from drugripple.predictors.multi_trait_gp.compound_heads import DeviationHead, MeanHead
from drugripple.predictors.multi_trait_gp.compound_similarity import CompoundDescriptions
from drugripple.predictors.multi_trait_gp.covariance import TraitCovariances
from drugripple.predictors.multi_trait_gp.fitted import FittedTraits, OwnMeasurements
from drugripple.predictors.multi_trait_gp.posterior import TraitPosterior
from drugripple.predictors.multi_trait_gp.sample_kernel import SampleKernel
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings
from drugripple.predictors.pair_gp.kronecker import Eigen
from drugripple.runtime.atomic import whole_folder

FORMAT = "multi_trait_gp 1"
CARD, ARRAYS = "model.json", "arrays.safetensors"


def save_traits(traits: FittedTraits, settings: MultiTraitSettings, folder: Path) -> None:
    """Write a model, whole or not at all.

    Raises:
        SourceError: if the folder exists, or the disk refuses a write.
    """
    posterior, every = traits.posterior, traits.mean_head.compounds
    arrays = {
        "scores": traits.kernel.scores,
        "sample_values": posterior.samples.values,
        "sample_vectors": posterior.samples.vectors,
        "shared": posterior.covariances.shared,
        "own": posterior.covariances.own,
        "noise": posterior.covariances.noise,
        "mean": posterior.mean,
        "deviations": posterior.deviations,
        "weights": posterior.weights,
        "measured": posterior.measured,
        "head_means": traits.mean_head.means,
        "head_noise": traits.mean_head.extra_noise,
    }
    if every.embedding is not None:
        arrays["embedding"] = every.embedding
    for number, own in enumerate(traits.measured.values()):
        arrays[f"own_deviations_{number}"] = own.deviations
        arrays[f"own_compounds_{number}"] = own.compounds
    card = {
        "format": FORMAT,
        "settings": settings.model_dump(mode="json"),
        "samples": traits.kernel.samples,
        "genes": traits.kernel.genes.symbols,
        "length": traits.kernel.length,
        "compounds": [
            [molecule.parent, molecule.key, targets, mechanism]
            for molecule, targets, mechanism in zip(every.molecules, every.targets, every.mechanism, strict=True)
        ],
        "trained": traits.mean_head.trained,
        "common": traits.deviation_head.common,
        "similar": traits.deviation_head.similar,
        "deviation_scale": dict(traits.deviation_scale),
        "measured": list(traits.measured),
    }
    with whole_folder(folder) as part:
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, part / ARRAYS)
        (part / CARD).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def load_traits(folder: Path) -> tuple[FittedTraits, MultiTraitSettings]:
    """Read a model that `save_traits` wrote.

    Raises:
        CheckpointError: if the folder holds no such model, or a damaged one.
    """
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        if card["format"] != FORMAT:
            message = f"{folder} holds a model of format {card['format']!r}, not {FORMAT!r}; train it again"
            raise CheckpointError(message)
        return _assembled(card, load_file(folder / ARRAYS)), MultiTraitSettings.model_validate(card["settings"])
    except (OSError, KeyError, ValueError, TypeError, SafetensorError) as error:
        if isinstance(error, CheckpointError):
            raise
        message = f"{folder} holds no multi-trait Gaussian process that can be read ({type(error).__name__}: {error})"
        raise CheckpointError(message) from error


def _assembled(card: dict, arrays: dict[str, np.ndarray]) -> FittedTraits:
    parent, key, targets, mechanism = zip(*card["compounds"], strict=True)
    molecules = tuple(Molecule(*names) for names in zip(parent, key, strict=True))
    every = CompoundDescriptions(molecules, targets, mechanism, arrays.get("embedding"))
    trained = every.take(np.arange(card["trained"]))
    covariances = TraitCovariances(arrays["shared"], arrays["own"], arrays["noise"])
    samples = Eigen(arrays["sample_values"], arrays["sample_vectors"])
    own = {
        name: OwnMeasurements(arrays[f"own_deviations_{number}"], arrays[f"own_compounds_{number}"])
        for number, name in enumerate(card["measured"])
    }
    return FittedTraits(
        SampleKernel(tuple(card["samples"]), GeneSpace(tuple(card["genes"])), arrays["scores"], card["length"]),
        TraitPosterior(
            samples, covariances, arrays["mean"], arrays["deviations"], arrays["weights"], arrays["measured"]
        ),
        trained,
        MeanHead(every, arrays["head_means"], arrays["head_noise"], card["trained"]),
        DeviationHead(trained, card["common"], card["similar"]),
        card["deviation_scale"],
        own,
    )
