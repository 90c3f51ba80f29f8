"""The report of a benchmark: the paper's table beside ours, then everything that this table hides."""

import math

from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.scoreboard import MEAN_EFFECTS
from drugripple.predictors.method import PaperRow, Published
from drugripple.report import benchmark_partial as partial
from drugripple.report import benchmark_sections as sections
from drugripple.report.benchmark_findings import BenchmarkFindings
from drugripple.report.benchmark_sections import complete, scored, value
from drugripple.report.document import UNDEFINED, Cell, Column, Highlight, Report, Section, Table, written

MEANING = {
    Scheme.MIXED: "the pair is new, its cell line and its compound are known",
    Scheme.CELL_BLIND: "the cell line is new",
    Scheme.DRUG_BLIND: "the compound is new",
    Scheme.DISJOINT: "both are new",
}
CAPPED, EXPOSED = "†", "‡"
"""Marks of a cell: a training that ended at its cap of epochs, and a test that pretraining had seen."""
CARD = (
    ("rmse", "RMSE", ".3f"),
    ("pcc", "PCC", ".3f"),
    ("per_drug_pcc_mean", "PCC within drugs, mean", ".3f"),
    ("per_drug_pcc_median", "median", ".3f"),
    ("per_drug_pcc_share_above_0.3", "above 0.3", ".0%"),
    ("residual_pcc", "residual PCC", ".3f"),
    ("calibration_slope", "calibration slope", ".2f"),
)


def benchmark_report(found: BenchmarkFindings) -> Report:
    """The findings in the order of a sceptic's questions: who wins, by how much, is it real, did anything leak."""
    return Report(
        found.title,
        (*(_verdict(found, scheme) for scheme in found.setting.folds), _set_up(found)),
        (
            _paper_table(found),
            _cards(found),
            *partial.some_folds(found),
            partial.orders(found),
            sections.differences(found),
            sections.folds(found),
            sections.drugs(found),
            *((sections.curves(found),) if found.curves else ()),
            sections.audit(found),
            sections.ceiling(found),
            sections.models(found),
        ),
        found.provenance,
        _highlights(found),
    )


def _verdict(found: BenchmarkFindings, scheme: Scheme) -> str:
    summary, done = found.board.summary, complete(found, scheme)
    head = f"{scheme.value} ({MEANING[scheme]}): "
    if not done:
        return head + "no model has finished every fold yet."
    best = done[0]
    text = f"{head}lowest RMSE {value(summary, best, scheme, 'rmse'):.3f} by {best}"
    if MEAN_EFFECTS in done and best != MEAN_EFFECTS:
        text += f", against {value(summary, MEAN_EFFECTS, scheme, 'rmse'):.3f} of mean effects without any features"
    comparison = found.board.comparison
    others = comparison[
        (comparison["scheme"] == scheme.value) & (comparison["reference"] == best) & (comparison["low"] <= 0)
    ]
    equal = [model for model in done[1:] if model in set(others["model"])]
    if equal:
        text += f"; over other lines and drugs it might not beat {', '.join(equal)}"
    return text + "."


def _set_up(found: BenchmarkFindings) -> str:
    setting = found.setting
    note = f" {setting.note}" if setting.note else ""
    return (
        f"{setting.dataset}: {setting.rows:,} measured responses ({setting.measure.label}) of {setting.samples:,} cell "
        f"lines and {setting.compounds:,} compounds. Repeat measurements: {setting.replicates}. Validation rows: "
        f"{setting.validation}. Salts and stereoisomers of one molecule stay together.{note} Every model had the same "
        "folds, and every number below is computed from the predictions on disk."
    )


def _highlights(found: BenchmarkFindings) -> tuple[Highlight, ...]:
    shown = []
    for scheme in found.setting.folds:
        done = complete(found, scheme)
        if done:
            rmse = value(found.board.summary, done[0], scheme, "rmse")
            shown.append(Highlight(f"{scheme.value}, lowest RMSE", f"{rmse:.3f}", done[0]))
    return tuple(shown)


def _paper_table(found: BenchmarkFindings) -> Section:
    schemes = list(found.setting.folds)
    columns = [Column("model")]
    for scheme in schemes:
        columns += [Column(f"{scheme.value} RMSE", ".3f"), Column("PCC", ".3f")]
    rows: list[tuple[Cell, ...]] = []
    shown: list[str] = []
    for note in found.models:
        cells: list[Cell] = [note.model]
        for scheme in schemes:
            cells += [_cell(found, note.model, scheme, metric) for metric in ("rmse", "pcc")]
        rows.append(tuple(cells))
        if note.namesake in found.published and note.namesake not in shown:
            shown.append(note.namesake)
            rows.append(_printed(f"paper: {note.namesake}", found.published[note.namesake], schemes))
    rows += [_printed(f"paper: {name}", row, schemes) for name, row in found.published.items() if name not in shown]
    rows += [_printed(f"printed: {name}", row, schemes) for name, row in found.elsewhere.items()]
    title, beside = "RMSE and correlation", ""
    if found.published:
        title = "Table 1, ours beside the paper's"
        beside = (
            " Rows that begin with “paper” are printed in Table 1 of the CSG2A paper; they were measured on another "
            "selection of rows and another split, so that only their order of size can be compared."
        )
    prose = (
        f"RMSE of {found.setting.measure.label} and Pearson correlation over the rows of a test fold: mean ± standard "
        f"deviation over folds.{beside}",
        "A cell is over all folds or blank; a model on some of the folds stands further below, beside the others on "
        "those very folds. A pooled correlation mostly rewards knowing which compounds are potent: read it beside the "
        "correlation within drugs below.",
        *_marks(found),
    )
    return Section(title, prose, (Table(tuple(columns), tuple(rows)),))


def _marks(found: BenchmarkFindings) -> tuple[str, ...]:
    meanings = {
        CAPPED: "a training of this cell ended at its cap of epochs and is not known to have converged",
        EXPOSED: "pretraining had seen some of the compounds or cell lines that the tests of this cell call new",
    }
    used = {CAPPED: bool(found.capped), EXPOSED: bool(found.exposed)}
    told = [f"{mark} {meaning}" for mark, meaning in meanings.items() if used[mark]]
    return (f"{'; '.join(told)}.",) if told else ()


def _printed(name: str, row: PaperRow, schemes: list[Scheme]) -> tuple[Cell, ...]:
    cells: list[Cell] = [name]
    for scheme in schemes:
        printed: Published = getattr(row, scheme.value)
        cells += [_mean_and_sd(printed.rmse, printed.rmse_sd), _mean_and_sd(printed.pcc, printed.pcc_sd)]
    return tuple(cells)


def _cell(found: BenchmarkFindings, model: str, scheme: Scheme, metric: str) -> str:
    mean, sd, folds = (value(found.board.summary, model, scheme, metric, c) for c in ("mean", "sd", "folds"))
    if math.isnan(mean) or folds != found.setting.folds[scheme]:
        return UNDEFINED
    marks = (CAPPED if (model, scheme) in found.capped else "") + (EXPOSED if (model, scheme) in found.exposed else "")
    return _mean_and_sd(mean, sd) + (marks if metric == "rmse" else "")


def _mean_and_sd(mean: float, sd: float) -> str:
    return written(mean, ".3f") if math.isnan(sd) else f"{written(mean, '.3f')} ± {sd:.3f}"


def _cards(found: BenchmarkFindings) -> Section:
    prose = (
        "Interval: of the RMSE of all test rows, drawing cell lines and drugs, not rows. Within drugs: correlation "
        "over the cell lines of each drug, which is what choosing a therapy needs. Residual: after the mean effects of "
        "the training rows are taken out of both sides. Slope: below 1 predictions are too extreme, above 1 too timid. "
        "Gap closed: share of the squared error between mean effects and the noise between two screens that is gone; "
        "blank for a model below that noise, which has learnt errors that the compounds of one screen share.",
    )
    tables = tuple(_card(found, scheme) for scheme in scored(found) if complete(found, scheme))
    return Section("Score card", prose, tables)


def _card(found: BenchmarkFindings, scheme: Scheme) -> Table:
    board = found.board
    own = board.comparison[board.comparison["scheme"] == scheme.value]
    comparison = {row["model"]: row for row in own.to_dict("records")}
    columns = [Column("model"), Column("folds", "d")]
    columns += [Column(heading, form) for _, heading, form in CARD]
    columns[3:3] = [Column("95 % interval", "s")]
    columns += [Column("gap closed", ".0%")]
    rows: list[tuple[Cell, ...]] = []
    for model in complete(found, scheme):
        row = comparison[model]
        scores: list[Cell] = [value(board.summary, model, scheme, metric) for metric, _, _ in CARD]
        scores[1:1] = [f"{row['rmse_low']:.2f} to {row['rmse_high']:.2f}"]
        rows.append((model, int(row["folds"]), *scores, float(row["gap_closed"])))
    return Table(tuple(columns), tuple(rows), scheme.value)
