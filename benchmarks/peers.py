"""Rows that the training of each peer goes through per second of one core, with its published settings, on GDSC2.

Processor time counts, so that other work on the machine changes little. A peer with long batches is measured on few
batches; the time of its features, which are made once, is left out.
"""

import time

import numpy as np
import torch

from benchmarks.data import data_folder, gdsc2
from drugripple.predictors.catalogue import CATALOGUE
from drugripple.predictors.peers.predictor import PairRows
from drugripple.predictors.peers.records import ORDER
from tools.ledger import BenchmarkRecord

ROWS, SECONDS = 150_000, 15.0


def peer_rows(names=ORDER, rows=ROWS, seconds=SECONDS):
    """Steps of the published batch over mixed rows, one thread, until the seconds are over."""
    table = gdsc2()[0]
    drawn = np.random.default_rng(0).permutation(len(table))[:rows]
    train = table.take(np.sort(drawn))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for name in names:
            yield _measured(name, CATALOGUE[name].maker(data_folder())(), train, seconds)
    finally:
        torch.set_num_threads(threads)


def _measured(name, peer, train, seconds):
    pairs = train.pairs.compact()
    torch.manual_seed(0)
    inputs = peer.design.fit(pairs, peer.settings, peer.knowledge)
    net, asked = peer.design.network(peer.settings, inputs).train(), PairRows.of(pairs, inputs)
    target, training = torch.from_numpy(train.values.astype(np.float32)), peer.settings.training
    optimiser = torch.optim.Adam(net.parameters(), lr=training.learning_rate, fused=True)
    first, *order = torch.randperm(len(train)).split(training.batch)
    asked.respond(net, first)  # what is made once
    done, start = 0, time.process_time()
    for batch in order:
        optimiser.zero_grad(set_to_none=True)
        peer.design.loss(peer.settings, asked.respond(net, batch), target[batch]).backward()
        optimiser.step()
        done += len(batch)
        if time.process_time() - start > seconds:
            break
    rate = done / (time.process_time() - start)
    told = f"batches of {training.batch}"
    return BenchmarkRecord(f"peer_rows_{name.replace('_', '')}", rate, "rows/CPU s", None, told)
