"""The report of the quickstart, for a cancer pharmacologist who does not know the package."""

import math

from drugripple.report import figures
from drugripple.report.document import Column, Figure, Highlight, Report, Section, Table, written
from drugripple.report.findings import METRICS, ExplainedPrediction, QuickstartResult
from drugripple.report.tables import SENSITIVITY, pair_table
from drugripple.report.verdict import verdict

SHOWN_DRUGS = 8
SHOWN_PAIRS = 15


def quickstart_report(result: QuickstartResult) -> Report:
    """The findings in the order of a reader's questions: how good, where, why, on which data, how to repeat it."""
    setting = result.setting
    setup = (
        f"The network was trained on {setting.train_lines:,} cancer cell lines and {setting.compounds:,} compounds "
        f"({setting.train_rows:,} measured responses, {setting.genes:,} genes) and then asked about "
        f"{setting.test_lines:,} cell lines that it had never seen ({len(result.measured):,} responses). "
        f"It starts from {setting.pretrained}."
    )
    return Report(
        "Predicting how cancer cell lines respond to compounds",
        (verdict(result.model, result.naive), setup),
        (
            _scores(result),
            _learning(result),
            _drugs(result),
            _explained(result.explained),
            _dropped(result),
            _data(result),
        ),
        {
            "Command": result.command,
            "Time": f"{result.seconds / 60:.1f} minutes" if result.seconds >= 90 else f"{result.seconds:.0f} seconds",
            "Hardware": result.hardware,
            "Versions": ", ".join(f"{name} {version}" for name, version in result.versions.items()),
        },
        _highlights(result),
    )


def _highlights(result: QuickstartResult) -> tuple[Highlight, ...]:
    labels = {"rmse": ("RMSE, ln IC50", "lower is better"), "pcc": ("PCC, all rows", "higher is better")}
    labels["per_drug_pcc"] = ("PCC within a drug", "higher is better")
    return tuple(
        Highlight(
            label, written(result.model[metric], ".3f"), f"mean effects {written(result.naive[metric], '.3f')}; {note}"
        )
        for metric, (label, note) in labels.items()
    )


def _scores(result: QuickstartResult) -> Section:
    meaning = {
        "rmse": "RMSE of ln IC50 (lower is better)",
        "pcc": "PCC over all rows",
        "per_drug_pcc": "PCC within a drug, mean over drugs",
    }
    rows = tuple((meaning[metric], result.model[metric], result.naive[metric]) for metric in METRICS)
    return Section(
        "How good are the predictions?",
        (
            "IC50 is the concentration, in micromolar, that halves the viability of a cell line; ln IC50 is its "
            "natural logarithm. RMSE is the typical distance between prediction and measurement. "
            "PCC is Pearson's correlation: over all rows it is mostly earned by knowing which compounds are "
            "potent; within one drug it says whether the sensitive cell lines are told from the resistant ones, "
            "which is what matters for choosing a therapy.",
            "Mean effects look at neither genes nor structures. They predict the average response of each compound "
            "over the training cell lines.",
        ),
        (Table((Column("score"), Column("network", ".3f"), Column("mean effects", ".3f")), rows),),
        (
            Figure(
                figures.scatter(result.measured, result.predicted),
                "Each point is one cell line treated with one compound. On the dashed line prediction and measurement "
                "are equal. Potent responses are at the lower left.",
            ),
        ),
    )


def _learning(result: QuickstartResult) -> Section:
    learning = result.learning
    figure = figures.learning_curve(learning.epochs, learning.train_mse, learning.valid_mse)
    caption = (
        "The validation cell lines are used for one thing only: to choose the epoch whose network is kept. "
        "The test cell lines play no part in it. Where the training error goes on falling and the validation error "
        "does not, the network learns rows by heart."
    )
    return Section("How did it learn?", figures=(Figure(figure, caption),))


def _drugs(result: QuickstartResult) -> Section:
    ranked = sorted((s for s in result.drug_scores if not math.isnan(s.pcc)), key=lambda s: (-s.pcc, s.drug))
    undefined = len(result.drug_scores) - len(ranked)
    count = min(SHOWN_DRUGS, len(ranked) // 2)
    best, worst = ranked[:count], ranked[len(ranked) - count :]
    prose = [
        f"Correlation of predicted with measured ln IC50 over the test cell lines, for each of {len(ranked)} drugs."
    ]
    if undefined:
        more = "more " if ranked else ""
        prose.append(f"For {undefined} {more}it is undefined (too few test cell lines, or no spread).")
    if not count:
        return Section("Which drugs are predicted best and worst?", tuple(prose if ranked else prose[1:]))
    columns = (Column("drug"), Column("PCC", ".2f"), Column("RMSE", ".2f"), Column("cell lines", "d"))
    return Section(
        "Which drugs are predicted best and worst?",
        tuple(prose),
        (
            Table(columns, tuple(tuple(score) for score in best), f"Best {count}"),
            Table(columns, tuple(tuple(score) for score in worst), f"Worst {count}"),
        ),
        (Figure(figures.per_drug_bars(best, worst), "Solid: best. Hatched: worst. The higher, the better."),),
    )


def _explained(explained: ExplainedPrediction) -> Section:
    predicted, measured = math.exp(explained.predicted_ln_ic50), math.exp(explained.measured_ln_ic50)
    difference = abs(explained.predicted_ln_ic50 - explained.measured_ln_ic50)
    return Section(
        f"Through which genes? {explained.drug} in {explained.line}",
        (
            f"For {explained.drug} in the cell line {explained.line} the network predicts an IC50 of "
            f"{predicted:.3g} µM (ln IC50 {written(explained.predicted_ln_ic50, '.2f')}); measured is "
            f"{measured:.3g} µM (ln IC50 {written(explained.measured_ln_ic50, '.2f')}), "
            f"a factor of {math.exp(difference):.1f} apart.",
            "Inside, every pair of genes gets an interaction score for this cell line and this compound: how strongly "
            "the expression of one enters the network's first layer through the other. Pairs known to interact in the "
            "STRING database start one unit higher. Genes with extreme expression appear in many pairs.",
            "The second table follows the signal through the whole pretrained part: how much the predicted level of "
            "one gene moves when the level of the other does. The two need not agree. On data with a planted mechanism "
            "the second finds it in networks of this kind and the first does not (docs/explain.md). Read both as what "
            "the network does, not as what the cell does.",
        ),
        (
            pair_table(explained.pairs.head(SHOWN_PAIRS), "The pairs of genes with the highest interaction scores"),
            pair_table(
                explained.moving.head(SHOWN_PAIRS),
                "The pairs of genes that move each other most",
                SENSITIVITY,
            ),
        ),
        (
            Figure(
                figures.attention_heatmap(explained.scores, explained.symbols, explained.known),
                "Interaction scores between the genes of the top pairs. Orange and purple are scores above and below "
                "zero; dots are pairs that STRING knows; the diagonal is left out.",
            ),
        ),
    )


def _dropped(result: QuickstartResult) -> Section:
    if not result.dropped:
        return Section("What was left out?", ("Nothing: every row of the source was used.",))
    columns = (Column("what"), Column("how many", ",d"), Column("why"))
    return Section("What was left out?", (), (Table(columns, tuple(tuple(item) for item in result.dropped)),))


def _data(result: QuickstartResult) -> Section:
    columns = (Column("data"), Column("from"), Column("terms of use"), Column("please cite"))
    return Section("Whose data are these?", (), (Table(columns, tuple(tuple(item) for item in result.terms)),))
