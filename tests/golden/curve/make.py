"""A few steps of the bend of a curve between two networks, made by PyTorch: python make.py

Made with PyTorch 2.13.0. steps.json holds a small network as a program, its state at both ends of the curve, data, the
places t on the curve, and for each form of the curve and each optimiser the trained tensors and the running statistics
after a step at each t. The steps are those of Garipov et al. 2018 as their code makes them (github.com/timgaripov/
dnn-mode-connectivity): the weights at t are the ends and the bend with the shares of `curves.py`, the L2 penalty is on
the weights at t, and autograd leads the gradient to the bend.
"""

import json
import pathlib

import torch
from torch import nn
from torch.func import functional_call
from torch.nn import functional as F

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES, TS = 8, [0.3, 0.85, 0.5, 0.07, 0.62, 0.41]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(2, 4, 3, bias=False), nn.BatchNorm2d(4)
        self.linear = nn.Linear(4, 3)

    def forward(self, x):
        return self.linear(F.softplus(self.norm(self.conv(x))).mean((2, 3)))


def state(name):
    return {"state": name}


def value(name):
    return {"value": name}


def node(op, output, **args):
    return {"op": f"aten::{op}", "args": args, "outputs": [output]}


PROGRAM = {
    "version": 1,
    "inputs": [{"name": "x", "shape": [None, 2, 6, 6], "dtype": "f32"}],
    "nodes": [
        node("conv2d", "conv", input=value("x"), weight=state("conv.weight")),
        node(
            "batch_norm",
            "norm",
            input=value("conv"),
            weight=state("norm.weight"),
            bias=state("norm.bias"),
            running_mean=state("norm.running_mean"),
            running_var=state("norm.running_var"),
            training={"bool": False},
            momentum={"float": 0.1},
            eps={"float": 1e-05},
            cudnn_enabled={"bool": True},
        ),
        node("softplus", "soft", self=value("norm")),
        node("mean.dim", "mean", self=value("soft"), dim={"ints": [2, 3]}),
        node("linear", "y", input=value("mean"), weight=state("linear.weight"), bias=state("linear.bias")),
    ],
    "outputs": ["y"],
}


def net(seed):
    torch.manual_seed(seed)
    made = Net()
    with torch.no_grad():
        # other than 1 and 0 at both ends
        made.norm.weight.uniform_(0.5, 1.5)
        made.norm.bias.normal_()
    return made


def bezier(t):
    return [(1 - t) ** 2, 2 * t * (1 - t), t**2]


def chain(t):
    return [max(0.0, 1 - abs(2 * t - bend)) for bend in range(3)]


def flat(tensors):
    return [float(number) for tensor in tensors for number in tensor.detach().double().ravel()]


def trained(shares, make, penalty):
    """The trained tensors of the bend and the running statistics after a step at each t."""
    start, end = dict(net(1).named_parameters()), dict(net(2).named_parameters())
    bend = {name: (0.5 * end[name] + 0.5 * start[name]).detach().requires_grad_() for name in start}
    model = net(1).train()
    optimizer = make(bend.values())
    for t in TS:
        first, middle, last = shares(t)
        point = {n: start[n].detach() * first + bend[n] * middle + end[n].detach() * last for n in bend}
        loss = F.cross_entropy(functional_call(model, point, (X,)), Y)
        loss = loss + 0.5 * penalty * sum((tensor**2).sum() for tensor in point.values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return flat([*bend.values(), model.norm.running_mean, model.norm.running_var])


torch.manual_seed(0)
X, Y = torch.randn(EXAMPLES, 2, 6, 6), torch.arange(EXAMPLES) % 3
optim = torch.optim
steps = {}
for name, shares in ("bezier", bezier), ("chain", chain):
    steps[f"{name} sgd"] = trained(shares, lambda w: optim.SGD(w, 0.1, 0.9, nesterov=True), 5e-4)
    steps[f"{name} adam"] = trained(shares, lambda w: optim.Adam(w, 0.01), 5e-4)
    steps[f"{name} adamw"] = trained(shares, lambda w: optim.AdamW(w, 0.01, weight_decay=0.1), 0.0)
entries = list(net(1).state_dict())
golden = {
    "program": PROGRAM,
    "entries": [{"name": name, "shape": list(net(1).state_dict()[name].shape)} for name in entries],
    "start": [flat([tensor]) for tensor in net(1).state_dict().values()],
    "end": [flat([tensor]) for tensor in net(2).state_dict().values()],
    "inputs": flat([X]),
    "targets": Y.tolist(),
    "places": TS,
    "steps": steps,
}
(HERE / "steps.json").write_text(json.dumps(golden) + "\n")
