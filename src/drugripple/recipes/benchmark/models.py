"""The models of a benchmark: their makers, and the settings that are kept beside their predictions."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from drugripple.config import differing_keys
from drugripple.data.predictor import Predictor
from drugripple.errors import ConfigError, first_five, first_line
from drugripple.model.settings import RANDOM
from drugripple.predictors.catalogue import BASELINES
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.predictors.variant import ModelVariant, adjusted
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.runtime.atomic import write_json, write_text
from drugripple.runtime.digest import file_digest, folder_digest
from drugripple.runtime.nesting import read_json_text
from drugripple.sources.public.tidy import LANDMARKS

ReadT = TypeVar("ReadT")


def makers(run: BenchmarkRun) -> Mapping[str, Callable[[], Predictor]]:
    """A maker of an unfitted predictor for each trained model of a run."""
    made: dict[str, Callable[[], Predictor]] = {name: BASELINES[name].maker(run.data) for name in run.model}
    for variant in run.variant:
        made[variant.label] = partial(adjusted, variant.of, run.data, variant.settings)
    for settings in run.network:
        from drugripple.predictors.csg2a import network_predictor

        made[settings.label] = partial(network_predictor, settings, run.data)
    return made


def refuse_wrong_settings(run: BenchmarkRun) -> None:
    """Refuse a variant with settings that its model does not have, without any data.

    Raises:
        ConfigError: if there is one.
    """
    for variant in run.variant:
        adjusted(variant.of, run.data, variant.settings)


def read_besides(name: str, data: Path | None) -> dict[str, str]:
    """The digest of every file of a data folder that a model of the catalogue reads besides the responses."""
    if data is None:
        return {}
    return {path.relative_to(data).as_posix(): file_digest(path) for path in BASELINES[name].files(data)}


def network_origin(settings: NetworkSettings, data: Path | None) -> dict[str, str]:
    """The digest of the pretrained weights that a network starts from, or of the genes and prior of a random one."""
    if settings.backbone == RANDOM:
        if data is None:
            return {}
        genes, prior = data / LANDMARKS, data / "prior"
        found = {"landmark genes": file_digest(genes)} if genes.is_file() else {}
        return found | ({"prior": folder_digest(prior)} if prior.is_dir() else {})
    from drugripple.model.shipped import card_of

    return {"backbone": card_of(settings.backbone).card_sha256}


def keep_settings(run: BenchmarkRun) -> None:
    """Write settings, and digests of what a model reads besides the responses, beside predictions.

    Raises:
        ConfigError: if predictions of other settings, weights, studies or prior stand under the same name.
    """
    for settings in run.network:
        _keep_origin(run.out / "predictions" / settings.label, network_origin(settings, run.data))
        _keep(run.out, settings, "`variant`")
    reading = [(name, name) for name in run.model] + [(variant.label, variant.of) for variant in run.variant]
    for label, name in reading:
        if BASELINES[name].made_with:
            _keep_origin(run.out / "predictions" / label, read_besides(name, run.data))
    for variant in run.variant:
        _keep(run.out, variant, "`name`")


def _keep_origin(folder: Path, now: Mapping[str, str]) -> None:
    """Write what predictions are made from besides the responses, unless they were made from something else.

    Raises:
        ConfigError: naming what changed.
    """
    from drugripple.training.made_from import changed_since

    origin = folder / "made_from.json"
    before = _read(origin, read_json_text) if origin.exists() else now
    if changed := changed_since(before, now):
        message = (
            f"{folder} holds predictions of a model that read other data: {first_five(changed)} changed since; put "
            "back what there was, give this one another name, or remove that folder"
        )
        raise ConfigError(message)
    write_json(origin, now)


def _keep(out: Path, settings: NetworkSettings | ModelVariant, told_apart_by: str) -> None:
    path = out / "predictions" / settings.label / "settings.json"
    before = _read(path, type(settings).model_validate_json) if path.exists() else settings
    changed = differing_keys(settings, before)
    if changed:
        message = (
            f"{path.parent} holds predictions of a model with other settings ({first_five(changed)} differ); "
            f"give this one another {told_apart_by}, or remove that folder"
        )
        raise ConfigError(message)
    write_text(path, settings.model_dump_json(indent=1) + "\n")


def _read(path: Path, parse: "Callable[[str], ReadT]") -> "ReadT":
    """What a file of an earlier run says.

    Raises:
        ConfigError: if it is damaged.
    """
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{path} is damaged ({first_line(error)}); remove {path.parent} to predict it again"
        raise ConfigError(message) from error
