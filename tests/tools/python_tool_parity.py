"""Compares relief with the Python tool of 2018 itself: its networks, directions, losses and files.

    python tests/tools/python_tool_parity.py LOSS_LANDSCAPE     # a clone of tomgoldstein/loss-landscape

Needs torch, torchvision and h5py, and before it `make build` and `cargo build --release -p torch --example outputs`.
Nothing of the tool is changed; its loops (MPI, its data loader) are left out, its functions are called.
"""

import json
import subprocess
import sys
import warnings

import h5py
import numpy
import torch
from torch import nn

from parity import BIN, Comparison, direction_of, metric_of, pointwise, relative

warnings.filterwarnings("ignore")
TOOL = sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__)
sys.path.insert(0, TOOL)
import cifar10.model_loader  # noqa: E402
import evaluation  # noqa: E402
import net_plotter  # noqa: E402

EXAMPLES = 64
NORMS = ["filter", "layer", "weight", "dfilter", "dlayer"]


def network(name, seed):
    """A network of the tool with weights of its own initialisation, and running statistics that have moved once."""
    torch.manual_seed(seed)
    made = cifar10.model_loader.models[name]()
    with torch.no_grad():
        made.train()(torch.randn(8, 3, 32, 32))
    return made.eval()


def save(made, path):
    """A checkpoint as the tool keeps it, in the form before PyTorch 1.6."""
    torch.save(
        {"acc": 0.0, "epoch": 1, "state_dict": made.state_dict()},
        path,
        _use_new_zipfile_serialization=False,
    )


def networks(comparison, inputs):
    """All 29: checkpoints are read, and logits are the same."""
    differences = {}
    with h5py.File(comparison.path("two.h5"), "w") as f:
        f["train/inputs"], f["train/targets"] = inputs[:2].numpy(), numpy.zeros(2, "i8")
    for name in cifar10.model_loader.models:
        made = network(name, 1)
        save(made, comparison.path("network.t7"))
        comparison.run(
            f"import-model --arch {name} --checkpoint network.t7 --force --output network.h5"
        )
        command = [
            BIN / "examples/outputs",
            comparison.path("network.h5"),
            comparison.path("two.h5"),
        ]
        printed = json.loads(
            subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[
                0
            ]
        )
        with torch.no_grad():
            wanted = made(inputs[:2]).double().numpy()
        differences[name] = relative(numpy.reshape(printed["values"], printed["shape"]), wanted)
    worst = max(differences, key=differences.get)
    comparison.row(
        f"logits of its {len(differences)} networks, the worst {worst}", differences[worst], 1e-4
    )


def directions(comparison, weights):
    """Each norm of the tool applied to what relief drew, entry by entry, and differences of two networks."""
    comparison.run("make-dirs --model a.h5 --xnorm none --xignore none --dims 1 --output none.h5")
    for norm in NORMS:
        for ignore in "biasbn", "none":
            comparison.run(
                f"make-dirs --model a.h5 --xnorm {norm} --xignore {ignore} --dims 1 --output {norm}-{ignore}.h5"
            )
            wanted = [torch.from_numpy(d.copy()) for d in direction_of(comparison.path("none.h5"))]
            net_plotter.normalize_directions_for_weights(wanted, weights, norm, ignore)
            found = direction_of(comparison.path(f"{norm}-{ignore}.h5"))
            difference = max(
                relative(f, w) if w.any() else abs(f).max() for f, w in zip(found, wanted)
            )
            comparison.row(f"direction, norm {norm}, ignore {ignore}", difference, 1e-5)


def targets(comparison, first, second):
    for kind in "weights", "states":
        comparison.run(
            f"make-dirs --model a.h5 --target b.h5 --dir-type {kind} --dims 1 --output to-{kind}.h5"
        )
        wanted = net_plotter.create_target_direction(first, second, kind)
        found = direction_of(comparison.path(f"to-{kind}.h5"))
        moving = [(f, w) for f, w in zip(found, wanted) if w.is_floating_point()]
        comparison.row(
            f"direction to another network, {kind}",
            max(abs(f - w.numpy()).max() for f, w in moving),
            0,
        )


def surface(comparison, first, loader, kind, loss):
    """5 × 4 points of two random directions, by its set_weights or set_states and eval_loss."""
    options = "" if kind == "weights" else "--dir-type states --target b.h5 --dims 1"
    comparison.run(f"make-dirs --model a.h5 {options} --force --output dirs.h5")
    y = "--y=-0.3:0.6:4" if kind == "weights" else ""
    comparison.run(
        f"eval-grid --model a.h5 --data data.h5 --directions dirs.h5 --x=-0.5:0.5:5 {y} --loss {loss} --force "
        "--output s.h5"
    )
    comparison.run("merge s.h5 --force --output surface.h5")
    # its own reader, on relief's file
    axes = [
        [numpy.asarray(d) for d in axis]
        for axis in net_plotter.load_directions(str(comparison.path("dirs.h5")))
    ]
    criterion = nn.CrossEntropyLoss() if loss == "crossentropy" else nn.MSELoss()
    weights, states = net_plotter.get_weights(first), {
        k: v.clone() for k, v in first.state_dict().items()
    }
    wanted = []
    for v in numpy.linspace(-0.3, 0.6, 4) if y else [None]:
        for u in numpy.linspace(-0.5, 0.5, 5):
            step = [u] if v is None else [u, v]
            if kind == "weights":
                net_plotter.set_weights(first, weights, axes, step if y else u)
            else:
                net_plotter.set_states(first, states, axes, u)
            wanted.append(evaluation.eval_loss(first, criterion, loader))
    net_plotter.set_weights(first, weights)
    first.load_state_dict(states)
    found = [
        metric_of(comparison.path("surface.h5"), name).ravel()
        for name in ("train_loss", "train_acc")
    ]
    name = f"{len(wanted)} points, {kind}, {loss}"
    comparison.row(f"loss: {name}", pointwise(found[0], [point[0] for point in wanted]), 1e-5)
    comparison.row(
        f"accuracy in percent: {name}", abs(found[1] - [point[1] for point in wanted]).max(), 0.1
    )


def files(comparison):
    """A surface as its crunch leaves it, of 3 × 2 points of which one was not computed."""
    losses = numpy.array([[0.5, 1.25], [2.0, -1.0], [1e9, 3.5]])
    with h5py.File(comparison.path("theirs.h5"), "w") as f:
        f["dir_file"] = "dirs.h5"
        f["xcoordinates"], f["ycoordinates"] = numpy.linspace(-1, 1, 3), numpy.linspace(0, 1, 2)
        f["train_loss"], f["train_acc"] = losses, numpy.where(losses < 0, -1, 10.0)
    comparison.run("to-table theirs.h5 --output theirs.npz")
    found = numpy.load(comparison.path("theirs.npz"))["train_loss"].ravel()
    wanted = numpy.where(losses < 0, numpy.nan, losses).ravel()
    comparison.row(
        "values read from its file",
        0 if numpy.array_equal(found, wanted, equal_nan=True) else numpy.nan,
        0,
    )


def main():
    commit = subprocess.run(
        ["git", "-C", TOOL, "log", "-1", "--format=%h of %as"], capture_output=True, text=True
    ).stdout.strip()
    comparison = Comparison(
        f"the Python tool, commit {commit}, in PyTorch {torch.__version__.split('+')[0]}"
    )
    torch.manual_seed(0)
    inputs, labels = torch.randn(EXAMPLES, 3, 32, 32), torch.randint(10, (EXAMPLES,))
    numpy.savez(
        comparison.path("data.npz"), train_inputs=inputs.numpy(), train_targets=labels.numpy()
    )
    comparison.run("import-data npz data.npz --normalize none --output data.h5")
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(inputs, labels), batch_size=25
    )

    first, second = network("resnet20", 2), network("resnet20", 3)
    for name, made in ("a", first), ("b", second):
        save(made, comparison.path(f"{name}.t7"))
        comparison.run(f"import-model --arch resnet20 --checkpoint {name}.t7 --output {name}.h5")
    directions(comparison, net_plotter.get_weights(first))
    targets(comparison, first, second)
    for kind, loss in ("weights", "crossentropy"), ("weights", "mse"), ("states", "crossentropy"):
        surface(comparison, first, loader, kind, loss)
    files(comparison)
    networks(comparison, inputs)
    comparison.end()


main()
