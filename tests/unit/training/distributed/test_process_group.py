import threading

import pytest
import torch
from torch import nn

from drugripple.model.dropout import Dropout
from drugripple.training.distributed.process_group import SINGLE_PROCESS, ProcessGroup
from drugripple.training.distributed.synchronised_layers import BatchRows, SynchronisedBatchNorm, synchronise_layers


def together(size, job):
    """Run a job in as many threads, each with its view of a group whose sums meet at a barrier; results by rank."""
    meeting, held, results = threading.Barrier(size, timeout=60), [None] * size, [None] * size

    def member(rank):
        def add(tensor):
            held[rank] = tensor
            meeting.wait()
            total = torch.stack(list(held)).sum(0)
            meeting.wait()
            return total

        results[rank] = job(ProcessGroup(rank, size, add))

    threads = [threading.Thread(target=member, args=(rank,)) for rank in range(size)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return results


@pytest.mark.parametrize(("count", "size"), [(7, 3), (3, 3), (2, 3), (11, 2), (0, 2)])
def test_parts_cover_everything_once(count, size):
    parts = [list(range(count))[ProcessGroup(rank, size).part(count)] for rank in range(size)]
    assert [one for part in parts for one in part] == list(range(count))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_gradients_are_summed_in_place_and_alone_is_left_alone():
    """Process 0 has gradient (1, 2) and process 1 (10, 20); a parameter without one stays without."""

    def job(group):
        first, second = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(3))
        first.grad = torch.tensor([1.0, 2.0]) * 10**group.rank
        group.sum_gradients([first, second])
        return first.grad.tolist(), second.grad

    assert together(2, job) == [([11.0, 22.0], None)] * 2
    assert SINGLE_PROCESS.sum(torch.ones(1)).item() == 1.0


def test_the_gradient_of_a_sum_is_the_sum_of_gradients():
    """x₀ = 2, x₁ = 5; each process's loss is its own factor (3, 4) times the sum, so both gradients are 3 + 4."""

    def job(group):
        x = torch.tensor([(2.0, 5.0)[group.rank]], requires_grad=True)
        total = group.sum(x)
        (total * (3.0, 4.0)[group.rank]).sum().backward()
        return total.item(), x.grad.item()

    assert together(2, job) == [(7.0, 7.0)] * 2


@pytest.mark.parametrize("bias", [True, False])
def test_shared_batch_norm_is_batch_norm_over_all_rows(bias):
    torch.manual_seed(0)
    rows, target = torch.randn(11, 5, dtype=torch.float64) * 3 + 2, torch.randn(11, 5, dtype=torch.float64)

    def fresh():
        norm = nn.BatchNorm1d(5).double()
        with torch.no_grad():
            norm.weight.copy_(torch.arange(1.0, 6.0))
        if not bias:
            norm.register_parameter("bias", None)
        return norm

    whole, x = fresh(), rows.clone().requires_grad_()
    wanted = whole(x)
    (wanted * target).sum().backward()

    def job(group):
        norm, part, batch_rows = fresh(), group.part(11), BatchRows()
        batch_rows.set(torch.arange(11)[part], 11)
        shared, own = SynchronisedBatchNorm(norm, group, batch_rows), rows[part].clone().requires_grad_()
        given = shared(own)
        (given * target[part]).sum().backward()
        group.sum_gradients(norm.parameters())
        return given.detach(), own.grad, norm

    results = together(3, job)
    torch.testing.assert_close(torch.cat([given for given, _, _ in results]), wanted.detach())
    torch.testing.assert_close(torch.cat([gradient for _, gradient, _ in results]), x.grad)
    for _, _, norm in results:
        torch.testing.assert_close(norm.weight.grad, whole.weight.grad)
        assert norm.state_dict().keys() == whole.state_dict().keys()
        for name, tensor in norm.state_dict().items():
            torch.testing.assert_close(tensor, whole.state_dict()[name])


def test_shared_dropout_drops_what_one_process_would_drop_and_layers_come_back():
    net, values = nn.Sequential(nn.BatchNorm1d(4), Dropout(0.5)), torch.randn(9, 4)
    torch.manual_seed(7)
    wanted, batch_rows, rows = net[1](values), BatchRows(), torch.tensor([1, 2, 8])
    before = dict(net.named_modules())
    with synchronise_layers(net, ProcessGroup(1, 3), batch_rows):
        batch_rows.set(rows, 9)
        torch.manual_seed(7)
        assert torch.equal(net[1](values[rows]), wanted[rows])
        assert net.eval()[1](values[rows]) is not None
        assert torch.equal(net[1](values[rows]), values[rows])
        assert set(net.state_dict()) == {f"0.{name}" for name in nn.BatchNorm1d(4).state_dict()}
    assert dict(net.named_modules()) == before
    assert not net[1].training
    with synchronise_layers(net, SINGLE_PROCESS, batch_rows):
        assert dict(net.named_modules()) == before
