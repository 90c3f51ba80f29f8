"""Predictions of the default model as a person reads them: rows, drawings, and a report in one file."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.predict.page.answer import Answer as Answer
    from drugripple.predict.page.document import report as report
    from drugripple.predict.page.drawing import map_legend as map_legend
    from drugripple.predict.page.drawing import nearness as nearness
    from drugripple.predict.page.drawing import sample_map as sample_map
    from drugripple.predict.page.drawing import spoken as spoken
    from drugripple.predict.page.meanings import MEANINGS as MEANINGS
    from drugripple.predict.page.shown import Order as Order
    from drugripple.predict.page.shown import View as View
    from drugripple.predict.page.shown import estimate_of as estimate_of
    from drugripple.predict.page.shown import nearest_of as nearest_of
    from drugripple.predict.page.shown import row_of as row_of
    from drugripple.predict.page.shown import rows_of_compound as rows_of_compound
    from drugripple.predict.page.shown import rows_of_sample as rows_of_sample
    from drugripple.predict.page.shown import sheet_of as sheet_of
else:
    __all__ = lazy_exports(__name__)
