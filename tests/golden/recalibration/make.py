"""Running statistics after PyTorch's update_bn, for `stages/lib/torch/tests/recalibration.rs`.

    python make.py > statistics.json        # needs PyTorch and numpy; made with PyTorch 2.13.0

A ResNet-20 with the weights of `../zoo/make.py` at five points of a plane, whose directions are formulas too.
`torch.optim.swa_utils.update_bn` runs it on 12 examples in batches of 4; then the loss of the first two is measured.
"""

import json
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "zoo"))
from make import uniform, value, zoo  # noqa: E402

POINTS = [(0, 0), (0.5, 0), (-0.5, 0.25), (1, 1), (0, -0.75)]
LAYERS = ["bn1", "layer1.0.bn2", "layer3.2.bn2"]


def main():
    torch.set_num_threads(1)
    _, network = next(zoo())
    state = network.state_dict()
    origin, directions = {}, [{}, {}]
    for entry, (key, tensor) in enumerate(state.items()):
        if not tensor.is_floating_point():
            continue
        origin[key] = value(entry, key, tuple(tensor.shape))
        if tensor.dim() > 1:
            for axis, offset in enumerate((1000, 2000)):
                directions[axis][key] = value(entry + offset, key, tuple(tensor.shape)) * 0.3
    images = ((uniform(1_000_000, 12 * 3 * 32 * 32) - 0.5) * 4).astype("f4").reshape(12, 3, 32, 32)
    images = torch.from_numpy(images)
    found = []
    for x, y in POINTS:
        for key, tensor in origin.items():
            moved = tensor.double()
            for step, direction in zip((x, y), directions):
                if key in direction:
                    moved = moved + step * direction[key].double()
            state[key].copy_(moved.float())
        torch.optim.swa_utils.update_bn(torch.split(images, 4), network)
        with torch.no_grad():
            logits = network.eval()(images[:2]).double()
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor([3, 7]))
        statistics = {}
        for layer in LAYERS:
            for name in ("running_mean", "running_var"):
                values = state[f"{layer}.{name}"]
                statistics[f"{layer}.{name}"] = [float(f"{value:.9g}") for value in values]
        found.append({"x": x, "y": y, "loss": float(loss), "statistics": statistics})
    print("[" + ",\n".join(json.dumps(point) for point in found) + "]")


if __name__ == "__main__":
    main()
