"""What is found about the scale of an expression file: of single values, of single samples, and of the whole."""

from collections.abc import Iterator

import numpy as np

from drugripple.data.tables import ExpressionScale
from drugripple.errors import counted, first_five
from drugripple.sources.user.expression_layout import ExpressionLayout
from drugripple.sources.user.expression_scale import ScaleGuess, advice_on, guess_scale
from drugripple.sources.user.expression_units import contradiction
from drugripple.sources.user.extreme_cells import Extreme
from drugripple.sources.user.findings import Finding, Level, Topic
from drugripple.sources.user.logarithm import Conversion
from drugripple.sources.user.mixed_genes import USUAL, linear_among_logarithms
from drugripple.sources.user.mixed_samples import Kind, by_logarithm, kinds, shifts_from_the_others
from drugripple.sources.user.stated_scale import StatedScale
from drugripple.sources.user.unusable_scales import ADVICE, Unusable

LINEAR = frozenset({StatedScale.TPM, StatedScale.FPKM, StatedScale.CPM})
TOO_LARGE = frozenset({Kind.COUNTS, Kind.LINEAR})


def scale_findings(
    layout: ExpressionLayout,
    guess: ScaleGuess,
    stated: StatedScale | None,
    extreme: Extreme,
    without: ScaleGuess | None,
) -> Iterator[Finding]:
    """Values and samples that no scale explains, then the scale.

    Args:
        layout: the file.
        guess: the scale that its values show, or the one stated.
        stated: the scale that the user states.
        extreme: the few values that lie far from all others.
        without: the scale that the values show without these.
    """
    if extreme.cells:
        yield from _extreme(layout, guess, stated, extreme, without or guess)
    if guess.conversion != Conversion.COUNTS and guess.mark is None:
        yield from _mixed(layout, guess, stated)
        yield from _shifted(layout, guess)
    yield from _whole(layout, guess, stated)


def _extreme(
    layout: ExpressionLayout, guess: ScaleGuess, stated: StatedScale | None, extreme: Extreme, without: ScaleGuess
) -> Iterator[Finding]:
    """Values that are absurd, or that alone decide the scale."""
    z_scores = guess.scale.endswith("_z") and without.scale.endswith("_z")  # whose tails are long
    decides = not z_scores and (guess.usable or without.usable) and guess[::2] != without[::2]
    apart = guess.usable and not guess.scale.endswith("_z")
    linear = stated in LINEAR or guess.conversion == without.conversion == Conversion.LINEAR
    if linear or not (decides or extreme.absurd or apart):
        return
    shown = tuple(f"{cell.value:.6g} for {layout.place(cell.row, cell.column)}" for cell in extreme.cells)
    text = (
        f"{counted(len(shown), 'value lies', 'values lie')} far from all others, which run from {extreme.low:.3g} to "
        f"{extreme.high:.3g}: {first_five(shown)}"
    )
    if decides and without.usable:
        text += f"; with {'it' if len(shown) == 1 else 'them'} the file seems to hold {guess.scale}, without "
        text += f"{'it' if len(shown) == 1 else 'them'} {without.scale}"
    if not (decides or extreme.absurd):
        yield Finding(Level.NOTE, Topic.VALUES, text, "correct them if they are wrong or mark missing values", shown)
        return
    advice = "correct what is wrong or leave that sample or gene out"
    advice += "; if the values are right, state the scale" if not extreme.absurd else ""
    yield Finding(Level.PROBLEM, Topic.VALUES, text, advice, shown)


def _mixed(layout: ExpressionLayout, guess: ScaleGuess, stated: StatedScale | None) -> Iterator[Finding]:
    """Samples or genes on another scale than the others."""
    names, seen = layout.samples.names, kinds(layout.values, layout.known)
    found = np.array([_grouped(kind) for kind in seen])
    present = [kind for kind in dict.fromkeys(found.tolist()) if kind != Kind.UNCLEAR]
    if stated not in LINEAR and len(present) > 1:
        rarest = min(present, key=lambda kind: int((found == kind).sum()))
        others = " or ".join(kind for kind in present if kind != rarest)
        fewer = tuple(names[i] for i in np.flatnonzero(found == rarest))
        held = " or ".join(dict.fromkeys(seen[i] for i in np.flatnonzero(found == rarest)))
        what = f"{counted(len(fewer), 'sample holds', 'samples hold')} {held}, the others {others}"
        advice = "give all samples on one scale"
        yield Finding(Level.PROBLEM, Topic.SCALE, f"{what}: {first_five(fewer)}", advice, fewer)
    elif stated is None and (guess.conversion == Conversion.LINEAR or guess.scale == Unusable.LINEAR):
        yield from _mixed_genes(layout)
    elif guess.usable and guess.conversion != Conversion.LINEAR and not guess.scale.endswith("_z"):
        logarithms, rows = by_logarithm(layout.values, layout.known)
        if logarithms:
            fewer = tuple(names[i] for i in rows)
            what = counted(len(fewer), "sample differs", "samples differ")
            text = f"{what} from the others as {logarithms} do: {first_five(fewer)}"
            level = Level.NOTE if stated else Level.PROBLEM
            advice = "" if stated else "take one logarithm of all samples; if they are right, state the scale"
            yield Finding(level, Topic.SCALE, text, advice, fewer)


def _mixed_genes(layout: ExpressionLayout) -> Iterator[Finding]:
    """Genes with linear values in a file of logarithms."""
    linear = tuple(layout.names[i] for i in linear_among_logarithms(layout.values, layout.known))
    if linear:
        what = counted(len(linear), "gene holds", "genes hold")
        text = f"{what} numbers above {2 * USUAL[1]:g}, the others logarithms: {first_five(linear)}"
        yield Finding(Level.PROBLEM, Topic.SCALE, text, "give all genes on one scale", linear)


def _shifted(layout: ExpressionLayout, guess: ScaleGuess) -> Iterator[Finding]:
    """Samples that lie above or below the others at most genes."""
    if not guess.usable or guess.scale.endswith("_z") or guess.scale == ExpressionScale.LOG2_CPM:
        return
    shifts = shifts_from_the_others(layout.values, layout.known)
    if shifts:
        shown = tuple(f"{layout.samples.names[row]}: {shift:+.1f}" for row, shift in shifts)
        what = counted(len(shown), "sample lies", "samples lie")
        text = f"{what} above or below the others at most genes: {first_five(shown)}"
        advice = "check that all samples were normalised in one way"
        yield Finding(Level.NOTE, Topic.SCALE, text, advice, shown)


def _grouped(kind: Kind) -> Kind:
    return Kind.LINEAR if kind in TOO_LARGE else kind


def _whole(layout: ExpressionLayout, guess: ScaleGuess, stated: StatedScale | None) -> Iterator[Finding]:
    against = contradiction(layout.values, stated, layout.samples.names) if stated else ""
    others = ", ".join(layout.matrix.other_matrices)
    if stated and against:
        yield _contradicted(guess_scale(layout.values), guess, stated, against)
    elif not guess.usable:
        marked = layout.values == guess.mark
        genes = tuple(name for name, one in zip(layout.names, marked.any(axis=0), strict=True) if one)
        where = f", in {counted(len(genes), 'gene')} {first_five(genes)}" if genes else ""
        text = f"it seems to hold {guess.scale} ({guess.reason}){where}; expected log2 expression or z-scores"
        advice = advice_on(guess) + (f"; or read another of its matrices, as `layer`: {others}" if others else "")
        yield Finding(Level.PROBLEM, Topic.SCALE, text, advice)
    elif guess.conversion == Conversion.NONE:
        yield Finding(Level.FINE, Topic.SCALE, f"{guess.scale}: {guess.reason}")
        if others and guess.scale.endswith("_z"):
            text = f"these are z-scores; the file also holds {others}"
            yield Finding(
                Level.NOTE, Topic.SCALE, text, "read expression before it was scaled, if it is there, as `layer`"
            )
    else:
        yield Finding(Level.NOTE, Topic.SCALE, f"taken from {guess.conversion}, as {guess.scale}: {guess.reason}")


def _contradicted(seen: ScaleGuess, guess: ScaleGuess, stated: StatedScale, against: str) -> Finding:
    """What the values hold in place of the scale that is stated, where they tell."""
    expected = f"expected {stated}, as you state"
    if seen.scale in (guess.scale, Unusable.UNKNOWN, Unusable.NEGATIVE):
        advice = f"scale each sample to a million, or state another scale than {stated}"
        return Finding(Level.PROBLEM, Topic.SCALE, f"{against}; {expected}", advice)
    counts = seen.scale in (Unusable.LINEAR, Unusable.SCALED_COUNTS) and stated in LINEAR
    advice = (
        ADVICE[Unusable.COUNTS] if counts else advice_on(seen) or "leave out the scale to have it told by the values"
    )
    return Finding(Level.PROBLEM, Topic.SCALE, f"it seems to hold {seen.scale} ({against}); {expected}", advice)
