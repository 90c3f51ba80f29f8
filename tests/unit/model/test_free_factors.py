"""Free vectors: by name, zero for new ones, the same for pairs and for grids."""

import numpy as np
import torch

from drugripple.model.free_factors import NEW, FreeFactors, Known
from drugripple.model.settings import ResponseSettings

KNOWN = Known(("A549", "MCF7"), ("KEYONE", "KEYTWO", "KEYTHREE"))


def factors(**changes):
    torch.manual_seed(0)
    return FreeFactors(KNOWN, ResponseSettings(free_rank=4, widths=(5, 3), **changes)).eval()


def test_terms_of_a_pair_by_hand():
    made = factors()
    with torch.no_grad():
        made.sample[1] = torch.tensor([1.0, 2.0, 0.0, -1.0])
        made.compound[2] = torch.tensor([3.0, 1.0, 5.0, 2.0])
        made.from_sample.weight[0] = torch.tensor([1.0, 1.0, 1.0, 1.0])
        made.from_compound.weight[0] = torch.tensor([0.0, 0.0, 1.0, 0.0])
        hidden, product = made(torch.tensor([1]), torch.tensor([2]))
    assert product.item() == 3.0
    assert hidden[0, 0].item() == 2.0 + 5.0


def test_names_decide_and_a_new_name_adds_nothing():
    made = factors()
    samples, compounds = made.samples(["MCF7", "mine", "A549"]), made.compounds(["KEYTHREE", "other"])
    assert samples.tolist() == [1, NEW, 0]
    assert compounds.tolist() == [2, NEW]
    of_sample, of_compound, product = made.grid(samples, compounds)
    assert of_sample[1].abs().sum() == of_compound[1].abs().sum() == 0
    assert product[1].tolist() == [0, 0]
    assert product[:, 1].tolist() == [0, 0, 0]
    assert product[0, 0] == made.sample[1] @ made.compound[2]


def test_pairs_and_grids_agree():
    made = factors()
    sample, compound = torch.tensor([0, 1, NEW]), torch.tensor([2, 0, NEW])
    row, column = torch.meshgrid(sample, compound, indexing="ij")
    of_pairs, of_grid = made(row.flatten(), column.flatten()), made.grid(sample, compound)
    np.testing.assert_allclose(of_pairs.product.detach(), of_grid.product.detach().flatten(), rtol=1e-6)
    hidden = (of_grid.of_sample[:, None] + of_grid.of_compound).detach().flatten(0, 1)
    np.testing.assert_allclose(of_pairs.hidden.detach(), hidden, rtol=1e-6)


def test_a_new_name_trains_no_vector():
    made = factors(free_dropout=0.0).train()
    made(torch.tensor([0, NEW]), torch.tensor([1, 1])).product.sum().backward()
    assert made.sample.grad[1].abs().sum() == 0
    assert (made.compound.grad[1] == made.sample[0]).all()
    assert made.compound.grad[[0, 2]].abs().sum() == 0


def test_entries_are_left_out_in_training_alone():
    made = factors(free_dropout=0.5)
    pairs = torch.zeros(64, dtype=torch.int64), torch.zeros(64, dtype=torch.int64)
    assert len(set(made(*pairs).product.tolist())) == 1
    assert len(set(made.train()(*pairs).product.tolist())) > 4
