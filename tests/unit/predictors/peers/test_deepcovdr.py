import numpy as np
import torch

from drugripple.chem.molecule import standardise
from drugripple.predictors.peers import Knowledge
from drugripple.predictors.peers.bert import Layout
from drugripple.predictors.peers.deepcovdr import (
    CrossLayer,
    DeepCoVDRInputs,
    DeepCoVDRNetwork,
    DeepCoVDRSettings,
    MessagePassing,
    Readout,
    molecule_graph,
)
from drugripple.predictors.peers.entities import Graphs, MoleculeGraph

MOLECULES = ("CC(=O)Oc1ccccc1C(=O)O", "C", "c1ccncc1")


def network(landmarks, readout=Readout.FIRST):
    torch.manual_seed(0)
    return DeepCoVDRNetwork(DeepCoVDRSettings(readout=readout), DeepCoVDRInputs(landmarks)).eval()


def test_the_network_has_as_many_parameters_as_its_parts(landmarks, parameters):
    """In all parts but the tables that the released code never reads; norms have 256, biases their width."""
    genes = 978 * 1024 + 1024 + 1024 * 512 + 512 + 512 * 256 + 256 + 256 * 128 + 128
    messages = 147 * 300 + 300 * 300 + 433 * 300 + 300
    atoms = 300 * 300 + 300 * 300 + 300 + 300 * 128 + 128
    square, feed, norms = 128 * 128 + 128, 128 * 512 + 512 + 512 * 128 + 128, 512
    layers = 8 * (4 * square + feed + norms) + 8 * (7 * square + feed + norms)
    head = 256 * 256 + 256 + 256 + 1
    assert parameters(network(landmarks)) == genes + messages + atoms + layers + head


def test_a_molecule_is_answered_the_same_alone_and_padded(landmarks):
    net = network(landmarks)
    graphs = [molecule_graph(standardise(smiles)) for smiles in MOLECULES]
    sample = tuple(part.expand(3, *part.shape[1:]) for part in net.of_samples(torch.ones(1, 978)))
    together = net.respond(sample, net.of_compounds(Graphs.of(graphs).take(torch.arange(3))))
    one = tuple(part[:1] for part in sample)
    alone = [net.respond(one, net.of_compounds(Graphs.of([g]).take(torch.tensor([0])))) for g in graphs]
    torch.testing.assert_close(together, torch.cat(alone), rtol=1e-4, atol=1e-5)
    assert together.std() > 1e-4


def test_the_mean_of_atoms_does_not_depend_on_their_order_and_the_first_does(landmarks):
    one = molecule_graph(standardise(MOLECULES[0]))
    order = np.random.default_rng(0).permutation(len(one.atoms))
    turned = MoleculeGraph(one.atoms[order], np.argsort(order)[one.edges], one.bonds)
    both = Graphs.of([one, turned]).take(torch.arange(2))
    mean = network(landmarks, Readout.MEAN).of_compounds(both)[2]
    torch.testing.assert_close(mean[0], mean[1], rtol=1e-3, atol=1e-5)
    first = network(landmarks).of_compounds(both)[2]
    assert not torch.allclose(first[0], first[1], rtol=1e-3)


def test_messages_are_those_of_the_formula_bond_by_bond():
    one = molecule_graph(standardise("CC(=O)N"))
    torch.manual_seed(0)
    net, batch = MessagePassing(), Graphs.of([one]).take(torch.tensor([0]))
    bonds = list(map(tuple, batch.edges.T.tolist()))
    first = [net.start(torch.cat([batch.atoms[v], batch.bonds[e]])) for e, (v, _) in enumerate(bonds)]
    h = [torch.relu(x) for x in first]
    for _ in range(2):
        before = [[k for k, (u, x) in enumerate(bonds) if x == v and u != w] for v, w in bonds]
        message = [sum((h[k] for k in some), torch.zeros(300)) for some in before]
        h = [torch.relu(torch.relu(x) + net.step(m)) for x, m in zip(first, message, strict=True)]
    for atom in range(4):
        arriving = sum(h[e] for e, (_, w) in enumerate(bonds) if w == atom)
        expected = torch.relu(net.atom(torch.cat([batch.atoms[atom], arriving])))
        torch.testing.assert_close(net(batch)[atom], expected, rtol=1e-4, atol=1e-6)


def test_one_place_of_the_sample_equals_many_equal_ones():
    torch.manual_seed(0)
    layer, c = CrossLayer().eval(), torch.randn(2, 128)
    many = c[:, None].expand(-1, 7, -1)
    drug = torch.randn(2, 7, 128)
    attended = layer.cell.attend(
        layer.drug.query(drug), layer.cell.key(many), layer.cell.value(many), torch.ones(2, 7, dtype=bool)
    )
    torch.testing.assert_close(layer.residual(many[:, 3], attended[:, 3]), layer.on_cell(c), rtol=1e-4, atol=1e-5)


def test_one_query_finds_what_attention_over_keys_and_values_of_every_atom_finds():
    """To 1e-6 the form before: a key and a value for every atom, padded molecules, one query of the sample."""
    torch.manual_seed(1)
    layer, c = CrossLayer().eval(), torch.randn(3, 128)
    real = torch.arange(7) < torch.tensor([[7], [1], [4]])
    layout, padded = Layout.of(real), torch.randn(3, 7, 128)
    drug = layer.drug
    expected = drug.attend(layer.cell.query(c)[:, None], drug.key(padded), drug.value(padded), real)
    x = layout.pack(padded)
    torch.testing.assert_close(layer.found(x, c, layout), expected[:, 0], rtol=1e-5, atol=1e-6)
    spread = layer.residual(padded.flatten(0, 1), expected.expand(-1, 7, -1).flatten(0, 1)).unflatten(0, (3, 7))
    torch.testing.assert_close(layer.on_drug(x, c, layout), spread[real], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(layer.on_first(x, c, layout), spread[:, 0], rtol=1e-5, atol=1e-6)


def test_as_released_a_gene_is_relative_to_the_other_genes_of_its_sample(world):
    """Genes of the first sample have mean 0 and deviation 1, whatever other samples have."""
    settings = DeepCoVDRSettings(scaling="sample")
    inputs = DeepCoVDRInputs.fit_scaled(world.pairs.compact(), settings, Knowledge())
    z = inputs.samples(world.expression).values[0]
    raw = torch.from_numpy(world.expression.restrict(inputs.expression.genes).values[0])
    torch.testing.assert_close(z, (raw - raw.mean()) / raw.std(correction=0))
    assert not torch.allclose(
        z, DeepCoVDRInputs.fit(world.pairs.compact(), settings, Knowledge()).samples(world.expression).values[0]
    )
