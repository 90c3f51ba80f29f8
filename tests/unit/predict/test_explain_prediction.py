"""What an explanation of the default model claims: shares that add up, genes that move the answer, nulls that hold."""

import copy
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from drugripple.data.planted import planted_world
from drugripple.data.synthetic import MECHANISMS
from drugripple.errors import ConfigError, DrugrippleError
from drugripple.genes.space import GeneSpace
from drugripple.predict.default import DefaultModel
from drugripple.predictors.calibrated import CalibratedPredictor

from .conftest import LINES, TRAINED, default_of


def total(why):
    return float(why.terms["value"].sum())


def rest(why):
    return float(why.terms.set_index("term")["value"]["left by the solver"])


@pytest.mark.parametrize("compound", ["vorinostat", "CCCCO"], ids=["known compound", "new compound"])
@pytest.mark.parametrize("trained", [False, True], ids=["new sample", "training sample"])
@pytest.mark.parametrize("kind", ["asked", "asked_wider"])
def test_contributions_of_measured_pairs_add_up_to_the_prediction(kind, trained, compound, request):
    asked = request.getfixturevalue(kind)
    samples = asked.model.training if trained else asked.new
    found = asked.model.explain(samples, compound, sample=samples.samples[3])
    table = asked.model.predict(samples.take(np.array([3])), [found.smiles])
    assert found.prediction == pytest.approx(table["ln_ic50"][0], abs=1e-12)
    assert abs(rest(found)) < 1e-6
    mean = found.terms["value"][0]
    np.testing.assert_allclose(mean + found.pairs["contribution"].sum(), found.prediction, atol=1e-6)
    np.testing.assert_allclose(found.samples["contribution"].sum(), found.pairs["contribution"].sum(), atol=1e-9)
    np.testing.assert_allclose(found.compounds["contribution"].sum(), found.pairs["contribution"].sum(), atol=1e-9)
    assert (found.low, found.high) == pytest.approx((np.log(table["low_um"][0]), np.log(table["high_um"][0])))


@pytest.mark.parametrize("kind", ["asked", "asked_wider"])
def test_what_was_explained_before_changes_no_explanation(kind, request):
    """What a model keeps between questions, of some genes, of all genes, and of training samples, is of these alone."""
    asked = request.getfixturevalue(kind)
    calibrated, one = asked.model.calibrated, asked.new.take(np.array([2]))
    few = one.restrict(GeneSpace(one.genes.symbols[:60]))
    used = DefaultModel(replaced(calibrated))
    for table, compound in ((one, "melphalan"), (few, "vorinostat"), (used.training.take(np.array([1])), "vorinostat")):
        used.explain(table, compound)
    for table in (one, few, used.training.take(np.array([4]))):
        found = used.explain(table, "CCCCO")
        alone = DefaultModel(replaced(calibrated)).explain(table, "CCCCO")
        for name in ("terms", "pairs", "samples", "compounds", "means", "genes", "gene_pairs"):
            pd.testing.assert_frame_equal(getattr(found, name), getattr(alone, name), rtol=1e-12, atol=1e-12)


def replaced(calibrated):
    """The same calibrated model with nothing computed yet."""
    gp = copy.copy(calibrated.predictor)
    gp._traits = replace(gp.traits, kernel=replace(gp.traits.kernel), posterior=replace(gp.traits.posterior))
    return CalibratedPredictor(gp, calibrated.calibration)


def test_a_weight_is_what_one_unit_of_a_measurement_moves(asked):
    """The same covariances solved again with one measurement one higher."""
    gp = asked.model.calibrated.predictor
    posterior = gp.traits.posterior
    found = asked.model.explain(asked.new, "vorinostat", sample=asked.new.samples[0])
    pair = found.pairs.iloc[5]
    at = (
        gp.traits.kernel.samples.index(pair["sample"]),
        asked.model.calibrated.calibration.names.index(pair["compound"]),
    )
    noise = posterior.covariances.noise
    c = np.kron(gp.traits.kernel.matrix, posterior.covariances.shared)
    c += np.kron(np.eye(len(posterior.weights)), posterior.covariances.own)
    seen = posterior.measured.ravel()
    full = c[np.ix_(seen, seen)] + np.diag(np.tile(noise, len(posterior.weights))[seen])
    row = gp.traits.kernel.rows(asked.new.take(np.array([0])))[0]
    column = asked.model.calibrated.calibration.names.index("vorinostat")
    across = np.outer(row, posterior.covariances.shared[column]).ravel()[seen]
    number = int(np.flatnonzero(np.flatnonzero(seen) == at[0] * len(noise) + at[1])[0])
    assert pair["weight"] == pytest.approx(np.linalg.solve(full, across)[number], rel=1e-6)


def test_measured_values_and_names_are_those_of_training(asked_wider, why):
    first = why.pairs.iloc[0]
    calibration, traits = asked_wider.model.calibrated.calibration, asked_wider.model.calibrated.predictor.traits
    pairs = why.pairs[why.pairs["compound"].isin(calibration.names)]
    row = [traits.kernel.samples.index(name) for name in pairs["sample"].head(20)]
    column = [calibration.names.index(name) for name in pairs["compound"].head(20)]
    np.testing.assert_allclose(pairs["measured"].head(20), calibration.measured[row, column], rtol=1e-6)
    assert first["contribution"] == pytest.approx(first["weight"] * first["centred"])
    assert set(why.compounds["compound"]) - set(calibration.names) == {
        "PD153035",
        "octanohydroxamic acid",
        "cyclophosphamide",
    }
    assert why.compounds.set_index("compound")["correlation"]["vorinostat"] == pytest.approx(1)
    assert (
        np.isnan(why.samples["measured"]).sum()
        == (~traits.posterior.measured[:, calibration.names.index("vorinostat")]).sum()
    )


def test_the_mean_of_a_new_compound_is_taken_apart_too(asked):
    found = asked.model.explain(asked.new.take(np.array([0])), "CCCCO")
    head = asked.model.calibrated.predictor.traits.mean_head
    told = head._intercept + found.means["contribution"].sum()
    columns = asked.model.calibrated.predictor.columns(asked.world.responses.compounds.from_smiles(["CCCCO"]))
    assert told == pytest.approx(columns.mean[0])
    known = asked.model.explain(asked.new.take(np.array([0])), "vorinostat")
    assert known.means.empty


def test_own_measurements_are_a_term_of_their_own(asked):
    one = asked.new.take(np.array([0]))
    measured = pd.DataFrame({"sample": one.samples, "smiles": [asked.table.compounds.smiles[0]], "ln_ic50": [9.0]})
    told = asked.model.condition(one, measured)
    before = asked.model.explain(one, "vorinostat")
    after = told.explain(one, "vorinostat")
    assert abs(rest(after)) < 1e-6
    added = after.terms.set_index("term")["value"]["your own measurements"]
    assert added == pytest.approx(after.prediction - before.prediction)
    assert abs(added) > 0.01
    assert any("before your own measurements" in note for note in after.notes)


def test_a_slope_is_what_the_prediction_does_when_the_gene_moves(asked):
    """Ranks again, with one gene raised past others: normal scores move in half precision, so by a tenth."""
    one = asked.new.take(np.array([2]))
    found = asked.model.explain(one, "vorinostat")
    traits = asked.model.calibrated.predictor.traits
    gene = found.genes["gene"][0]
    column = traits.deviations(one)
    place = asked.model.calibrated.calibration.names.index("vorinostat")
    rows = traits.kernel.rows_after(one, gene, np.array([0.0, 1e-3]))
    moved = rows @ traits.new_samples.carried[:, place]
    assert traits.new_samples.mean[place] - traits.posterior.mean[place] + moved[0] == pytest.approx(column[0, place])
    assert (moved[1] - moved[0]) / 1e-3 == pytest.approx(found.genes["slope"][0], rel=1e-3)


def test_raising_a_gene_in_the_file_does_what_its_slope_says(asked):
    one = asked.new.take(np.array([2]))
    found = asked.model.explain(one, "vorinostat").genes
    for _, row in found.head(4).iterrows():
        values = one.values.copy()
        at = int(one.genes.positions([row["gene"]])[0])
        values[0, at] += 1.0
        after = replace(one, values=values)
        scores = [asked.model.samples(table).expression for table in (one, after)]
        kernel = asked.model.calibrated.predictor.traits.kernel
        change = np.diff([kernel.gene_derivatives(table).level for table in scores], axis=0)[0]
        moved = np.diff([asked.model.predict(t, ["O=C(CCCCCCC(=O)Nc1ccccc1)NO"])["ln_ic50"][0] for t in (one, after)])[
            0
        ]
        slopes = found.set_index("gene")["slope"].reindex(kernel.genes.symbols).to_numpy()
        assert moved == pytest.approx(change @ slopes, abs=0.05)


def planted_genes(asked, compound):
    mechanism = asked.world.responses.compounds.mechanism[asked.world.responses.compounds.names.index(compound)]
    symbols = np.array(asked.world.responses.expression.genes.symbols)
    return set(symbols[asked.world.module_of == list(MECHANISMS).index(mechanism)].tolist())


@pytest.mark.parametrize("compound", ["vorinostat", "melphalan"])
def test_planted_genes_are_found_in_their_direction(asked_wider, compound):
    """A planted gene up means a sensitive sample: ln IC50 falls."""
    genes = asked_wider.model.explain(asked_wider.new, compound, sample=asked_wider.new.samples[1]).genes.set_index(
        "gene"
    )
    planted = genes.index.isin(planted_genes(asked_wider, compound))
    assert planted.sum() == 12
    assert (genes["slope"][planted] < 0).all()
    assert (genes["mean_slope"][planted] < 0).all()
    assert genes["mean_p_permuted"][planted].median() < 0.02
    assert genes["mean_p_permuted"][~planted].median() > 0.2
    assert (genes["q_permuted"][~planted] > 0.05).all()


def test_where_nothing_is_planted_nothing_passes(asked_shuffled):
    found = [
        asked_shuffled.model.explain(asked_shuffled.new, compound, sample=asked_shuffled.new.samples[0]).genes
        for compound in ("vorinostat", "melphalan")
    ]
    assert all((genes["q_permuted"] > 0.05).all() for genes in found)
    assert np.mean([(genes["p_permuted"] < 0.05).mean() for genes in found]) < 0.06


def test_slopes_of_dealt_measurements_vary_as_stated():
    """Rows of measurements dealt to other samples and the posterior solved again, on a grid without gaps."""
    from drugripple.predictors.grid_solver import solve_grid
    from drugripple.predictors.multi_trait_gp.covariance import CompleteGrid
    from drugripple.predictors.multi_trait_gp.measured_shares import TeachingGrid

    asked = default_of(planted_world(3, lines=LINES), wider=False)
    traits = asked.model.calibrated.predictor.traits
    full = replace(traits.posterior, measured=np.ones_like(traits.posterior.measured))
    grid = TeachingGrid.behind(full, traits.new_samples, trained=True)
    generator = np.random.default_rng(0)
    n, c = grid.weights.shape
    covariance = grid.covariances.shared + grid.covariances.rest
    root = np.linalg.cholesky(covariance)
    along = traits.kernel.gene_derivatives(asked.new.take(np.array([0]))).along
    column = np.eye(c)[4]
    drawn = []
    for _ in range(300):
        values = generator.standard_normal((n, c)) @ root.T
        weights = solve_grid(
            CompleteGrid(grid.samples, grid.covariances), values, np.ones((n, c)), tolerance=1e-6
        ).weights
        drawn.append(along(weights @ grid.covariances.shared @ column[:, None])[:, 0])
    found = np.std(drawn, axis=0) / grid.chance_deviation(along, column)
    assert np.median(found) == pytest.approx(1, abs=0.05)


def test_an_interaction_is_what_a_slope_does_when_the_other_gene_moves(asked):
    """The kernel's own row with both genes moved, by a second difference."""
    one = asked.new.take(np.array([2]))
    traits = asked.model.calibrated.predictor.traits
    kernel, column = traits.kernel, asked.model.calibrated.calibration.names.index("vorinostat")
    pair = asked.model.explain(one, "vorinostat").gene_pairs.iloc[0]
    at, root = kernel.genes.positions([pair["gene_a"], pair["gene_b"]]), kernel._gene_statistics[1]
    step, total = 1e-2, 0.0
    for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        moved = kernel._scaled(kernel.scores_of(one))
        moved[0, at] += np.array([a, b]) * step * root[at]
        plain = kernel._similarity(moved, kernel._features)
        row = kernel._centred(plain, plain.mean(axis=1), kernel._row_means) / kernel._scale
        total += a * b * float(row[0] @ traits.new_samples.carried[:, column])
    assert total / (4 * step**2) == pytest.approx(pair["interaction"], rel=1e-3)


def test_a_mean_interaction_is_the_mean_over_training_samples(asked):
    kernel = asked.model.calibrated.predictor.traits.kernel
    genes = kernel.genes.symbols[3:6]
    one = asked.new.take(np.array([0]))
    every = [kernel.pair_derivatives(kernel.training.take(np.array([i])), genes).change for i in range(TRAINED)]
    np.testing.assert_allclose(
        kernel.pair_derivatives(one, genes).mean_change, np.mean(every, axis=0), rtol=5e-2, atol=1e-5
    )


def test_interactions_of_every_two_genes_that_stand_out_are_told_with_their_nulls(asked, asked_shuffled):
    sample = asked.new.samples[0]
    planted = asked.model.explain(asked.new, "vorinostat", sample=sample)
    pairs = planted.gene_pairs
    assert len(pairs) == 30 * 29 / 2
    assert {*pairs["gene_a"], *pairs["gene_b"]} == set(planted.genes["gene"].head(30))
    assert (pairs["mean_q_permuted"] >= pairs["mean_p_permuted"]).all()
    null = [
        asked_shuffled.model.explain(asked_shuffled.new, compound, sample=asked_shuffled.new.samples[0])
        for compound in ("vorinostat", "melphalan", "benzenesulfonamide")
    ]
    both = [((one.gene_pairs[["mean_q_permuted", "mean_q_others"]] < 0.05).all(axis=1)).mean() for one in null]
    assert max(both) < 0.05


def test_a_row_of_an_anndata_and_the_name_of_a_compound_are_explained(asked):
    """The first row of an AnnData, and a compound by its name; or one of several, chosen by their names."""
    adata = AnnData(asked.new.values, pd.DataFrame(index=list(asked.new.samples)),
                    pd.DataFrame(index=list(asked.new.genes.symbols)))  # fmt: skip
    found = asked.model.explain(adata[:1], "vorinostat")
    assert (found.sample, found.compound.split()[0]) == (asked.new.samples[0], "vorinostat")
    chosen = asked.model.explain(adata, ["CCO", "vorinostat"], sample=asked.new.samples[0], compound="vorinostat")
    assert chosen.prediction == pytest.approx(found.prediction)
    pd.testing.assert_frame_equal(chosen.terms, found.terms)


def test_one_sample_and_one_compound_are_asked_for(asked):
    with pytest.raises(ConfigError, match=r"one sample can be asked about at a time, got 10.*name one as `sample`"):
        asked.model.explain(asked.new, "vorinostat")
    with pytest.raises(ConfigError, match="there is no sample 'nobody'"):
        asked.model.explain(asked.new, "vorinostat", sample="nobody")
    with pytest.raises(ConfigError, match="one compound can be asked about at a time, got 2"):
        asked.model.explain(asked.new, ["CCO", "CCCO"], sample=asked.new.samples[0])
    with pytest.raises(DrugrippleError):
        asked.model.explain(asked.new, "no structure at all", sample=asked.new.samples[0])
