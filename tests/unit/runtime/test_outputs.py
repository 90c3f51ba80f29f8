"""An input is never an output, whatever it is called."""

import pytest

from drugripple.errors import OutputError
from drugripple.runtime.atomic import whole_folder
from drugripple.runtime.lock import lock_folder
from drugripple.runtime.outputs import files_below, refuse_inputs


def same(tmp_path):
    return tmp_path / "input"


def dotted(tmp_path):
    return tmp_path / "x" / ".." / "input"


def soft_link(tmp_path):
    (tmp_path / "soft").symlink_to("input")
    return tmp_path / "soft"


def hard_link(tmp_path):
    (tmp_path / "hard").hardlink_to(tmp_path / "input")
    return tmp_path / "hard"


def linked_folder(tmp_path):
    (tmp_path / "folder").symlink_to(tmp_path)
    return tmp_path / "folder" / "input"


@pytest.mark.parametrize("name", [same, dotted, soft_link, hard_link, linked_folder])
def test_an_input_under_another_name_is_refused(tmp_path, name):
    (tmp_path / "x").mkdir()
    (tmp_path / "input").write_text("precious")
    with pytest.raises(OutputError, match=r"is an input \(.*input\) and would be replaced by a result"):
        refuse_inputs([tmp_path / "new", name(tmp_path)], [tmp_path / "x", tmp_path / "input"])


def test_a_folder_that_does_not_exist_yet_is_known_by_its_path(tmp_path):
    with pytest.raises(OutputError, match="out is an input"):
        refuse_inputs([tmp_path / "out"], [tmp_path / "out"])


def test_new_names_and_copies_are_welcome(tmp_path):
    for name in ("input", "copy"):
        (tmp_path / name).write_text("precious")
    refuse_inputs([tmp_path / "copy", tmp_path / "new", tmp_path], [tmp_path / "input"])


def test_a_folder_stands_for_all_its_files(tmp_path):
    (tmp_path / "model" / "checkpoint").mkdir(parents=True)
    (tmp_path / "model" / "checkpoint" / "card.json").touch()
    found = {path.name for path in files_below(tmp_path / "model")}
    assert found == {"model", "card.json"}
    assert files_below(tmp_path / "absent") == [tmp_path / "absent"]


@pytest.mark.parametrize("way", [lambda out: whole_folder(out, replace=True), whole_folder, lock_folder])
@pytest.mark.parametrize("name", ["notes.txt", "link"])
def test_a_file_is_never_replaced_by_a_folder(tmp_path, way, name):
    (tmp_path / "notes.txt").write_text("precious")
    (tmp_path / "link").symlink_to("notes.txt")
    with pytest.raises(OutputError, match=f"{name} is a file, and the result is a folder"), way(tmp_path / name):
        pass
    assert (tmp_path / name).read_text() == "precious"
    assert len(list(tmp_path.iterdir())) == 2
