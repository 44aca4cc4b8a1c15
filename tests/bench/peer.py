"""A landscape by a careful PyTorch loop, the peer of `bench.py`: prints the seconds to start and of the loop, and the losses.

    python peer.py FOLDER NETWORK eager|compiled POINTS

eager: NCHW f32, batches of 128, data resident, no_grad. compiled: torch.compile, channels-last. Both use all cores.
"""

import json
import pathlib
import sys
import time

import h5py
import numpy
import torch
from networks import network

BATCH = 128


def landscape(folder, name, how, points):
    """Compiles where asked to; the seconds of that and of the loop, and its losses."""
    arrays = numpy.load(folder / f"{name}.npz")
    inputs = torch.from_numpy(arrays["test_inputs"]).float().div_(255)
    targets = torch.from_numpy(arrays["test_targets"])
    module = network(name)
    weights = list(module.parameters())
    origin = [weight.detach().clone() for weight in weights]
    with h5py.File(folder / f"{name}-directions.h5") as file:
        dx, dy = ([torch.from_numpy(file[axis][str(k)][()]) for k in range(len(weights))]
                  for axis in ("xdirection", "ydirection"))
    run = module
    if how == "compiled":
        inputs = inputs.contiguous(memory_format=torch.channels_last)
        run = torch.compile(module.to(memory_format=torch.channels_last))

    def loss():
        total = 0.0
        for x, y in zip(inputs.split(BATCH), targets.split(BATCH)):
            total += torch.nn.functional.cross_entropy(run(x), y, reduction="sum").item()
        return total / len(targets)

    start = time.perf_counter()
    run(inputs[:BATCH]), run(inputs[: len(inputs) % BATCH or BATCH])
    started, losses = time.perf_counter(), []
    for x, y in points:
        for weight, w, u, v in zip(weights, origin, dx, dy):
            weight.copy_(w + x * u + y * v)
        losses.append(loss())
    return started - start, time.perf_counter() - started, losses


def main():
    folder, name, how, points = sys.argv[1:]
    with torch.no_grad():
        print(json.dumps(landscape(pathlib.Path(folder), name, how, json.loads(points))))


main()
