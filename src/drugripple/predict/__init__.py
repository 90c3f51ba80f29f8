"""A loaded model: predictions, explanations, and the files that they are written to."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.predict.explain import explain as explain
    from drugripple.predict.files import Panel as Panel
    from drugripple.predict.files import explain_files as explain_files
    from drugripple.predict.files import predict_files as predict_files
    from drugripple.predict.files import read_panel as read_panel
    from drugripple.predict.model import PAIRS_AT_ONCE as PAIRS_AT_ONCE
    from drugripple.predict.model import DrugResponseModel as DrugResponseModel
    from drugripple.predict.model import Treatments as Treatments
    from drugripple.predict.model import checkpoint_folder as checkpoint_folder
    from drugripple.predict.model import load as load
else:
    __all__ = lazy_exports(__name__)
