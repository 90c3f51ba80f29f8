"""The doctor's findings about an expression file."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from drugripple.errors import DrugrippleError, first_five
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import usable_expression
from drugripple.sources.user.expression_layout import FoundExpression
from drugripple.sources.user.expression_scale import advice_on
from drugripple.sources.user.finding import Finding, Level

WELL_COVERED = 0.9
POORLY_COVERED = 0.3


def expression_findings(found: FoundExpression, wanted: GeneSpace) -> tuple[Finding, ...]:
    """Layout, gene names, coverage, samples, values and scale; a problem exactly if the file cannot be used."""
    findings = [
        *_layout(found),
        *_coverage(found, wanted),
        *_gene_names(found),
        *_samples(found),
        *_values(found),
        *_scale(found),
    ]
    if all(finding.level != Level.PROBLEM for finding in findings):
        try:
            usable_expression(found, wanted=wanted)
        except DrugrippleError as error:
            findings.append(Finding(Level.PROBLEM, "use", str(error)))
    return tuple(findings)


def _layout(found: FoundExpression) -> Iterator[Finding]:
    by = f" (from {found.named_by!r})" if found.named_by else ""
    text = (
        f"expression, {found.kind}: {len(found.samples):,} samples x {len(found.names):,} genes, "
        f"{found.orientation}; genes named by {found.resolution.naming}{by}"
    )
    yield Finding(Level.FINE, "layout", text)
    if found.set_aside:
        text = f"{len(found.set_aside)} columns describe genes and are not samples: {first_five(found.set_aside)}"
        yield Finding(Level.NOTE, "layout", text, names=found.set_aside)


def _coverage(found: FoundExpression, wanted: GeneSpace) -> Iterator[Finding]:
    landmarks = SymbolMap.landmarks().space
    panels = [("landmark genes", landmarks)] if wanted == landmarks else [("genes of the model", wanted)]
    for what, panel in panels:
        measured = {symbol for symbol in found.symbols if symbol in panel}
        missing = tuple(symbol for symbol in panel.symbols if symbol not in measured)
        share = len(measured) / len(panel)
        text = f"{len(measured):,} of {len(panel):,} {what} ({share:.0%})"
        if not measured:
            yield Finding(Level.PROBLEM, "coverage", text, "name human genes by symbol, Ensembl or Entrez id")
        elif missing:
            advice = "train on the genes that are there, or let `predict --missing median` count the others as typical"
            advice += "; with so few, expect much worse predictions than published" if share < POORLY_COVERED else ""
            level = Level.NOTE if share < WELL_COVERED else Level.FINE
            yield Finding(level, "coverage", f"{text}; missing: {first_five(missing)}", advice, missing)
        else:
            yield Finding(Level.FINE, "coverage", text)
        other = [name for name, symbol in zip(found.names, found.symbols, strict=True) if not symbol]
        if other:
            yield Finding(
                Level.FINE, "coverage", f"{len(other):,} names are none of these and are not used", names=tuple(other)
            )


def _gene_names(found: FoundExpression) -> Iterator[Finding]:
    resolution = found.resolution
    repeated = found.repeated_genes()
    if repeated:
        shown = [f"{symbol} ({', '.join(names[:3])})" for symbol, names in repeated.items()]
        text = f"{len(repeated)} genes appear more than once: {first_five(shown)}"
        yield Finding(Level.PROBLEM, "duplicates", text, "merge or drop the extra ones", tuple(repeated))
    renamed = [f"{name} -> {symbol}" for name, symbol in resolution.mapped.items() if name.upper() != symbol.upper()]
    if renamed and resolution.naming == "symbol":
        text = f"{len(renamed)} genes were found under another name: {first_five(renamed)}"
        yield Finding(Level.FINE, "aliases", text, names=tuple(renamed))
    if resolution.superseded:
        shown = [f"{name} beside {symbol}" for name, symbol in resolution.superseded.items()]
        text = f"{len(shown)} old names stand beside the current one and are left out: {first_five(shown)}"
        yield Finding(Level.NOTE, "aliases", text, names=tuple(resolution.superseded))
    if resolution.ambiguous:
        shown = [f"{name} ({' or '.join(genes)})" for name, genes in resolution.ambiguous.items()]
        text = f"{len(shown)} names fit several genes and are left out: {first_five(shown)}"
        yield Finding(Level.NOTE, "aliases", text, "use current symbols or ids", tuple(resolution.ambiguous))
    if resolution.mangled:
        shown = [f"{name} ({' or '.join(genes) or 'no known gene'})" for name, genes in resolution.mangled.items()]
        text = f"a spreadsheet turned {len(shown)} gene names into dates; they are left out: {first_five(shown)}"
        advice = "take the names from the original file; import gene columns as text"
        yield Finding(Level.NOTE, "dates", text, advice, tuple(resolution.mangled))


def _samples(found: FoundExpression) -> Iterator[Finding]:
    blank = sum(not name for name in found.samples)
    repeated = sorted(name for name, count in Counter(found.samples).items() if name and count > 1)
    if blank:
        yield Finding(Level.PROBLEM, "samples", f"{blank} samples have no name", "name every sample")
    if repeated:
        text = f"{len(repeated)} samples appear more than once: {first_five(repeated)}"
        yield Finding(Level.PROBLEM, "samples", text, "give each sample its own name", tuple(repeated))


def _values(found: FoundExpression) -> Iterator[Finding]:
    used = found.positions()
    values = found.values[:, used]
    words = {(cell.row, cell.column) for cell in found.text_cells}
    shown = [f"{cell.text!r} ({found.samples[cell.row]}, {found.names[cell.column]})" for cell in found.text_cells]
    in_use = set(used.tolist())
    if any(cell.column in in_use for cell in found.text_cells):
        text = f"{len(shown)} values are not numbers: {first_five(shown)}"
        yield Finding(Level.PROBLEM, "values", text, "correct them or delete that row or column")
    for bad, what, advice in (
        (np.isnan(values), "missing", "impute them or leave those genes out"),
        (np.isinf(values), "infinite", "a logarithm of zero makes these: take log2(x + 1)"),
    ):
        cells = [(int(row), int(used[column])) for row, column in np.argwhere(bad)]
        cells = [cell for cell in cells if cell not in words]
        if cells:
            genes = tuple(dict.fromkeys(found.symbols[column] for _, column in cells))
            first = f"sample {found.samples[cells[0][0]]!r}, gene {found.names[cells[0][1]]!r}"
            text = f"{len(cells):,} values are {what}, in {len(genes):,} genes: {first_five(genes)} (first: {first})"
            yield Finding(Level.PROBLEM, "values", text, advice, genes)
    if len(values) > 2:
        same = np.flatnonzero((values == values[0]).all(axis=0))
        if len(same):
            constant = tuple(found.symbols[used[i]] for i in same)
            text = f"{len(constant):,} genes have one value in all samples: {first_five(constant)}"
            yield Finding(Level.NOTE, "values", text, "leave them out if they were not measured", constant)


def _scale(found: FoundExpression) -> Iterator[Finding]:
    if found.guess.usable:
        yield Finding(Level.FINE, "scale", f"{found.guess.scale}: {found.guess.reason}")
    else:
        text = f"seems to be {found.guess.scale}: {found.guess.reason}"
        yield Finding(Level.PROBLEM, "scale", text, advice_on(found.guess))
