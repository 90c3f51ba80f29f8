"""Whether a user's file is there at all: cheap to ask, before what reads it is imported."""

from pathlib import Path

from drugripple.errors import Fault, SourceError


def require_inputs(expression: Path | None, compounds: Path | None, responses: Path | None = None) -> None:
    """Refuse a path at which there is no file of expression, compounds or responses; None is one that is not given.

    Raises:
        SourceError: as `require_file`, saying which.
    """
    for path in (expression, responses):
        if path is not None:
            require_file(path)
    if compounds is not None:
        require_compound_file(compounds)


def require_file(path: Path) -> None:
    """Refuse a path at which there is no file.

    Raises:
        SourceError: if there is nothing, a folder, or something else that is no file.
    """
    if path.is_dir():
        raise SourceError(Fault(path, "it is a folder", expected="a file", do=_instead_of(path)))
    if not path.is_file():
        what = "it is no ordinary file" if path.exists() else "it is not there"
        raise SourceError(Fault(path, what, do="check its path"))


def _instead_of(folder: Path) -> str:
    """What to name in place of a folder."""
    if any(folder.glob("*.mtx*")):
        return "write its matrix as h5ad with the names of genes and cells (scanpy: read_10x_mtx, then write_h5ad)"
    if any((folder / name).exists() for name in (".zgroup", ".zattrs", "zarr.json")):
        return "write it as h5ad (anndata: read_zarr, then write_h5ad)"
    return "name a file in it"


def require_compound_file(path: Path) -> None:
    """Refuse a path at which there is no file; what may be a SMILES instead of a path is told how to be given.

    Raises:
        SourceError: as `require_file`.
    """
    if not path.exists() and len(path.parts) == 1 and not path.suffix:
        raise SourceError(Fault(path, "it is not there", do="check its path, or give SMILES as a list: ['CCO']"))
    require_file(path)
