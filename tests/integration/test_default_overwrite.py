"""A default model that is built anew: the old one stays until the new one is whole, and nothing stale joins it."""

from dataclasses import replace

import pytest

from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.recipes.default_model import run as build
from drugripple.recipes.default_model.run import build_default
from drugripple.sources.study import read_study

from .conftest import settings


def test_a_new_build_takes_the_place_of_the_old_model_only_when_it_is_whole(tidy_folder, tmp_path, monkeypatch):
    build_default(settings(tidy_folder, tmp_path / "out"))
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    before = {path: path.read_bytes() for path in files}
    again = settings(tidy_folder, tmp_path / "out", overwrite=True, seed=1)
    real, fitted = MultiTraitGP.fit, []

    def fit(self, *rows, **more):
        if len(fitted) == 3:
            raise KeyboardInterrupt
        fitted.append(1)
        return real(self, *rows, **more)

    monkeypatch.setattr(MultiTraitGP, "fit", fit)
    with pytest.raises(KeyboardInterrupt):
        build_default(again)
    assert {path: path.read_bytes() for path in files} == before
    fitted.append(1)
    build_default(again)  # only the final fit was left
    assert len(fitted) == 5
    assert "seed = 1" in (tmp_path / "out" / "run.toml").read_text()
    assert not (tmp_path / "out" / build.HIDDEN).exists()
    changed = [path for path in files if path.read_bytes() != before[path]]
    assert {"run.toml", "scores.csv"} <= {path.name for path in changed}


def test_what_any_part_of_a_build_learns_from_is_in_its_digest(tidy_folder, tmp_path):
    run = settings(tidy_folder, tmp_path / "out")
    table = read_study(run).table
    study = AuxiliaryStudy.of("other", table)
    told = {build._digest(table, run, "", (study,))}
    compounds = replace(table.compounds, targets=("EGFR", *table.compounds.targets[1:]))
    mechanism = replace(table.compounds, mechanism=("x", *table.compounds.mechanism[1:]))
    for other in (compounds, mechanism):
        changed = replace(table, pairs=replace(table.pairs, compounds=other))
        told.add(build._digest(changed, run, "", (study,)))
        told.add(build._digest(table, run, "", (replace(study, compounds=other),)))
    told.add(build._digest(table, run, "", (replace(study, samples=("x", *study.samples[1:])),)))
    told.add(build._digest(table, run, "", (replace(study, values=study.values + 1),)))
    assert len(told) == 7
