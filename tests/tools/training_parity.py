"""Compares the steps of train with PyTorch's: SGD with momentum, weight decay and a rate that decays, batch normalisation.

    python tests/tools/training_parity.py        # needs torch, h5py, and `make build` before

Every epoch is one batch of all examples, so that their order does not matter. PyTorch starts from train's model-0.h5.
An activation at zero to rounding, or two equal ones in a pool, go either way in f32, and then gradients differ by a
thousandth: PyTorch's f32 differs from its own f64 as often. So there are several starts: the nearest shows that the
steps are the same, the furthest how far rounding leads.
"""

import math
import sys

import numpy
import torch
from torch.nn import functional as F

from parity import ROOT, Comparison, state_of

sys.path.append(str(ROOT / "tests/golden/zoo"))
from make import ResNet, Vgg  # noqa: E402  the golden logits' own networks

EXAMPLES, EPOCHS, STARTS = 4, 5, 5
NETWORKS = {
    "resnet20": lambda: ResNet([(3, width) for width in (16, 32, 64)], True),
    "vgg9": lambda: Vgg([64, 64, "M", 128, 128, "M", 256, 256, 256, "M"]),
}


def loaded(network, state):
    network.load_state_dict(
        {name: torch.from_numpy(numpy.asarray(value)) for name, value in state.items()}
    )
    return network


def train(network, inputs, targets, nesterov):
    """The states after each step; the rate is a tenth from the third epoch on."""
    network.train()
    optimizer = torch.optim.SGD(
        network.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4, nesterov=nesterov
    )
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3], 0.1)
    for _ in range(EPOCHS):
        optimizer.zero_grad()
        F.cross_entropy(network(inputs), targets).backward()
        optimizer.step()
        scheduler.step()
        yield {name: value.detach().clone().numpy() for name, value in network.state_dict().items()}


def moved(state, start, trained):
    """How far the parameters, or the running statistics, have come, as one vector."""
    names = [name for name in start if ("running" in name) != trained and "num_batches" not in name]
    return numpy.concatenate([(state[name].astype("f8") - start[name]).ravel() for name in names])


def off(found, wanted, start):
    """The difference of two ways relative to the way, of parameters and of running statistics: the larger."""
    assert found.keys() == wanted.keys()
    assert all(found[name] == wanted[name] for name in wanted if "num_batches" in name)
    ways = [
        (moved(found, start, trained), moved(wanted, start, trained)) for trained in (True, False)
    ]
    return max(numpy.linalg.norm(one - other) / numpy.linalg.norm(other) for one, other in ways)


def compare(comparison, arch, make, nesterov):
    """Differences after the first and the last step, for each start: relief and PyTorch in f32, PyTorch in f32 and f64."""
    differences = {}
    for seed in range(STARTS):
        torch.manual_seed(seed)
        inputs, targets = torch.randn(EXAMPLES, 3, 32, 32), torch.randint(10, (EXAMPLES,))
        targets[0] = 9  # train counts the classes
        numpy.savez(
            comparison.path("data.npz"), train_inputs=inputs.numpy(), train_targets=targets.numpy()
        )
        comparison.run("import-data npz data.npz --normalize none --force --output data.h5")
        comparison.run(
            f"train --arch {arch} --data data.h5 --output-dir nets --epochs {EPOCHS} --batch {EXAMPLES} --lr 0.05 "
            f"--decay-at 3 --augment none {'' if nesterov else '--no-nesterov'} --seed {seed} --quiet --force"
        )
        start = state_of(comparison.path("nets/model-0.h5"))
        network, exact = loaded(make(), start), loaded(make(), start).double()
        steps = zip(
            train(network, inputs, targets, nesterov),
            train(exact, inputs.double(), targets, nesterov),
        )
        for step, (wanted, true) in enumerate(steps, 1):
            found = state_of(comparison.path(f"nets/model-{step}.h5"))
            differences.setdefault(step, []).append(
                (off(found, wanted, start), off(wanted, true, start))
            )
    for step in 1, EPOCHS:
        relief, rounding = zip(*differences[step])
        name = f"{arch}, {'Nesterov' if nesterov else 'plain'}, {step} step{'s' * (step > 1)}"
        comparison.row(
            f"{name}: nearest of {STARTS} starts", min(relief), 1e-4 if step == 1 else 1e-2
        )
        comparison.row(f"{name}: furthest", max(relief), 1)
        comparison.row(
            f"{name}: PyTorch's f32 against its own f64, nearest", min(rounding), math.inf
        )
        comparison.row(
            f"{name}: PyTorch's f32 against its own f64, furthest", max(rounding), math.inf
        )


def main():
    comparison = Comparison(f"PyTorch {torch.__version__.split('+')[0]}, in f32")
    for arch, nesterov in ("resnet20", True), ("resnet20", False), ("vgg9", True):
        compare(comparison, arch, NETWORKS[arch], nesterov)
    comparison.end()


main()
