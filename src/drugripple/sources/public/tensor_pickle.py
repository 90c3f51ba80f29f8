"""Pickled tensors as NumPy arrays, without torch and without running what the pickle asks for.

A pickle is a program: it may call any function that the reader lets it find. Here it finds five names, and none of
them does more than build an array. This reads what `torch.save` and `joblib` wrote before torch 1.6 (and what
`pickle` still writes for a tensor inside a dictionary).
"""

import io
import pickle
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped

from drugripple.errors import SourceError

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_PROTOCOL = 1001
DAMAGED = (
    pickle.UnpicklingError,
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    MemoryError,
)
"""What `pickle` raises on damaged input."""

STORAGE_DTYPES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "|i1",
    "ByteStorage": "|u1",
    "BoolStorage": "|b1",
}


def read_tensors(content: bytes, what: str) -> object:
    """The pickled value: plain containers, texts and numbers, every tensor as an array.

    Args:
        content: the whole file.
        what: the file's name, for messages.

    Raises:
        SourceError: if the pickle is damaged, or asks for anything but tensors and plain containers (named).
    """
    try:
        return _TensorUnpickler(io.BytesIO(content), what).load()
    except DAMAGED as error:
        message = f"{what} is damaged ({type(error).__name__}: {error}); fetch it again"
        raise SourceError(message) from error


class _StorageKey(NamedTuple):
    dtype: str
    key: str
    length: int


class _ContainerUnpickler(pickle.Unpickler):
    """Finds only the names it was given."""

    def __init__(self, file: io.BytesIO, what: str) -> None:
        super().__init__(file, encoding="utf-8")
        self.what = what

    def known(self) -> dict[tuple[str, str], object]:
        """What a pickle may ask for, by module and name."""
        return {("collections", "OrderedDict"): dict}

    def find_class(self, module_name: str, global_name: str, /) -> object:
        """Look up a name of the allow-list.

        Raises:
            SourceError: for every other name.
        """
        known = self.known()
        if (module_name, global_name) not in known:
            message = (
                f"{self.what} asks for {module_name}.{global_name}, but only tensors and plain containers are read; "
                "nothing of it was run: do not open this file with pickle, and fetch it again from its publisher"
            )
            raise SourceError(message)
        return known[module_name, global_name]


class _TensorUnpickler(_ContainerUnpickler):
    def known(self) -> dict[tuple[str, str], object]:
        return super().known() | {
            ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
            ("torch.storage", "_load_from_bytes"): self._load_storage,
        }

    def _load_storage(self, content: bytes) -> Shaped[np.ndarray, " k"]:
        return _read_legacy_storage(content, self.what)


class _LegacyStorageUnpickler(_ContainerUnpickler):
    def known(self) -> dict[tuple[str, str], object]:
        return super().known() | {("torch", name): dtype for name, dtype in STORAGE_DTYPES.items()}

    def persistent_load(self, reference: object) -> _StorageKey:
        match reference:
            case ("storage", str(dtype), str(key), str(), int(length), None) if dtype in STORAGE_DTYPES.values():
                return _StorageKey(dtype, key, length)
        message = f"{self.what} refers to {reference!r}, which is not a whole tensor storage"
        raise SourceError(message)


def _read_legacy_storage(content: bytes, what: str) -> Shaped[np.ndarray, " k"]:
    """One storage as torch wrote it before 1.6: magic, protocol, system, the storage, its keys, then the numbers."""
    file = io.BytesIO(content)

    def load() -> object:
        return _LegacyStorageUnpickler(file, what).load()

    if load() != LEGACY_MAGIC or load() != LEGACY_PROTOCOL:
        message = f"{what} holds a tensor in another format than torch's legacy one"
        raise SourceError(message)
    system, storage, keys = load(), load(), load()
    if not (isinstance(system, dict) and system.get("little_endian") is True):
        message = f"{what} holds a tensor written on a big-endian machine, which is not read"
        raise SourceError(message)
    if not isinstance(storage, _StorageKey) or keys != [storage.key]:
        message = f"{what} holds {type(storage).__name__} with keys {keys!r}, expected one tensor storage"
        raise SourceError(message)
    stated = int.from_bytes(file.read(8), "little")
    numbers = content[file.tell() :]
    dtype = np.dtype(storage.dtype)
    if stated != storage.length or len(numbers) != stated * dtype.itemsize:
        message = (
            f"{what} holds a storage of {storage.length} {dtype} numbers, "
            f"but {len(numbers)} bytes of them: it is cut short"
        )
        raise SourceError(message)
    return np.frombuffer(numbers, dtype)


def _rebuild_tensor(
    storage: object, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> Shaped[np.ndarray, "..."]:
    """The view of a storage that a tensor is, copied; the remaining arguments are torch's autograd state."""
    if not isinstance(storage, np.ndarray) or len(size) != len(stride) or min((offset, *size, *stride)) < 0:
        message = f"a tensor of shape {size} and strides {stride} has no usable storage"
        raise ValueError(message)
    last = offset + sum((extent - 1) * step for extent, step in zip(size, stride, strict=True))
    if 0 not in size and last >= len(storage):
        message = f"a tensor reaches number {last} of a storage of {len(storage)}"
        raise ValueError(message)
    bytes_ = tuple(step * storage.itemsize for step in stride)
    return np.lib.stride_tricks.as_strided(storage[offset:], size, bytes_).copy()
