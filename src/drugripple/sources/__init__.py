"""Publishers' and users' files, turned into our tables: the only room that meets dirty data."""

from typing import TYPE_CHECKING

from drugripple._exports import lazy_exports

if TYPE_CHECKING:
    from drugripple.sources.gdsc_anywhere import find_gdsc as find_gdsc
    from drugripple.sources.public.datasets import Dataset as Dataset
    from drugripple.sources.public.l1000.store import open_store as open_store
    from drugripple.sources.study import Origin as Origin
    from drugripple.sources.study import Study as Study
    from drugripple.sources.study import files_of as files_of
    from drugripple.sources.study import read_published as read_published
    from drugripple.sources.study import read_study as read_study
    from drugripple.sources.study_settings import StudySettings as StudySettings
else:
    __all__ = lazy_exports(__name__)
