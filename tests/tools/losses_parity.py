"""Compares what eval-grid measures with PyTorch: losses, accuracies, targets that are left out, normalised images.

    python tests/tools/losses_parity.py        # needs torch, torchvision, h5py, and `make build` before

Small networks of random weights are exported, imported, and measured at three points of a random direction of all
parameters; PyTorch evaluates the same points. The last rows are the demo's trained ResNet-20 on Fashion-MNIST.
"""

import gzip
import json
import sys
import warnings

import numpy
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

from parity import ROOT, Comparison, direction_of, metric_of, pointwise, state_of

sys.path.append(str(ROOT / "tests/golden/zoo"))
from make import ResNet  # noqa: E402  the golden logits' own networks

warnings.filterwarnings("ignore")
POINTS = numpy.linspace(-1, 1, 3)
EXAMPLES, CLASSES = 50, 7


class Pixels(nn.Module):
    """A class for each pixel: [N, C, H, W]."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), nn.ReLU(), nn.Conv2d(8, CLASSES, 1))

    def forward(self, x):
        return self.layers(x)


class Words(nn.Module):
    """A class for each place of a sequence: [N, T, C]."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Embedding(30, 12), nn.Linear(12, 16), nn.Tanh(), nn.Linear(16, CLASSES)
        )

    def forward(self, x):
        return self.layers(x)


def perceptron(outputs):
    return nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, outputs))


class OwnLoss(nn.Module):
    """Cross-entropy with weights of the classes, which relief has no option for: the program computes it."""

    def __init__(self):
        super().__init__()
        self.model = perceptron(CLASSES)
        self.register_buffer("balance", torch.linspace(0.5, 2, CLASSES))

    def forward(self, inputs, targets):
        return F.cross_entropy(self.model(inputs), targets, weight=self.balance, reduction="none")


def some_left_out(targets, ignored):
    return torch.where(torch.rand(targets.shape) < 0.3, ignored, targets)


def cases():
    """Name, network, inputs, targets, options of eval-grid, and PyTorch's loss of outputs and targets."""
    vectors, images = torch.randn(EXAMPLES, 6), torch.randn(EXAMPLES, 3, 5, 5)
    words = torch.randint(30, (EXAMPLES, 9))
    classes = torch.randint(CLASSES, (EXAMPLES,))
    pixels, places = torch.randint(CLASSES, (EXAMPLES, 5, 5)), torch.randint(CLASSES, (EXAMPLES, 9))
    mean = F.cross_entropy
    yield "crossentropy", perceptron(CLASSES), vectors, classes, "", mean
    yield (
        "crossentropy per pixel, --ignore-index 255",
        Pixels(),
        images,
        some_left_out(pixels, 255),
        "--ignore-index 255",
        lambda o, t: F.cross_entropy(o, t, ignore_index=255),
    )
    yield (
        "crossentropy per position, -100 left out",
        Words(),
        words,
        some_left_out(places, -100),
        "",
        lambda o, t: F.cross_entropy(o.movedim(-1, 1), t),
    )
    yield (
        "mse of the softmax",
        perceptron(CLASSES),
        vectors,
        classes,
        "--loss mse",
        lambda o, t: F.mse_loss(o.softmax(1), F.one_hot(t, CLASSES).to(o.dtype)),
    )
    yield (
        "regression",
        perceptron(2),
        vectors,
        torch.randn(EXAMPLES, 2),
        "--loss regression",
        F.mse_loss,
    )
    yield "program: classes with weights", OwnLoss(), vectors, classes, "--loss program", lambda o, t: o.mean()


def hits(outputs, targets):
    """Percent of the targets that count; the classes lie along the axis that the targets lack."""
    axis = (
        1 if outputs.dim() == targets.dim() + 1 and outputs.shape[2:] == targets.shape[1:] else -1
    )
    counted = (targets != -100) & (targets != 255)
    return 100 * (outputs.argmax(axis) == targets)[counted].double().mean()


def at_points(network, directions, measure):
    """PyTorch at θ + x·dx, in f32."""
    start = [parameter.detach().clone() for parameter in network.parameters()]
    for x in POINTS:
        for parameter, value, direction in zip(network.parameters(), start, directions):
            parameter.data = (value.double() + x * torch.from_numpy(direction).double()).float()
        with torch.no_grad():
            yield measure()
    for parameter, value in zip(network.parameters(), start):
        parameter.data = value


def small(comparison):
    run, path = comparison.run, comparison.path
    for name, network, inputs, targets, options, loss_of in cases():
        network.eval()
        arguments = (inputs, targets) if "program" in options else (inputs,)
        free = tuple({0: torch.export.Dim.AUTO} for _ in arguments)
        torch.export.save(
            torch.export.export(network, arguments, dynamic_shapes=free), path("model.pt2")
        )
        numpy.savez(path("data.npz"), train_inputs=inputs.numpy(), train_targets=targets.numpy())
        run("import-model --program model.pt2 --force --output model.h5")
        run(
            "import-data npz data.npz --normalize none --force --output data.h5"
            if inputs.is_floating_point()
            else "import-data npz data.npz --force --output data.h5"
        )
        run(
            "make-dirs --model model.h5 --dims 1 --xnorm layer --xignore none --force --output dirs.h5"
        )
        run(
            f"eval-grid --model model.h5 --data data.h5 --directions dirs.h5 --x=-1:1:3 {options} --force --output s.h5"
        )
        run("merge s.h5 --force --output surface.h5")

        def outputs():
            return network(*arguments)

        directions = direction_of(path("dirs.h5"))
        wanted = list(
            at_points(network, directions, lambda: float(loss_of(outputs(), targets).double()))
        )
        comparison.row(
            f"loss: {name}", pointwise(metric_of(path("surface.h5"), "train_loss"), wanted), 1e-6
        )
        if "regression" in name or "program" in name:
            continue
        wanted = list(at_points(network, directions, lambda: float(hits(outputs(), targets))))
        found = metric_of(path("surface.h5"), "train_acc")
        comparison.row(f"accuracy: {name}, percent", abs(found - wanted).max(), 1e-9)


def golden(comparison):
    """The programs of tests/golden at three points between two sets of weights, and those of older versions of PyTorch."""
    folder, run = ROOT / "tests/golden/programs", comparison.run
    expected = json.loads((folder / "expected.json").read_text())
    for name, other, data, options in [
        ("cnn", "cnn-b.pt", "--normalize 0.5/0.25", ""),
        ("vit", "vit-b.safetensors", "", "--batch 8"),
        ("gpt", "gpt-b.pt", "", ""),
        ("mlp", "mlp-b.npz", "", "--loss regression"),
        ("physics", "physics-b.npz", "", "--loss program"),
    ]:
        run(f"import-data npz {folder / name}.npz {data} --force --output data.h5")
        run(f"import-model --program {folder / name}.pt2 --force --output a.h5")
        run(
            f"import-model --program {folder / name}.pt2 --checkpoint {folder / other} --force --output b.h5"
        )
        run("make-dirs --model a.h5 --target b.h5 --dims 1 --force --output dirs.h5")
        run(
            f"eval-grid --model a.h5 --data data.h5 --directions dirs.h5 --x=0:1:3 {options} --force --output s.h5"
        )
        run("merge s.h5 --force --output surface.h5")
        found = metric_of(comparison.path("surface.h5"), "train_loss")
        comparison.row(
            f"loss: golden program {name}",
            pointwise(found, [loss for loss, _ in expected[name]]),
            1e-5,
        )
    for name, version in ("vit", "2.6"), ("gpt", "2.8"):
        wanted, _ = json.loads((folder / f"expected-{version}.json").read_text())
        run(f"import-data npz {folder / name}.npz --force --output data.h5")
        run(f"import-model --program {folder / name}-{version}.pt2 --force --output a.h5")
        run("make-dirs --model a.h5 --dims 1 --force --output dirs.h5")
        run(
            "eval-grid --model a.h5 --data data.h5 --directions dirs.h5 --x=0:0:1 --force --output s.h5"
        )
        run("merge s.h5 --force --output surface.h5")
        found = metric_of(comparison.path("surface.h5"), "train_loss")
        comparison.row(
            f"loss: golden program {name} of PyTorch {version}", pointwise(found, [wanted]), 1e-6
        )


def normalized(comparison):
    """Bytes of images as torchvision normalises them: the loss of a network that returns what it sees."""
    images = torch.randint(256, (40, 3, 4, 4), dtype=torch.uint8)
    mean, std = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
    scaled = torch.stack(
        [torchvision.transforms.functional.normalize(image / 255.0, mean, std) for image in images]
    )

    class Seen(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(1, 48))

        def forward(self, x):
            return x.flatten(1) @ self.weight.t()

    network = Seen()
    exported = torch.export.export(network, (scaled,), dynamic_shapes=({0: torch.export.Dim.AUTO},))
    torch.export.save(exported, comparison.path("seen.pt2"))
    numpy.savez(
        comparison.path("seen.npz"),
        train_inputs=images.numpy(),
        train_targets=numpy.zeros((40, 1), "f4"),
    )
    normalize = ",".join(map(str, mean)) + "/" + ",".join(map(str, std))
    comparison.run(f"import-data npz seen.npz --normalize {normalize} --output seen-data.h5")
    comparison.run("import-model --program seen.pt2 --output seen.h5")
    comparison.run("make-dirs --model seen.h5 --dims 1 --output seen-dirs.h5")
    comparison.run(
        "eval-grid --model seen.h5 --data seen-data.h5 --directions seen-dirs.h5 --x=0:0:1 --loss regression "
        "--output seen-s.h5"
    )
    comparison.run("merge seen-s.h5 --output seen-surface.h5")
    with torch.no_grad():
        wanted = float(network(scaled).double().square().mean())
    found = metric_of(comparison.path("seen-surface.h5"), "train_loss")
    comparison.row(
        "images normalised as by torchvision: squared outputs", pointwise(found, [wanted]), 1e-6
    )


def demo(comparison):
    """The demo's network on 500 images, 5 × 5 points: batch normalisation folded, and half precision."""
    run, path, model = comparison.run, comparison.path, ROOT / "pipelines/demo/resnet20.h5"
    with gzip.open(ROOT / "pipelines/demo/train-images-idx3-ubyte.gz") as f:
        images = numpy.frombuffer(f.read()[16:], "u1").reshape(-1, 1, 28, 28)[:500]
    with gzip.open(ROOT / "pipelines/demo/train-labels-idx1-ubyte.gz") as f:
        targets = torch.from_numpy(numpy.frombuffer(f.read()[8:], "u1")[:500].astype("i8"))
    inputs = (torch.from_numpy(images.copy()) / 255.0 - 0.2860) / 0.3530
    run(f"import-data idx {ROOT / 'pipelines/demo'} --normalize 0.2860/0.3530 --output demo.h5")
    run(f"make-dirs --model {model} --output demo-dirs.h5")

    network = ResNet([(3, width) for width in (16, 32, 64)], True)
    network.conv1 = nn.Conv2d(1, 16, 3, 1, 1, bias=False)
    network.load_state_dict(
        {name: torch.from_numpy(numpy.asarray(v)) for name, v in state_of(model).items()}
    )
    network.eval()
    start = [parameter.detach().clone() for parameter in network.parameters()]
    axes = [direction_of(path("demo-dirs.h5"), axis) for axis in "xy"]
    points = numpy.linspace(-0.5, 0.5, 5)

    def measured(dtype):
        losses, right = [], []
        for y, x in ((y, x) for y in points for x in points):
            for parameter, value, dx, dy in zip(network.parameters(), start, *axes):
                parameter.data = (
                    value.double() + x * torch.from_numpy(dx) + y * torch.from_numpy(dy)
                ).to(dtype)
            with torch.no_grad():
                logits = network.to(dtype)(inputs.to(dtype)).double()
            losses.append(float(F.cross_entropy(logits, targets)))
            right.append(100 * float((logits.argmax(1) == targets).double().mean()))
        return numpy.reshape(losses, (5, 5)), numpy.reshape(right, (5, 5))

    wanted = {"f32": measured(torch.float32), "f64": measured(torch.float64)}
    network.load_state_dict(
        {name: torch.from_numpy(numpy.asarray(v)) for name, v in state_of(model).items()}
    )
    wanted["bf16"] = measured(torch.bfloat16)
    found = {}
    for precision in "f32", "bf16":
        run(
            f"eval-grid --model {model} --data demo.h5 --directions demo-dirs.h5 --x=-0.5:0.5:5 --y=-0.5:0.5:5 "
            f"--split train --limit 500 --precision {precision} --output {precision}-s.h5"
        )
        run(f"merge {precision}-s.h5 --output {precision}.h5")
        found[precision] = [
            metric_of(path(f"{precision}.h5"), name) for name in ("train_loss", "train_acc")
        ]
    comparison.row(
        "trained ResNet-20, 25 points: loss, PyTorch in f32",
        pointwise(found["f32"][0], wanted["f32"][0]),
        1e-5,
    )
    comparison.row("the same, PyTorch in f64", pointwise(found["f32"][0], wanted["f64"][0]), 1e-5)
    comparison.row(
        "the same: PyTorch's f32 against its own f64",
        pointwise(wanted["f32"][0], wanted["f64"][0]),
        1e-5,
    )
    comparison.row(
        "the same: accuracy, percent, f32", abs(found["f32"][1] - wanted["f32"][1]).max(), 0.1
    )
    comparison.row(
        "the same: --precision bf16, PyTorch in f64",
        pointwise(found["bf16"][0], wanted["f64"][0]),
        3e-2,
    )
    comparison.row(
        "the same: PyTorch's bf16 against its own f64",
        pointwise(wanted["bf16"][0], wanted["f64"][0]),
        3e-1,
    )


def main():
    torch.manual_seed(0)
    versions = [package.__version__.split("+")[0] for package in (torch, torchvision)]
    comparison = Comparison("PyTorch {}, torchvision {}".format(*versions))
    small(comparison)
    golden(comparison)
    normalized(comparison)
    demo(comparison)
    comparison.end()


main()
