"""A small network, data for it, and what PyTorch's optimisers make of it: python make.py

Made with PyTorch 2.13.0 and numpy 2.4.6. net.pt2 is the network as it is exported for evaluation, loss.pt2 the same with
the loss of each example as its output, data.npz the data. expected.json holds, for each optimiser, all parameters after
five steps on all examples at once, one after the other, and the running statistics of two kinds of averages. `bf16` has
the running statistics as well.
"""

import json
import pathlib
import warnings

import numpy
import torch
from torch import nn
from torch.nn import functional as F
from torch.optim import swa_utils

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).resolve().parent
AUTO = torch.export.Dim.AUTO
EXAMPLES, STEPS = 8, 5


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(2, 4, 3, bias=False), nn.BatchNorm2d(4)
        self.linear = nn.Linear(4, 3)
        # an optimiser must leave it alone: no output depends on it
        self.unused = nn.Parameter(torch.ones(2))

    def forward(self, x):
        return self.linear(F.softplus(self.norm(self.conv(x))).mean((2, 3)))


class WithLoss(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x, y):
        return F.cross_entropy(self.net(x), y, reduction="none")


def fresh():
    torch.manual_seed(1)
    return Net()


def flat(tensors):
    return [float(number) for tensor in tensors for number in tensor.detach().double().ravel()]


def steps(net, optimizer, scheduler=None, loss=F.cross_entropy):
    net.train()
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss(net(X), Y).backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
        yield


def trained(make, schedule=None, loss=F.cross_entropy):
    net = fresh()
    optimizer = make(net.parameters())
    scheduler = schedule and schedule(optimizer)
    for _ in steps(net, optimizer, scheduler, loss):
        pass
    return flat(net.parameters())


def in_bf16():
    """SGD with the forward pass under autocast: weights, gradients and momentum stay f32."""

    def loss(outputs, targets):
        return F.cross_entropy(outputs.float(), targets)

    net = fresh()
    optimizer = torch.optim.SGD(net.parameters(), 0.1, 0.9, weight_decay=5e-4, nesterov=True)
    # a cache would keep the rounded weights of the first step
    with torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=False):
        for _ in steps(net, optimizer, loss=loss):
            pass
    return flat([*net.parameters(), net.norm.running_mean, net.norm.running_var])


def averaged(multi_avg_fn, first):
    """Averaged parameters, with the steps from number `first` on."""
    net = fresh()
    average = swa_utils.AveragedModel(net, multi_avg_fn=multi_avg_fn)
    optimizer = torch.optim.SGD(net.parameters(), 0.1, 0.9, weight_decay=5e-4, nesterov=True)
    for step, _ in enumerate(steps(net, optimizer), 1):
        if step >= first:
            average.update_parameters(net)
    swa_utils.update_bn([X], average)
    return flat([*average.module.parameters(), average.module.norm.running_mean, average.module.norm.running_var])


def statistics():
    """Running statistics of the untrained network over batches of three examples."""
    net = fresh()
    swa_utils.update_bn(X.split(3), net)
    return flat([net.norm.running_mean, net.norm.running_var])


def brier(outputs, targets):
    return ((outputs.softmax(1) - F.one_hot(targets, 3)) ** 2).mean()


torch.manual_seed(0)
X, Y = torch.randn(EXAMPLES, 2, 6, 6), torch.arange(EXAMPLES) % 3
numpy.savez(HERE / "data.npz", train_inputs=X.numpy(), train_targets=Y.numpy())
for name, net, inputs in ("net", fresh(), (X,)), ("loss", WithLoss(fresh()), (X, Y)):
    shapes = tuple({0: AUTO} for _ in inputs)
    torch.export.save(torch.export.export(net.eval(), inputs, dynamic_shapes=shapes), HERE / f"{name}.pt2")
optim = torch.optim
expected = {
    "sgd": trained(lambda p: optim.SGD(p, 0.1, 0.9, weight_decay=5e-4, nesterov=True)),
    "plain": trained(lambda p: optim.SGD(p, 0.1, 0.9, weight_decay=0)),
    "adam": trained(lambda p: optim.Adam(p, weight_decay=5e-4)),
    "betas": trained(lambda p: optim.Adam(p, 0.01, (0.8, 0.95), 1e-4, 0)),
    "adamw": trained(lambda p: optim.AdamW(p)),
    "cosine": trained(
        lambda p: optim.AdamW(p, 0.01), lambda o: optim.lr_scheduler.CosineAnnealingLR(o, STEPS)
    ),
    "mse": trained(lambda p: optim.Adam(p, 0.01, weight_decay=5e-4), loss=brier),
    "bf16": in_bf16(),
    "swa": averaged(swa_utils.get_swa_multi_avg_fn(), 2),
    "ema": averaged(swa_utils.get_ema_multi_avg_fn(0.7), 1),
    "statistics": statistics(),
}
(HERE / "expected.json").write_text(json.dumps(expected) + "\n")
