"""The models of a benchmark: their makers, and the settings that are kept beside their predictions."""

from collections.abc import Callable, Mapping
from functools import partial

from drugripple.config import differing_keys
from drugripple.data.predictor import Predictor
from drugripple.errors import ConfigError, first_five
from drugripple.predictors.catalogue import BASELINES
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.runtime.atomic import write_text


def makers(run: BenchmarkRun) -> Mapping[str, Callable[[], Predictor]]:
    """A maker of an unfitted predictor for each trained model of a run."""
    made: dict[str, Callable[[], Predictor]] = {name: BASELINES[name].make for name in run.model}
    for settings in run.network:
        from drugripple.predictors.recorded_network import RecordedNetwork

        made[settings.label] = partial(RecordedNetwork, settings, run.data)
    return made


def keep_settings(run: BenchmarkRun) -> None:
    """Write each network's settings beside its predictions.

    Raises:
        ConfigError: if predictions of other settings stand under the same name.
    """
    for settings in run.network:
        path = run.out / "predictions" / settings.label / "settings.json"
        before = NetworkSettings.model_validate_json(path.read_text(encoding="utf-8")) if path.exists() else settings
        changed = differing_keys(settings, before)
        if changed:
            message = (
                f"{path.parent} holds predictions of a network with other settings ({first_five(changed)} differ); "
                "give this one another `variant`, or remove that folder"
            )
            raise ConfigError(message)
        write_text(path, settings.model_dump_json(indent=1) + "\n")
