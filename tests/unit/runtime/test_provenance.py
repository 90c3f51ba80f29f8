"""Where a result came from, and never whose repository it was made in."""

import subprocess

import pytest

from drugripple.runtime import provenance
from drugripple.runtime.provenance import commit, own_checkout, versions


def checkout_at(folder, project='[project]\nname = "drugripple"\n'):
    package = folder / "src" / "drugripple"
    package.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(project)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-C", str(folder)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "pyproject.toml"], check=True)
    subprocess.run([*git, "commit", "-qm", "first"], check=True)
    return package


def test_our_own_checkout_is_named_by_its_commit_and_whether_it_was_changed(tmp_path, monkeypatch):
    package = checkout_at(tmp_path)
    monkeypatch.setattr(provenance, "__file__", str(package / "runtime" / "provenance.py"))
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert commit() == head.stdout[:10]
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "drugripple"\nversion = "2"\n')
    assert commit() == head.stdout[:10] + "+"


@pytest.mark.parametrize("where", [".venv/lib/python3.11/site-packages/drugripple", "src/drugripple"])
def test_a_repository_of_the_user_around_the_code_is_not_asked(tmp_path, monkeypatch, where):
    checkout_at(tmp_path, '[project]\nname = "my-analysis"\n')
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / where / "runtime" / "provenance.py"))
    assert commit() == ""


def test_a_repository_that_the_environment_names_is_not_asked(tmp_path, monkeypatch):
    ours, theirs = checkout_at(tmp_path / "ours"), tmp_path / "theirs"
    checkout_at(theirs, '[project]\nname = "my-analysis"\n')
    (theirs / "pyproject.toml").write_text("changed")
    monkeypatch.setattr(provenance, "__file__", str(ours / "runtime" / "provenance.py"))
    monkeypatch.setenv("GIT_DIR", str(theirs / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(theirs))
    assert len(commit()) == 10


@pytest.mark.parametrize("project", ["", "[project]", "not toml", '[project]\nname = "other"'])
def test_a_folder_of_another_project_is_not_our_checkout(tmp_path, project):
    assert own_checkout(checkout_at(tmp_path, project)) is None


def test_a_copy_without_git_is_not_a_checkout(tmp_path):
    assert own_checkout(tmp_path / "src" / "drugripple") is None


def test_versions_are_those_that_a_result_depends_on():
    assert {"python", "drugripple", "torch", "numpy", "rdkit"} <= set(versions())
