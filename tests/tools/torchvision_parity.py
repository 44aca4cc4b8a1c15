"""Compares relief with PyTorch eager on torchvision's classification models, exported with random weights.

    python tests/tools/torchvision_parity.py [MODEL …] > tests/tools/torchvision_parity.md

Needs torch 2.13 and torchvision 0.28, h5py, and `cargo build --release -p import-model` and
`cargo build --release -p torch --example outputs` before. A line of the table: the model, calls and different operators
of its program, and the largest error of its logits relative to the largest of them, at batches of 2 and 3.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import h5py
import numpy
import torch
import torchvision

warnings.filterwarnings("ignore")
ROOT = pathlib.Path(__file__).parents[2]
BIN = ROOT / "target/release"

# side of the images: as small as the model allows, for speed
SIDES = {
    "alexnet": 128, "convnext_tiny": 64, "convnext_small": 64, "densenet121": 64, "densenet161": 64, "densenet169": 64,
    "densenet201": 64, "efficientnet_b0": 64, "efficientnet_b1": 64, "efficientnet_b3": 64, "efficientnet_v2_s": 64,
    "googlenet": 64, "inception_v3": 128, "maxvit_t": 224, "mnasnet0_5": 64, "mnasnet0_75": 64, "mnasnet1_0": 64,
    "mnasnet1_3": 64, "mobilenet_v2": 64, "mobilenet_v3_large": 64, "mobilenet_v3_small": 64, "regnet_x_400mf": 64,
    "regnet_x_800mf": 64, "regnet_x_1_6gf": 64, "regnet_y_400mf": 64, "regnet_y_800mf": 64, "regnet_y_1_6gf": 64,
    "resnet18": 64, "resnet34": 64, "resnet50": 64, "resnet101": 64, "resnext50_32x4d": 64, "wide_resnet50_2": 64,
    "shufflenet_v2_x0_5": 64, "shufflenet_v2_x1_0": 64, "shufflenet_v2_x1_5": 64, "shufflenet_v2_x2_0": 64,
    "squeezenet1_0": 64, "squeezenet1_1": 64, "swin_t": 64, "swin_s": 64, "swin_v2_t": 64, "swin_v2_s": 64,
    "vgg11_bn": 64, "vgg13_bn": 64, "vgg16_bn": 64, "vgg19_bn": 64, "vit_b_16": 224, "vit_b_32": 224,
}


def outputs(model, inputs, folder):
    with h5py.File(folder / "data.h5", "w") as f:
        f["train/inputs"] = inputs.numpy()
        f["train/targets"] = numpy.zeros(len(inputs), "i8")
    command = [BIN / "examples/outputs", model, folder / "data.h5"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    output = json.loads(printed.splitlines()[0])
    return numpy.array(output["values"]).reshape(output["shape"])


def line(name, side, folder):
    torch.manual_seed(0)
    more = {"aux_logits": False, "init_weights": True} if name in ("googlenet", "inception_v3") else {}
    # weights as they are drawn (those too that start as zero, or scale a branch by 1e-6), running statistics of one
    # batch: no model is trivial then
    model = torchvision.models.get_model(name, weights=None, **more)
    for key, parameter in model.named_parameters():
        if key.endswith("layer_scale"):
            torch.nn.init.constant_(parameter, 0.5)
        elif parameter.dim() > 1 and not parameter.any():
            torch.nn.init.normal_(parameter, std=0.02)
    model.train()(torch.randn(8, 3, side, side))
    model.eval()
    exported = torch.export.export(
        model, (torch.randn(2, 3, side, side),), dynamic_shapes=({0: torch.export.Dim.AUTO},))
    torch.export.save(exported, folder / "model.pt2")
    subprocess.run([BIN / "import-model", "--program", folder / "model.pt2", "--output", folder / "model.h5", "--force",
                    "--quiet"], check=True)
    with h5py.File(folder / "model.h5") as f:
        nodes = json.loads(f["program"].asstr()[()])["nodes"]
    errors = []
    for batch in (2, 3):
        inputs = torch.randn(batch, 3, side, side)
        with torch.no_grad():
            wanted = model(inputs).double().numpy()
        found = outputs(folder / "model.h5", inputs, folder)
        assert found.shape == wanted.shape, (found.shape, wanted.shape)
        errors.append(abs(found - wanted).max() / abs(wanted).max())
    calls = f"{len(nodes)} | {len({node['op'] for node in nodes})}"
    return f"| {name} | {side} | {calls} | {errors[0]:.1e} | {errors[1]:.1e} |", max(errors)


def main():
    torch.set_num_threads(1)
    names = sys.argv[1:] or sorted(SIDES)
    print(f"PyTorch {torch.__version__.split('+')[0]}, torchvision {torchvision.__version__.split('+')[0]}; made by "
          "`tests/tools/torchvision_parity.py`.\n")
    print("| model | image | calls | operators | error, batch 2 | error, batch 3 |\n|---|---|---|---|---|---|")
    worst = 0
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            try:
                row, error = line(name, SIDES[name], pathlib.Path(folder))
            except subprocess.CalledProcessError as failed:
                row, error = f"| {name} | failed: {failed.stderr} |", float("inf")
        print(row, flush=True)
        worst = max(worst, error if error == error else float("inf"))
    print(f"\n{len(names)} models; largest error {worst:.1e}, allowed 1e-4.")
    sys.exit(int(worst > 1e-4))


main()
