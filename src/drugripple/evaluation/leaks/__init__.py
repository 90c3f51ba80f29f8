"""The leak audit: what test rows share with training rows."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.evaluation.leaks.audit import ROLE_NAMES as ROLE_NAMES
    from drugripple.evaluation.leaks.audit import Overlap as Overlap
    from drugripple.evaluation.leaks.audit import Prior as Prior
    from drugripple.evaluation.leaks.audit import audit as audit
    from drugripple.evaluation.leaks.audit import found_scheme as found_scheme
    from drugripple.evaluation.leaks.audit import is_clean as is_clean
    from drugripple.evaluation.leaks.blank_cells import said as said
    from drugripple.evaluation.leaks.compound_twins import molecule_numbers as molecule_numbers
    from drugripple.evaluation.leaks.kinds import Finding as Finding
    from drugripple.evaluation.leaks.kinds import Leak as Leak
    from drugripple.evaluation.leaks.line_names import LineSynonyms as LineSynonyms
    from drugripple.evaluation.leaks.line_names import NameSystem as NameSystem
    from drugripple.evaluation.leaks.line_names import normalised_line as normalised_line
    from drugripple.evaluation.leaks.line_names import system_of as system_of
else:
    __all__ = lazy_exports(__name__)
