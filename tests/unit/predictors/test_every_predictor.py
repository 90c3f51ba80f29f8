"""Every predictor goes by name: asked about another table, about what is new, and after it was saved and loaded."""

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from tests.processes import run_code

from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.data.measure import Measure
from drugripple.data.pairs import Pairs
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable, PerturbationTable
from drugripple.errors import CheckpointError, CompoundError, GeneSpaceError, TrainingError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.predictors import CATALOGUE, Ensemble, load
from drugripple.predictors.autoencoder.settings import AutoencoderSettings
from drugripple.predictors.known_pairs import KnownPairEnsemble
from drugripple.predictors.multi_trait_gp.embedding import can_embed
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings, Structure
from drugripple.predictors.peers import Knowledge, Peer, can_convolve, published
from drugripple.predictors.peers.drvae_predictor import DrVAE, published_drvae
from drugripple.predictors.peers.records import ORDER, forms, forms_apart
from drugripple.training.settings import TrainingSettings

SMALL = {
    "rf": {"trees": 5, "tree_rows": 0.8, "split_features": 0.5, "jobs": 1},
    "lightgbm": {"trees": 7, "threads": 1},
    "autoencoder": {"settings": AutoencoderSettings(members=2, width=8, rank=4, components=4, epochs=3)},
}
PEERS = ORDER
FORMS = {*forms_apart(), *forms()} - {*PEERS, "drvae"}
TESTED = [*(name for name in CATALOGUE if name not in {*FORMS, *PEERS}), *PEERS, "ensemble"]
"""Everything of the catalogue but further forms of a peer, and the means of models."""
PARTS = ("G0", "G1", "G2", "G3", "G4", "A", "B", "C", "D")
KNOWLEDGE = Knowledge(
    {f"pathway {i}": PARTS[:i] + PARTS[i + 2 :] for i in range(8)},
    InteractionPrior(GeneSpace(PARTS), np.array([[0, 1], [1, 4], [2, 3]]), "by hand"),
    tuple(f"c1ccccc1CCCCCC(=O)O{'C' * i}" for i in range(9)),
)
OTHER_STUDY = AuxiliaryStudy(
    "other",
    CompoundTable.from_smiles(("CCO", "c1ccccc1", "CCCCCO", "Cc1ccccc1", "CCCO", "Oc1ccccc1")),
    tuple(f"line{i % 9}" for i in range(54)),
    np.arange(54) % 6,
    np.sin(np.arange(54.0)),
    measure=Measure.AUC,
)
NO_GENES = {"global_mean", "drug_mean", "line_mean", "tissue_mean", "tissue_drug_mean", "mean_effects", "nearest_drug"}
NEW_SMILES = ("CCCCCO", "Oc1ccccc1", "c1ccncc1")


@pytest.fixture(scope="module")
def parts(world):
    """Training and validation rows of AUC values, and rows asked about, of known and new samples and compounds."""
    auc = replace(world, measure=Measure.AUC)
    known = (auc.sample_row < 10) & (auc.compound_row < 6)
    valid = known & ((auc.sample_row + 2 * auc.compound_row) % 5 == 0)
    rows = {"train": known & ~valid, "valid": valid, "asked": (auc.sample_row + auc.compound_row) % 3 == 0}
    return {name: auc.take(np.flatnonzero(chosen)) for name, chosen in rows.items()}


@pytest.fixture(scope="module")
def fitted(parts):
    """Every predictor, fitted once."""
    made = {}

    def get(name):
        if name not in made:
            made[name] = unfitted(name)
            made[name].fit(parts["train"], parts["valid"], seed=1)
        return made[name]

    return get


def unfitted(name):
    if name == "ensemble":
        return Ensemble([unfitted("mean_effects"), unfitted("ridge"), unfitted("product_kernel_gp")], (1.0, 2.0, 2.0))
    if name == "csg2a":
        from drugripple.predictors.backbone import BackboneSource
        from drugripple.predictors.csg2a import NetworkPredictor
        from drugripple.predictors.csg2a_settings import NetworkSettings

        training = {"learning_rate": 3e-3, "batch": 16, "max_epochs": 2, "patience": 2, "cosine_epochs": 2}
        settings = NetworkSettings.model_validate(
            {"backbone": "random", "genes": "all", "encoder": "morgan", "target": "residual", "training": training}
            | {"response": {"widths": [8, 4]}, "perturbation": {"hidden": 3}}
        )
        prior = InteractionPrior(GeneSpace(("G4", "G1", "other")), np.array([[0, 1]]), "by hand")
        return NetworkPredictor(settings, BackboneSource(interactions=prior))
    if name in PEERS:
        return small_peer(name)
    if name == "drvae":
        return small_drvae()
    if name == "default_autoencoder":
        gp = unfitted("multi_trait_gp_studies")
        return KnownPairEnsemble(gp, unfitted("autoencoder"), 0.2, name=name)
    if CATALOGUE[name].made_with:
        structure = Structure.MINIMOL if name == "default" else Structure.FINGERPRINT
        if structure is Structure.MINIMOL and not can_embed():
            pytest.skip(f"{name} needs the extra `minimol`")
        return MultiTraitGP(MultiTraitSettings(structure=structure), auxiliary=(OTHER_STUDY,), name=name)
    if "MiniMol" in CATALOGUE[name].inputs and not can_embed():
        pytest.skip(f"{name} needs the extra `minimol`")
    return replace(CATALOGUE[name], settings={**CATALOGUE[name].settings, **SMALL.get(name, {})}).make()


def small_peer(name):
    if "graph" in CATALOGUE[name].inputs and not can_convolve():
        pytest.skip(f"{name} needs the extra `peers`")
    training = TrainingSettings(learning_rate=1e-3, weight_decay=0.0, batch=16, max_epochs=2, cosine_epochs=0)
    changes = {"training": training} | ({"fewest": 2} if name == "precily" else {})
    return Peer(name, published(name).model_copy(update=changes), KNOWLEDGE)


def small_drvae():
    """Dr.VAE with profiles of two samples under each of four compounds."""
    rng = np.random.default_rng(3)
    genes, smiles = GeneSpace(tuple(f"G{i}" for i in range(5))), ("CCO", "CCCO", "c1ccccc1", "Cc1ccccc1")
    basal = ExpressionTable(("line0", "line1"), genes, rng.normal(size=(2, 5)), ExpressionScale.ROBUST_Z)
    row, compound = (part.ravel() for part in np.indices((2, 4)))
    profiles = PerturbationTable(
        basal, CompoundTable.from_smiles(smiles), row, compound, np.full(8, 10.0), np.full(8, 6.0),
        rng.normal(size=(8, 5)).astype(np.float32), ("p",) * 8, tuple(basal.samples[i] for i in row), np.ones(8),
    )  # fmt: skip
    training = TrainingSettings(learning_rate=3e-3, weight_decay=0.0, batch=16, max_epochs=2, cosine_epochs=0)
    sizes = {"latent": 3, "encoder": 11, "decoder": 7, "middle": 5, "fewest_rows": 4}
    return DrVAE(profiles=profiles, settings=published_drvae().model_copy(update=sizes | {"training": training}))


def answered_rows(model, pairs):
    """The pairs but those of compounds that the model refuses."""
    if not isinstance(model, DrVAE):
        return np.arange(len(pairs))
    return np.flatnonzero(model.answers(pairs.compounds)[pairs.compound_row])


def answered(model, pairs):
    return pairs.take(answered_rows(model, pairs))


def another_table(pairs):
    """The same pairs of a table with samples, compounds and genes in another order, and with more of each."""
    rng = np.random.default_rng(8)
    expression, compounds = pairs.expression, pairs.compounds
    extra = rng.normal(size=(4, len(expression.genes))).astype(np.float32)
    samples = (*expression.samples, *(f"other{i}" for i in range(4)))
    order = rng.permutation(len(samples))
    genes = tuple(expression.genes.symbols)
    wide = np.column_stack([np.vstack([expression.values, extra]), rng.normal(size=(len(samples), 2))])
    columns = rng.permutation(len(genes) + 2)
    bigger = ExpressionTable(
        tuple(samples[i] for i in order),
        GeneSpace(tuple((*genes, "more", "most")[j] for j in columns)),
        wide.astype(np.float32)[order][:, columns],
        expression.scale,
        tuple((*expression.tissue, *("lung",) * 4)[i] for i in order),
    )
    new = CompoundTable.from_smiles(NEW_SMILES)
    joined = CompoundTable(
        *(
            getattr(compounds, field) + getattr(new, field)
            for field in ("ids", "names", "molecules", "targets", "mechanism")
        )
    )
    turned = rng.permutation(len(joined))
    return Pairs(
        bigger, joined.take(turned), np.argsort(order)[pairs.sample_row], np.argsort(turned)[pairs.compound_row]
    )


@pytest.mark.parametrize("name", TESTED)
def test_the_same_rows_of_another_table_have_the_same_predictions_to_the_last_bit(name, fitted, parts):
    asked = answered(fitted(name), parts["asked"].pairs)
    turned = np.random.default_rng(0).permutation(len(asked))
    given = fitted(name).predict(asked)
    np.testing.assert_array_equal(fitted(name).predict(another_table(asked)), given)
    np.testing.assert_array_equal(fitted(name).predict(asked.take(turned)), given[turned])


@pytest.mark.parametrize("name", TESTED)
def test_new_samples_and_compounds_are_answered_or_refused_by_name(name, fitted, parts):
    expression = parts["train"].expression
    values = np.random.default_rng(4).normal(size=(3, len(expression.genes))).astype(np.float32)
    new = ExpressionTable(("p", "q", "r"), expression.genes, values, ExpressionScale.ROBUST_Z)
    asked = Pairs.grid(new, CompoundTable.from_smiles((*NEW_SMILES, "CCO")))
    if name == "drvae":
        with pytest.raises(CompoundError, match="none for 3 of 4 compounds"):
            fitted(name).predict(asked)
        assert np.isfinite(fitted(name).predict(answered(fitted(name), asked))).all()
        return
    given = fitted(name).predict(asked)
    assert given.shape == (12,)
    assert np.isfinite(given).all()
    assert np.abs(given - parts["train"].values.mean()).max() < 10 * np.ptp(parts["train"].values)


@pytest.mark.parametrize("name", sorted(set(TESTED) - NO_GENES))
def test_a_new_sample_without_genes_of_the_fit_is_refused_by_name(name, fitted, parts):
    fewer = parts["asked"].expression.restrict(GeneSpace(("G0", "G1")))
    renamed = replace(fewer, samples=tuple(f"new {name}" for name in fewer.samples))
    told = r"3 of 5 genes .*\['G2', 'G3', 'G4'\]"
    if name.startswith(("multi_trait_gp", "default")):
        told = "share 2 genes with the 5"
    with pytest.raises(GeneSpaceError, match=told):
        fitted(name).predict(answered(fitted(name), Pairs.grid(renamed, parts["asked"].compounds)))


@pytest.fixture(scope="module")
def elsewhere(fitted, parts, tmp_path_factory):
    """What another process that loads every saved predictor predicts, by name."""
    folder = tmp_path_factory.mktemp("elsewhere")
    rows = {}
    for name in TESTED:
        with suppress(pytest.skip.Exception):
            fitted(name).save(folder / "saved" / name)
            rows[name] = answered_rows(fitted(name), parts["asked"].pairs)
    np.savez(folder / "rows.npz", **rows)
    save_pairs(parts["asked"].pairs, folder)
    run_code(ELSEWHERE, folder)
    with np.load(folder / "given.npz") as given:
        return dict(given)


@pytest.mark.parametrize("name", TESTED)
def test_what_was_saved_predicts_the_same_in_another_process(name, fitted, parts, elsewhere):
    given = fitted(name).predict(answered(fitted(name), parts["asked"].pairs))
    np.testing.assert_array_equal(elsewhere[name], given)


@pytest.mark.parametrize("name", TESTED)
def test_the_measure_of_the_training_rows_is_kept(name, fitted, parts, tmp_path):
    assert unfitted(name).measure is None
    assert fitted(name).measure is Measure.AUC
    fitted(name).save(tmp_path / "saved")
    again = load(tmp_path / "saved")
    assert (type(again), again.measure) == (type(fitted(name)), Measure.AUC)


@pytest.mark.parametrize("name", TESTED)
def test_one_that_was_not_fitted_neither_predicts_nor_saves(name, parts, tmp_path):
    with pytest.raises(TrainingError, match="has learnt nothing yet"):
        unfitted(name).predict(parts["asked"].pairs)
    with pytest.raises(TrainingError, match="has learnt nothing yet"):
        unfitted(name).save(tmp_path / "saved")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", TESTED)
def test_a_saved_one_that_was_altered_is_refused(name, fitted, tmp_path):
    folder = tmp_path / "saved"
    fitted(name).save(folder)
    files = [path for path in folder.rglob("*") if path.is_file() and path != folder / "card.json"]
    victim = max(files, key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    with pytest.raises(CheckpointError, match="altered"):
        load(folder)


def save_pairs(pairs, folder):
    """Pairs as the other process reads them."""
    arrays = {"values": pairs.expression.values, "sample_row": pairs.sample_row, "compound_row": pairs.compound_row}
    names = {"samples": pairs.expression.samples, "genes": pairs.expression.genes.symbols}
    names |= {"tissue": pairs.expression.tissue, "ids": pairs.compounds.ids, "smiles": pairs.compounds.smiles}
    names |= {"targets": pairs.compounds.targets, "mechanism": pairs.compounds.mechanism}
    np.savez(folder / "pairs.npz", **arrays, **{name: np.array(texts) for name, texts in names.items()})


ELSEWHERE = """
import sys
from pathlib import Path
import numpy as np
from drugripple.data.pairs import Pairs
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.genes.space import GeneSpace
from drugripple.predictors import load

folder = Path(sys.argv[1])
read = np.load(folder / "pairs.npz")
fields = ("samples", "genes", "tissue", "ids", "smiles", "targets", "mechanism")
texts = {name: tuple(read[name].tolist()) for name in fields}
expression = ExpressionTable(
    texts["samples"], GeneSpace(texts["genes"]), read["values"], ExpressionScale.ROBUST_Z, texts["tissue"]
)
compounds = CompoundTable.from_smiles(
    texts["smiles"], ids=texts["ids"], targets=texts["targets"], mechanism=texts["mechanism"]
)
asked = Pairs(expression, compounds, read["sample_row"], read["compound_row"])
rows = np.load(folder / "rows.npz")
given = {name: load(folder / "saved" / name).predict(asked.take(rows[name])) for name in rows.files}
np.savez(folder / "given.npz", **given)
"""
