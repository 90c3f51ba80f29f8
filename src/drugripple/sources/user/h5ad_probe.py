"""Read all of an HDF5 file once, in a process of its own: HDF5 may crash or hang on a damaged file.

HDF5 keeps no checksums in the layout that AnnData writes, so that only reading tells a damaged file. `python -m
drugripple.sources.user.h5ad_probe FILE` is that reading. It imports little, to start quickly.
"""

import sys
from collections.abc import Iterator

import h5py

from drugripple.sources.user.h5ad_bounds import is_bounded

BYTES_AT_ONCE = 1 << 26


def datasets(group: h5py.Group, seen: set[int] | None = None) -> Iterator[h5py.Dataset]:
    """Every dataset below a group that lies in this very file; links are not followed."""
    seen = set() if seen is None else seen
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            continue
        item = group[name]
        address = h5py.h5o.get_info(item.id).addr
        if address in seen:
            continue
        seen.add(address)
        if isinstance(item, h5py.Group):
            yield from datasets(item, seen)
        elif isinstance(item, h5py.Dataset):
            yield item


def links_to_files(group: h5py.Group, seen: set[int] | None = None) -> Iterator[str]:
    """The names below a group that stand for something in another file."""
    seen = set() if seen is None else seen
    for name in group:
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.ExternalLink):
            yield f"{group.name}/{name}"
        elif isinstance(link, h5py.HardLink) and isinstance(item := group[name], h5py.Group):
            address = h5py.h5o.get_info(item.id).addr
            if address not in seen:
                seen.add(address)
                yield from links_to_files(item, seen)


def read_through(dataset: h5py.Dataset) -> None:
    """Read a dataset some rows at a time."""
    if not dataset.shape:
        dataset[()]
        return
    row = max(1, dataset.dtype.itemsize * int(dataset.size // max(1, dataset.shape[0])))
    step = max(1, BYTES_AT_ONCE // row)
    for start in range(0, dataset.shape[0], step):
        dataset[start : start + step]


if __name__ == "__main__":
    with h5py.File(sys.argv[1]) as opened:
        for one in datasets(opened):
            if not (one.external or one.is_virtual) and is_bounded(one) and one.id.get_storage_size():
                read_through(one)
