"""Logits of the zoo's networks in PyTorch eager, for `stages/lib/torch/tests/parity.rs`.

    python make.py > logits.json        # needs PyTorch and numpy; made with PyTorch 2.13.0, numpy 2.4.6

The modules are written from the paper's description, independently of the zoo. Weights are a formula of (entry of the
state_dict, element), which the test repeats, so that no weights need to be stored.
"""

import hashlib
import json

import numpy
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width, output, stride, shortcut):
        super().__init__()
        self.conv1 = nn.Conv2d(width, output, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(output)
        self.conv2 = nn.Conv2d(output, output, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(output)
        self.skip = shortcut
        if shortcut:
            self.shortcut = nn.Sequential()
            if stride != 1 or width != output:
                self.shortcut = nn.Sequential(nn.Conv2d(width, output, 1, stride, bias=False), nn.BatchNorm2d(output))

    def forward(self, x):
        out = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(out + self.shortcut(x) if self.skip else out)


class ResNet(nn.Module):
    def __init__(self, blocks, shortcut):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        width = 16
        for stage, (output, stride) in enumerate([(16, 1), (32, 2), (64, 2)], 1):
            layers = []
            for k in range(blocks):
                layers.append(Block(width, output, stride if k == 0 else 1, shortcut))
                width = output
            setattr(self, f"layer{stage}", nn.Sequential(*layers))
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(nn.functional.avg_pool2d(x, 8).flatten(1))


class Vgg9(nn.Module):
    def __init__(self):
        super().__init__()
        layers, width = [], 3
        for output in [64, 64, "M", 128, 128, "M", 256, 256, 256, "M"]:
            if output == "M":
                layers.append(nn.MaxPool2d(2, 2, ceil_mode=True))
            else:
                layers += [nn.Conv2d(width, output, 3, padding=1), nn.BatchNorm2d(output), nn.ReLU()]
                width = output
        self.features = nn.Sequential(*layers)
        self.fc = nn.Sequential(nn.Linear(256 * 16, 256), nn.BatchNorm1d(256), nn.ReLU())
        self.classifier = nn.Linear(256, 10)

    def forward(self, x):
        return self.classifier(self.fc(self.features(x).flatten(1)))


def uniform(entry, count):
    """Numbers in [0, 1) with 24 bits: splitmix64 of entry · 2^32 + element."""
    z = (numpy.arange(count, dtype=numpy.uint64) + (numpy.uint64(entry) << numpy.uint64(32))) * numpy.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    z ^= z >> numpy.uint64(31)
    return (z >> numpy.uint64(40)).astype(numpy.float64) / 2**24


def value(entry, name, shape):
    u = uniform(entry, int(numpy.prod(shape)))
    if name.endswith("running_var") or (name.endswith("weight") and len(shape) == 1):
        v = 0.5 + u
    elif len(shape) > 1:
        v = (2 * u - 1) * (6 / numpy.prod(shape[1:])) ** 0.5
    else:
        v = (u - 0.5) * 0.2
    return torch.from_numpy(v.astype(numpy.float32).reshape(shape))


def main():
    torch.set_num_threads(1)
    networks = {
        "resnet20": ResNet(3, True),
        "resnet56": ResNet(9, True),
        "resnet56_noshort": ResNet(9, False),
        "vgg9": Vgg9(),
    }
    inputs = torch.from_numpy(((uniform(1_000_000, 4 * 3 * 32 * 32) - 0.5) * 4).astype(numpy.float32)).reshape(4, 3, 32, 32)
    result = {}
    for name, network in networks.items():
        state = network.state_dict()
        keys = "".join(f"{key} {list(tensor.shape)}\n" for key, tensor in state.items())
        for entry, (key, tensor) in enumerate(state.items()):
            if tensor.is_floating_point():
                tensor.copy_(value(entry, key, tuple(tensor.shape)))
        with torch.no_grad():
            logits = network.eval()(inputs)
        result[name] = {
            "keys_sha256": hashlib.sha256(keys.encode()).hexdigest(),
            "parameters": sum(p.numel() for p in network.parameters()),
            "logits": [[float(v) for v in row] for row in logits],
        }
    print(json.dumps(result, indent=1))


main()
