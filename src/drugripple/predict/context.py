"""A prediction among what is known: ranks, nearest measured samples, the compound's own record, and the domain."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from drugripple.data.measure import Measure
from drugripple.data.pair_kind import KINDS
from drugripple.data.pairs import CanonicalCompounds, Pairs
from drugripple.predict.domain import SampleDomain
from drugripple.predict.frames import COMPOUNDS_AT_ONCE, SAMPLES_AT_ONCE, row_parts
from drugripple.predict.own_compounds import OwnCompounds
from drugripple.predict.own_samples import OwnSamples
from drugripple.predictors.calibrated import CalibratedPredictor, Interval
from drugripple.predictors.multi_trait_gp.fitted import Columns
from drugripple.predictors.saving import require_fitted
from drugripple.runtime.progress import Progress
from drugripple.runtime.threads import one_thread
from drugripple.sources.user.drug_names import annotated

NEAREST = 3
ROUNDING = 1e-9
"""Responses that differ by less are equal."""


@dataclass(frozen=True)
class Context:
    """What is known of some compounds. Axes: n training sample, c training compound, a compound asked about."""

    calibrated: CalibratedPredictor
    compounds: OwnCompounds
    columns: Columns
    """What the model knows, before any sample is asked about, of the distinct molecules in canonical order."""
    in_training: Float[np.ndarray, "n a"]
    """Predicted response of every training sample, sorted within each compound."""

    @classmethod
    @one_thread()
    def of(cls, calibrated: CalibratedPredictor, compounds: OwnCompounds) -> "Context":
        """Ask the model what it knows of compounds.

        Raises:
            ConfigError: if a new compound has no embedding and the model needs one.
        """
        traits = calibrated.predictor.traits
        distinct, rows, place = CanonicalCompounds.of(compounds.table)
        columns = calibrated.predictor.columns(distinct, compounds.described.take(rows))
        in_training = np.sort(traits.means(traits.kernel.training, columns), axis=0)[:, place]
        return cls(calibrated, compounds, columns, in_training)

    @cached_property
    def annotation(self) -> dict[str, np.ndarray]:
        """Target and mechanism of each compound: its own, else those of training, else those of a drug of its name."""
        place, names = self.compounds.domain.place.tolist(), [*self.calibrated.calibration.names, ""]
        trained = [names[row] for row in place]  # the last, which is blank, of a new compound
        known = self.calibrated.predictor.traits.compounds
        asked = self.compounds.table.targets, self.compounds.table.mechanism
        own = (
            [word or ([*words, ""][row]) for word, row in zip(given, place, strict=True)]
            for given, words in zip(asked, (known.targets, known.mechanism), strict=True)
        )
        found = annotated(trained, *annotated(self.compounds.table.names, *own))
        return {name: _text(list(words)) for name, words in zip(("target", "mechanism"), found, strict=True)}

    def record(self, unit: str) -> dict[str, np.ndarray]:
        """What is known of each compound; missing (NaN) for a new one. Columns of `DefaultModel.predict`."""
        calibration, place = self.calibrated.calibration, self.compounds.domain.place
        known = np.where(place >= 0, 1.0, np.nan)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a compound without any measurement has no quantiles
            quantiles = np.nanpercentile(calibration.measured, [0, 50, 100], axis=0).astype(np.float64)
        suffix, shown = ("_um", np.exp(quantiles)) if unit else ("", quantiles)
        found = {
            "compound_r": calibration.correlation[place] * known,
            "compound_n": calibration.number[place] * known,
            f"measured_min{suffix}": shown[0][place] * known,
            f"measured_median{suffix}": shown[1][place] * known,
            f"measured_max{suffix}": shown[2][place] * known,
        }
        return found | ({"tested_um": calibration.tested_um[place] * known} if unit else {})


def described_grid(
    calibrated: CalibratedPredictor,
    asked: OwnSamples,
    compounds: OwnCompounds,
    level: float,
    *,
    compact: bool,
    progress: Progress,
) -> Iterator[pd.DataFrame]:
    """Answers of the default model about every sample with every compound, some at a time."""
    measure = require_fitted(calibrated.measure, calibrated.name)
    total, done = len(asked.expression) * len(compounds), 0
    for some_compounds in row_parts(len(compounds), COMPOUNDS_AT_ONCE):
        context = Context.of(calibrated, compounds.take(some_compounds))
        for some_samples in row_parts(len(asked.expression), SAMPLES_AT_ONCE):
            grid = Pairs.grid(asked.expression.take(some_samples), context.compounds.table)
            with one_thread():
                found = calibrated.predict_interval(grid, level=level, columns=context.columns)
            frame = describe_pairs(context, asked, some_samples, found, measure, compact=compact)
            yield frame
            done += len(frame)
            progress("predictions", done, total)


def describe_pairs(
    context: Context,
    samples: OwnSamples,
    rows: Int[np.ndarray, " s"],
    found: Interval,
    measure: Measure,
    *,
    compact: bool = False,
) -> pd.DataFrame:
    """One row per pair of some of the samples and a compound of the context, samples outermost.

    Args:
        context: the compounds.
        samples: all samples.
        rows: the samples of these pairs.
        found: their predictions, as `Pairs.grid` orders them.
        measure: what is predicted.
        compact: only names, response, interval and domain.
    """
    calibration, unit = context.calibrated.calibration, measure.micromolar
    table, domain = context.compounds.table, context.compounds.domain
    n, a = len(rows), len(table)
    compound, mean = np.tile(np.arange(a), n), found.mean.reshape(n, a)
    low, high = found.mean - found.half_width, found.mean + found.half_width
    columns: dict[str, object] = {
        "sample": np.repeat(_text([samples.names[row] for row in rows.tolist()]), a),
        "id": _text(table.ids)[compound],
        "compound": _text(table.names)[compound],
        measure.value: found.mean,
    }
    if unit:
        columns |= {unit: np.exp(found.mean), "low_um": np.exp(low), "high_um": np.exp(high)}
    else:
        columns |= {"low": low, "high": high}
    sample_reason, compound_reason = samples.domain.reasons(), domain.reasons()
    if compact:
        inside = ~_said(sample_reason)[rows][:, None] & ~_said(compound_reason)
        return pd.DataFrame(columns | {"in_domain": inside.ravel()})
    why = [
        "; ".join(filter(None, (of_sample, of_compound)))
        for of_sample in _text(sample_reason)[rows].tolist()
        for of_compound in compound_reason
    ]
    measured = _measured(context, samples, rows).ravel()
    columns |= {
        f"measured{'_um' if unit else ''}": np.exp(measured) if unit else measured,
        "kind": _text([kind.value for kind in KINDS])[found.kind],
        "sample_percentile": percentiles(context.in_training, mean).ravel(),
        "compound_percentile": percentiles(np.sort(samples.profile[rows].T, axis=0), mean.T).T.ravel(),
        "nearest_samples": np.array(_nearest_measured(context, samples.domain, rows, unit), dtype=object),
        "sample_similarity": np.repeat(samples.domain.nearest[rows], a),
        "nearest_compound": _text(calibration.names)[domain.nearest][compound],
        "compound_similarity": domain.similarity[compound],
    }
    columns |= {name: values[compound] for name, values in (context.annotation | context.record(unit)).items()}
    columns |= {"in_domain": np.array([not text for text in why], dtype=bool), "domain_reason": _text(why)}
    return pd.DataFrame(columns)


def percentiles(known: Float[np.ndarray, "n a"], asked: Float[np.ndarray, "s a"]) -> Float[np.ndarray, "s a"]:
    """Percent of the sorted known values of each column that are lower, by more than rounding.

    A training sample or compound stands among the known ones, too, computed in another order.

    >>> percentiles(np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([[2.5], [0.0], [3.0 + 1e-14]])).tolist()
    [[50.0], [0.0], [50.0]]
    """
    below = [np.searchsorted(known[:, j], asked[:, j] - ROUNDING) for j in range(known.shape[1])]
    return 100 * np.stack(below, axis=1) / len(known)


def _measured(context: Context, samples: OwnSamples, rows: Int[np.ndarray, " s"]) -> Float[np.ndarray, "s a"]:
    """What training has of these very pairs; NaN where it has none."""
    training = {name: row for row, name in enumerate(context.calibrated.predictor.traits.kernel.samples)}
    known = np.array([training.get(samples.expression.samples[row], -1) for row in rows.tolist()], dtype=np.int64)
    place = context.compounds.domain.place
    both = (known >= 0)[:, None] & (place >= 0)
    return np.where(both, context.calibrated.calibration.measured[np.ix_(known, place)].astype(np.float64), np.nan)


def _nearest_measured(context: Context, samples: SampleDomain, rows: Int[np.ndarray, " s"], unit: str) -> list[str]:
    """For each pair the nearest training samples that were measured with the compound, and what was measured."""
    calibration, names = context.calibrated.calibration, context.calibrated.predictor.traits.kernel.samples
    place, found = context.compounds.domain.place.tolist(), []
    for row in rows.tolist():
        order = np.argsort(-samples.correlation[row], kind="stable")
        ordered = calibration.measured[order]
        for column in place:
            seen = [] if column < 0 else np.flatnonzero(np.isfinite(ordered[:, column]))[:NEAREST].tolist()
            values = [float(ordered[i, column]) for i in seen]
            shown = [f"{np.exp(value):.3g} uM" if unit else f"{value:.3g}" for value in values]
            found.append("; ".join(f"{names[order[i]]} {text}" for i, text in zip(seen, shown, strict=True)))
    return found


def _said(reasons: Sequence[str]) -> np.ndarray:
    return np.array([bool(reason) for reason in reasons], dtype=bool)


def _text(values: Sequence[str]) -> np.ndarray:
    return np.array(values, dtype=object)
