"""Writes the checkpoints here and what they hold, expected.json, with PyTorch 2.13: python make.py

All are of ResNet-20 (3 channels, 10 classes). To keep them small, most tensors are one element, expanded.
"""

import json
import os
from collections import OrderedDict

import torch

torch.manual_seed(20)
torch.set_default_dtype(torch.float64)


def shapes():
    yield "conv1.weight", (16, 3, 3, 3)
    yield from norm("bn1", 16)
    width = 16
    for stage, out in enumerate((16, 32, 64), 1):
        for block in range(3):
            name = f"layer{stage}.{block}"
            yield f"{name}.conv1.weight", (out, width, 3, 3)
            yield from norm(f"{name}.bn1", out)
            yield f"{name}.conv2.weight", (out, out, 3, 3)
            yield from norm(f"{name}.bn2", out)
            if width != out:
                yield f"{name}.shortcut.0.weight", (out, width, 1, 1)
                yield from norm(f"{name}.shortcut.1", out)
            width = out
    yield "linear.weight", (10, 64)
    yield "linear.bias", (10,)


def norm(name, size):
    for part in ("weight", "bias", "running_mean", "running_var"):
        yield f"{name}.{part}", (size,)
    yield f"{name}.num_batches_tracked", ()


def state(dtype, counts=torch.int64, counted=True, shared=True):
    """Expanded elements, of one storage for each type or of a storage each."""
    names = [(name, shape) for name, shape in shapes() if counted or not name.endswith("tracked")]
    values, numbers = torch.randn(len(names)).to(dtype), torch.arange(len(names)).to(counts)
    tensors = OrderedDict()
    for index, (name, shape) in enumerate(names):
        element = (numbers if name.endswith("tracked") else values)[index]
        tensors[name] = (element if shared else element.clone()).expand(shape)
    return tensors


def strided():
    tensors = state(torch.float32)
    tensors["conv1.weight"] = torch.randn(3, 3, 16, 3, dtype=torch.float32).permute(2, 3, 0, 1)
    tensors["linear.weight"] = torch.randn(64, 30, dtype=torch.float32).t()[5:25:2]
    of_all = torch.randn(100, dtype=torch.float32)
    tensors["bn1.weight"], tensors["bn1.bias"] = of_all[10:26], of_all[20:52:2]
    tensors["bn1.running_mean"] = torch.nn.Parameter(of_all[:16])
    return tensors


def prefixed(tensors, prefix="module."):
    return OrderedDict((prefix + name, tensor) for name, tensor in tensors.items())


expected = {}


def save(name, tensors, wrap=lambda tensors: tensors, cuda=False, **options):
    here = os.path.dirname(os.path.abspath(__file__))
    location = (lambda storage: "cuda:0") if cuda else (lambda storage: None)
    torch.serialization.register_package(0, location, lambda storage, location: None)
    torch.save(wrap(tensors), os.path.join(here, name), **options)
    torch.serialization._package_registry.pop(0)
    expected[name] = {}
    for key, tensor in tensors.items():
        key = key.replace("module.", "").replace("_orig_mod.", "")
        if tensor.dtype in (torch.float16, torch.bfloat16):
            tensor = tensor.float()
        if key.endswith("tracked"):
            tensor = tensor.long()
        values = tensor.flatten().tolist()
        values = values[:1] if len(set(values)) == 1 else values
        expected[name][key] = [str(tensor.dtype).removeprefix("torch."), list(tensor.shape), values]


old = {"_use_new_zipfile_serialization": False}
save("float.pt", state(torch.float32, shared=False))
save("float.t7", prefixed(state(torch.float32, counted=False, shared=False)),
     wrap=lambda state: {"acc": 93.5, "epoch": 300, "seed": 2**63 + 5, "state_dict": state}, cuda=True, **old)
save("half.pt", prefixed(state(torch.float16, torch.int32), "module._orig_mod."),
     wrap=lambda state: {"net": state, "best": torch.tensor(1.0), "shape": torch.Size([1, 2])}, cuda=True)
save("double.t7", state(torch.float64, torch.int16), wrap=dict, **old)
save("bfloat16.pt", state(torch.bfloat16, torch.uint8),
     wrap=lambda state: {"ema": dict(state, extra=torch.zeros(1)), "model": state, "args": {"lr": 0.1}},
     pickle_protocol=4)
save("strided.pt", strided())
save("strided.t7", strided(), **old)

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected.json"), "w") as f:
    files = [f'"{name}": {{\n' + ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in keys.items())
             + "\n}" for name, keys in expected.items()]
    f.write("{" + ",\n".join(files) + "}\n")
