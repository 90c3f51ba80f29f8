"""Reports as one HTML file or Markdown, and their figures."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.report.benchmark import benchmark_report as benchmark_report
    from drugripple.report.benchmark_findings import BenchmarkFindings as BenchmarkFindings
    from drugripple.report.benchmark_findings import ModelNote as ModelNote
    from drugripple.report.document import Cell as Cell
    from drugripple.report.document import Column as Column
    from drugripple.report.document import Figure as Figure
    from drugripple.report.document import Highlight as Highlight
    from drugripple.report.document import Report as Report
    from drugripple.report.document import Section as Section
    from drugripple.report.document import Table as Table
    from drugripple.report.figures import BLUE as BLUE
    from drugripple.report.figures import GREEN as GREEN
    from drugripple.report.figures import ORANGE as ORANGE
    from drugripple.report.figures import PURPLE as PURPLE
    from drugripple.report.figures import VERMILLION as VERMILLION
    from drugripple.report.figures import DrugScore as DrugScore
    from drugripple.report.figures import attention_heatmap as attention_heatmap
    from drugripple.report.figures import curve as curve
    from drugripple.report.figures import drawn_as_png as drawn_as_png
    from drugripple.report.findings import Dropped as Dropped
    from drugripple.report.findings import ExplainedPrediction as ExplainedPrediction
    from drugripple.report.findings import LearningCurve as LearningCurve
    from drugripple.report.findings import QuickstartResult as QuickstartResult
    from drugripple.report.findings import Setting as Setting
    from drugripple.report.findings import Terms as Terms
    from drugripple.report.group_figures import bars as bars
    from drugripple.report.group_figures import new_axes as new_axes
    from drugripple.report.group_figures import paint_bars as paint_bars
    from drugripple.report.group_figures import two_groups as two_groups
    from drugripple.report.group_figures import volcano as volcano
    from drugripple.report.html import words as words
    from drugripple.report.html import write as write
    from drugripple.report.map_figures import clustered as clustered
    from drugripple.report.map_figures import gene_network as gene_network
    from drugripple.report.quickstart import quickstart_report as quickstart_report
else:
    __all__ = lazy_exports(__name__)
