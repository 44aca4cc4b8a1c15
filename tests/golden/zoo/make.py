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
    """Convolutions of (kernel, stride, width); the paper's bottlenecks without shortcut have no last ReLU."""

    def __init__(self, width, convolutions, shortcut):
        super().__init__()
        first, self.count = width, len(convolutions)
        for k, (kernel, stride, output) in enumerate(convolutions, 1):
            setattr(self, f"conv{k}", nn.Conv2d(width, output, kernel, stride, kernel // 2, bias=False))
            setattr(self, f"bn{k}", nn.BatchNorm2d(output))
            width = output
        self.skip = shortcut
        stride = max(stride for _, stride, _ in convolutions)
        if shortcut:
            self.shortcut = nn.Sequential()
            if stride != 1 or first != width:
                self.shortcut = nn.Sequential(nn.Conv2d(first, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        out = x
        for k in range(1, self.count + 1):
            out = getattr(self, f"bn{k}")(getattr(self, f"conv{k}")(out))
            out = torch.relu(out) if k < self.count else out
        if self.skip:
            return torch.relu(out + self.shortcut(x))
        return out if self.count == 3 else torch.relu(out)


class ResNet(nn.Module):
    def __init__(self, stages, shortcut, bottleneck=False):
        super().__init__()
        width = stages[0][1]
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.stages = len(stages)
        for stage, (blocks, inner) in enumerate(stages, 1):
            layers = []
            for k in range(blocks):
                stride = 2 if k == 0 and stage > 1 else 1
                plan = [(1, 1, inner), (3, stride, inner), (1, 1, 4 * inner)]
                plan = plan if bottleneck else [(3, stride, inner), (3, 1, inner)]
                layers.append(Block(width, plan, shortcut))
                width = plan[-1][2]
            setattr(self, f"layer{stage}", nn.Sequential(*layers))
        self.linear = nn.Linear(width, 10)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        for stage in range(1, self.stages + 1):
            x = getattr(self, f"layer{stage}")(x)
        return self.linear(x.mean((2, 3)))


class Vgg(nn.Module):
    def __init__(self, plan):
        super().__init__()
        layers, width, side = [], 3, 32
        for output in plan:
            if output == "M":
                layers.append(nn.MaxPool2d(2, 2, ceil_mode=True))
                side //= 2
            else:
                layers += [nn.Conv2d(width, output, 3, padding=1), nn.BatchNorm2d(output), nn.ReLU()]
                width = output
        self.features = nn.Sequential(*layers)
        self.fc = nn.Sequential(nn.Linear(width * side**2, width), nn.BatchNorm1d(width), nn.ReLU())
        self.classifier = nn.Linear(width, 10)

    def forward(self, x):
        return self.classifier(self.fc(self.features(x).flatten(1)))


class Dense(nn.Module):
    def __init__(self, width, growth):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(width), nn.Conv2d(width, 4 * growth, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(4 * growth), nn.Conv2d(4 * growth, growth, 3, 1, 1, bias=False)

    def forward(self, x):
        new = self.conv2(torch.relu(self.bn2(self.conv1(torch.relu(self.bn1(x))))))
        return torch.cat([new, x], 1)


class Transition(nn.Module):
    def __init__(self, width, output):
        super().__init__()
        self.bn, self.conv = nn.BatchNorm2d(width), nn.Conv2d(width, output, 1, bias=False)

    def forward(self, x):
        return nn.functional.avg_pool2d(self.conv(torch.relu(self.bn(x))), 2)


class DenseNet(nn.Module):
    def __init__(self, blocks, growth):
        super().__init__()
        width = 2 * growth
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        for k, layers in enumerate(blocks, 1):
            setattr(self, f"dense{k}", nn.Sequential(*[Dense(width + j * growth, growth) for j in range(layers)]))
            width += layers * growth
            if k < 4:
                setattr(self, f"trans{k}", Transition(width, width // 2))
                width //= 2
        self.bn = nn.BatchNorm2d(width)
        self.linear = nn.Linear(width, 10)

    def forward(self, x):
        x = self.conv1(x)
        for k in range(1, 5):
            x = getattr(self, f"dense{k}")(x)
            x = getattr(self, f"trans{k}")(x) if k < 4 else x
        return self.linear(torch.relu(self.bn(x)).mean((2, 3)))


def zoo():
    """Name and network, one at a time: together they would fill the memory."""
    for depth in [20, 32, 44, 56, 110]:
        for shortcut in [True, False]:
            stages = [((depth - 2) // 6, width) for width in (16, 32, 64)]
            yield f"resnet{depth}" + "_noshort" * (not shortcut), ResNet(stages, shortcut)
    yield "resnet50_16_noshort", ResNet([(8, width) for width in (16, 32, 64)], False)
    for depth, factor, shortcut in [(56, 2, True), (56, 4, True), (56, 8, True), (56, 2, False), (56, 4, False),
                                    (56, 8, False), (110, 2, False), (110, 4, False)]:
        stages = [((depth - 2) // 6, width * factor) for width in (16, 32, 64)]
        yield f"wrn{depth}_{factor}" + "_noshort" * (not shortcut), ResNet(stages, shortcut)
    depths = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3]}
    for depth, blocks in depths.items():
        for shortcut in [True, False]:
            stages = list(zip(blocks, (64, 128, 256, 512)))
            yield f"resnet{depth}" + "_noshort" * (not shortcut), ResNet(stages, shortcut, depth >= 50)
    deep = {9: (2, 2, 3), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
    for depth, stacks in deep.items():
        plan = [width for stack, width in zip(stacks, (64, 128, 256, 512, 512)) for width in [width] * stack + ["M"]]
        yield f"vgg{depth}", Vgg(plan)
    for name, last, growth in [("121", (24, 16), 32), ("169", (32, 32), 32), ("201", (48, 32), 32), ("161", (36, 24), 48),
                               ("_cifar", (24, 16), 12)]:
        yield f"densenet{name}", DenseNet((6, 12) + last, growth)


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
    inputs = torch.from_numpy(((uniform(1_000_000, 2 * 3 * 32 * 32) - 0.5) * 4).astype(numpy.float32)).reshape(2, 3, 32, 32)
    result = {}
    for name, network in zoo():
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
            # as many digits as an f32 has
            "logits": [[float(f"{v:.9g}") for v in row] for row in logits],
        }
    print("{" + ",\n".join(f" {json.dumps(name)}: {json.dumps(golden)}" for name, golden in result.items()) + "}")


if __name__ == "__main__":
    main()
