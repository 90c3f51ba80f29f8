"""LINCS L1000 profiles."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.sources.public.l1000.small_set import PROFILE_FILES as PROFILE_FILES
    from drugripple.sources.public.l1000.small_set import read_basal as read_basal
    from drugripple.sources.public.l1000.small_set import read_basal_lines as read_basal_lines
    from drugripple.sources.public.l1000.small_set import read_consensus as read_consensus
    from drugripple.sources.public.l1000.small_set import read_profiles as read_profiles
    from drugripple.sources.public.l1000.store import is_store as is_store
    from drugripple.sources.public.l1000.store import open_store as open_store
else:
    __all__ = lazy_exports(__name__)
