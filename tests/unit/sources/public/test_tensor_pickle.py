import os
import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch

from drugripple.errors import SourceError
from drugripple.sources.public.tensor_pickle import read_tensors


def read(content: bytes) -> object:
    return read_tensors(content, "profiles.pkl")


class RunsCommand:
    """What a hostile file does: calling a shell on load."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.target}",)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(7, dtype=torch.float32) / 3,
        torch.arange(15, dtype=torch.float64).reshape(3, 5).T,
        torch.arange(11)[2:9:3],
        torch.zeros(0, 3),
        torch.tensor([True, False]),
        torch.tensor(2.5, dtype=torch.float16),
    ],
    ids=["float32", "transposed", "strided view", "empty", "bool", "scalar half"],
)
def test_tensor_comes_back_as_torch_wrote_it(tensor: torch.Tensor) -> None:
    value = read(pickle.dumps({"A375": tensor}))
    assert isinstance(value, dict)
    assert value["A375"].dtype == tensor.numpy().dtype
    np.testing.assert_array_equal(value["A375"], tensor.numpy())


def test_plain_containers_come_back() -> None:
    value = {"drug": "CCO", "numbers": [1, 2.5, None, True], "pair": ("a", b"b"), "empty": OrderedDict()}
    assert read(pickle.dumps(value)) == value


def test_command_in_a_pickle_is_refused_by_name_and_not_run(tmp_path: Path) -> None:
    hostile = pickle.dumps({"A375": RunsCommand(tmp_path / "ran")})
    with pytest.raises(SourceError, match=r"profiles\.pkl asks for posix\.system, but only tensors"):
        read(hostile)
    assert not (tmp_path / "ran").exists()


def test_command_inside_a_tensor_is_refused_and_not_run(tmp_path: Path) -> None:
    class Wrapped:
        def __reduce__(self) -> tuple[object, tuple[bytes]]:
            return torch.storage._load_from_bytes, (pickle.dumps(RunsCommand(tmp_path / "ran")),)

    with pytest.raises(SourceError, match=r"posix\.system"):
        read(pickle.dumps(Wrapped()))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "value", [np.arange(3), Path("x"), torch.nn.Linear(1, 1), slice(1)], ids=lambda v: type(v).__name__
)
def test_any_other_class_is_refused(value: object) -> None:
    with pytest.raises(SourceError, match="but only tensors and plain containers are read"):
        read(pickle.dumps(value))


def test_every_truncation_is_one_clear_error() -> None:
    whole = pickle.dumps({"A375": torch.arange(5, dtype=torch.float32)})
    for length in range(0, len(whole) - 1, 3):
        with pytest.raises(SourceError, match=r"profiles\.pkl"):
            read(whole[:length])


def test_storage_with_fewer_numbers_than_stated_is_refused() -> None:
    whole = pickle.dumps(torch.arange(5, dtype=torch.float32))
    longer = whole.replace(b"a.\x05\0\0\0\0\0\0\0", b"a.\x06\0\0\0\0\0\0\0")
    assert longer != whole
    with pytest.raises(SourceError, match="storage of 5 float32 numbers, but 20 bytes of them: it is cut short"):
        read(longer)


def test_tensor_that_leaves_its_storage_is_refused() -> None:
    whole = pickle.dumps(torch.arange(5, dtype=torch.float32))
    wider = whole.replace(b"K\x05\x85", b"K\x09\x85")
    assert wider != whole
    with pytest.raises(SourceError, match="reaches number 8 of a storage of 5"):
        read(wider)
