"""What-if answers are the model's own answers to changed inputs, and a planted gene moves them its way."""

from dataclasses import replace
from inspect import signature

import matplotlib.axes
import numpy as np
import pandas as pd
import pytest
import torch

from drugripple.data.synthetic import MECHANISMS
from drugripple.data.tables import CompoundTable
from drugripple.errors import ConfigError, GeneSpaceError, TableError
from drugripple.genes.space import GeneSpace
from drugripple.predict.what_if import Change

from .test_explain import PRIOR, a_model, samples

AMINE = CompoundTable.from_smiles(["CCN"])


def test_no_change_is_the_prediction_and_genes_are_moved_alone(asked):
    one = asked.new.take(np.array([1]))
    found = asked.model.what_if(one, "vorinostat", genes=["G5", "G7"], changes=(-1.0, 0.0, 2.0))
    table = asked.model.predict(one, ["O=C(CCCCCCC(=O)Nc1ccccc1)NO"])
    assert found.response == pytest.approx(table["ln_ic50"][0])
    assert found.table["what"].tolist() == ["G5"] * 3 + ["G7"] * 3
    np.testing.assert_allclose(found.table["difference"][found.table["change"] == 0], 0, atol=1e-12)
    np.testing.assert_allclose(found.table["response"] - found.response, found.table["difference"])


def test_without_names_the_steepest_genes_are_changed(asked):
    one = asked.new.take(np.array([1]))
    genes = asked.model.explain(one, "vorinostat").genes
    steepest = genes.iloc[np.argsort(-genes["slope"].abs())]["gene"].head(5).tolist()
    assert list(asked.model.what_if(one, "vorinostat").table["what"].unique()) == steepest


@pytest.mark.parametrize("compound", ["vorinostat", "melphalan", "PD153035"])
def test_planted_genes_up_make_the_sample_sensitive_and_down_resistant(asked_wider, compound):
    """ln IC50 = ... - 1.5 state, and the genes of the compound's module report the state."""
    library = asked_wider.world.responses.compounds
    module = list(MECHANISMS).index(library.mechanism[library.names.index(compound)])
    symbols = np.array(asked_wider.world.responses.expression.genes.symbols)
    planted = symbols[asked_wider.world.module_of == module].tolist()
    smiles = library.smiles[library.names.index(compound)]
    of_planted, of_others = [], []
    for sample in asked_wider.new.samples[:4]:
        found = asked_wider.model.what_if(
            asked_wider.new, [smiles], sample=sample, genes=symbols.tolist(), changes=(-1.0, 1.0)
        )
        down, up = (found.table[found.table["change"] == way].set_index("what")["difference"] for way in (-1.0, 1.0))
        assert (down[planted] > 0).mean() > 0.9
        of_planted.append(up[planted].mean())
        of_others.append(up.drop(planted).mean())
    assert max(of_planted) < -0.02
    assert np.abs(of_others).max() < 0.4 * np.abs(of_planted).min()


@pytest.fixture(scope="module")
def network():
    model = a_model()
    with torch.no_grad():
        for part in model.checkpoint.net.parameters():
            part.add_(0.05)
    return model


def test_a_network_with_a_gene_moved_answers_as_for_the_moved_sample(network):
    model, request = network, network.request(samples(1), AMINE)
    found = model.what_if(samples(1), AMINE, genes=["G2"], changes=(-1.0, 0.5)).table
    for _, row in found.iterrows():
        values = samples(1).values.copy()
        values[0, 2] += row["change"] / 1.4826
        moved = model.request(replace(samples(1), values=values), AMINE)
        moved = replace(moved, samples=replace(moved.samples, z=request.samples.z.clone()))
        moved.samples.z[0, 2] += row["change"]
        answer = model.ask(moved).table()["ln_ic50"][0]
        assert row["response"] == pytest.approx(answer, rel=1e-5)
    assert found["difference"].abs().min() > 1e-6


def test_a_network_without_an_edge_is_the_network_of_that_prior(network):
    model, request = network, network.request(samples(1), AMINE)
    found = model.what_if(samples(1), AMINE, edges=[("G5", "G0")])
    net = model.checkpoint.net
    from copy import deepcopy

    other = deepcopy(net)
    other.backbone = other.backbone.with_prior(replace(PRIOR, edges=PRIOR.edges[[0, 1, 3]]))
    other.eval()
    changed = replace(model, checkpoint=replace(model.checkpoint, net=other))
    assert found.table["response"][0] == pytest.approx(changed.ask(request).table()["ln_ic50"][0])
    assert found.table["what"][0] == "G5 - G0"
    assert len(model.checkpoint.net.backbone.interactions.edges) == 4


def test_both_models_ask_alike_and_choose_one_sample_and_one_compound_by_name(asked, network):
    """Chosen among others, a sample and a compound are answered as they are alone."""
    for model, several, genes in ((asked.model, asked.new, ["G5"]), (network, samples(12), ["G2"])):
        compounds = CompoundTable.from_smiles(["CCO", "CCN"], names=["ethanol", "amine"])
        found = model.what_if(
            several, compounds, sample=several.samples[1], compound="amine", genes=genes, changes=[1.0]
        )
        table = model.predict(several, compounds)
        row = table[(table["sample"] == several.samples[1]) & (table["compound"] == "amine")]
        assert (found.sample, found.compound) == (several.samples[1], "amine")
        assert found.response == pytest.approx(row["ln_ic50"].item(), rel=1e-5)
        assert found.table["what"].tolist() == genes
    shared = [list(signature(type(model).what_if).parameters) for model in (asked.model, network)]
    assert [name for name in shared[1] if name in shared[0]] == shared[0]


def test_doses_and_times_are_swept(network):
    found = network.what_if(samples(1), AMINE, doses_um=[0.1, 1.0, 10.0], hours=[6.0, 24.0])
    assert found.kinds() == (Change.DOSE, Change.TIME)
    doses = found.table[found.table["kind"] == "dose"]
    for _, row in doses.iterrows():
        at = network.treatments(AMINE, dose_um=row["change"])
        answer = network.predict(samples(1), at)["ln_ic50"][0]
        assert row["response"] == pytest.approx(answer, rel=1e-5)


def test_it_is_written_and_drawn(network, tmp_path):
    found = network.what_if(samples(1), AMINE, genes=["G1"], edges=[("G0", "G1")], doses_um=[1.0, 2.0])
    assert len(pd.read_csv(found.write(tmp_path / "out"))) == len(found.table) == 6 + 1 + 2
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"what_if.csv", "gene.svg", "edge.svg", "dose.svg"}
    assert all(isinstance(found.plot(kind), matplotlib.axes.Axes) for kind in found.kinds())
    with pytest.raises(ConfigError, match=r"3 kinds of change.*'gene'.*plot\('gene'\)"):
        found.plot()
    one = replace(found, table=found.table[found.table["kind"] == "dose"])
    assert one.plot().get_xlabel() == "dose (µM)"
    assert "without change" in found._repr_html_()


def test_what_cannot_be_changed_is_named(asked, network):
    one, known = asked.new.take(np.array([0])), asked.model.training_compounds.take(np.array([0]))
    first, second = asked.new.genes.symbols[:2]
    without = GeneSpace(tuple(gene for gene in asked.new.genes.symbols if gene != second))
    with pytest.raises(GeneSpaceError, match=rf"2 of 3 genes are not among the .* \['{first}X', 'NOSUCH'\] .*{first}"):
        asked.model.what_if(one, known, genes=[f"{first}X", second, "NOSUCH"])
    with pytest.raises(GeneSpaceError, match=rf"1 of 2 genes were not measured in the samples: \['{second}'\]"):
        asked.model.what_if(one.restrict(without), known, genes=[first, second])
    with pytest.raises(GeneSpaceError, match=r"no edge between G0 and G6; partners of G0 are .*G1"):
        network.what_if(samples(1), AMINE, edges=[("G0", "G6")])
    with pytest.raises(ConfigError, match="nothing is changed"):
        network.what_if(samples(1), AMINE)
    with pytest.raises(ConfigError, match="one sample and one compound can be changed at a time, got 2 samples"):
        network.what_if(samples(2), AMINE, genes=["G1"])
    with pytest.raises(TableError, match="dose"):
        network.what_if(samples(1), AMINE, doses_um=[0.0])
