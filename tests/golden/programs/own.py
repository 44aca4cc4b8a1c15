"""Makes own.tar.gz: programs as people export their own models, data for them, and what PyTorch makes of them: python own.py

Made with PyTorch 2.13.0 and numpy 2.4.6. expected.json in the archive holds mean losses and, where there is one,
accuracies; of `filters`, the norms of the filters of each weight along the axis of its outputs.
"""

import io
import json
import pathlib
import tarfile
import tempfile
import warnings

import numpy
import torch
from torch import nn
from torch.nn import functional as F

from make import save

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).resolve().parent
FREE = {0: torch.export.Dim.AUTO}


class Block(nn.Module):
    """What half precision meets in language models: norms and positions in f32, a mask of the least number, an assertion
    on a type (`to`)."""

    def __init__(self):
        super().__init__()
        self.tokens, self.qkv = nn.Embedding(31, 16), nn.Linear(16, 48, bias=False)
        self.norm, self.head = nn.Parameter(torch.rand(16) + 0.5), nn.Linear(16, 31)
        self.layer_norm = nn.LayerNorm(16)
        self.register_buffer("frequencies", 1 / 10 ** torch.arange(0, 1, 1 / 8), persistent=False)

    def forward(self, tokens):
        x = self.tokens(tokens)
        wide = x.to(torch.float32)
        x = self.norm * (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + 1e-6)).to(x.dtype)
        angles = torch.arange(tokens.shape[1])[:, None].float() * self.frequencies.float()
        turn = torch.cat([angles.cos(), angles.sin()], 1).to(x.dtype)
        q, k, v = self.qkv(x * turn).chunk(3, -1)
        scores = q @ k.transpose(1, 2)
        later = torch.ones(tokens.shape[1], tokens.shape[1], dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later, torch.finfo(scores.dtype).min)
        mixed = torch.softmax(scores, -1, dtype=torch.float32).to(v.dtype) @ v
        return self.head(self.layer_norm(x + mixed))


class Normalised(nn.Module):
    """Convolutions that are fused with what follows, by every kind of kernel."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([
            nn.Sequential(nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)),
            nn.Sequential(nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)),
            nn.Sequential(nn.Conv2d(16, 16, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(16)),
            nn.Sequential(nn.Conv2d(16, 16, 1, bias=False), nn.BatchNorm2d(16)),
        ])
        self.head = nn.Linear(16, 5)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).relu()
        return self.head(x.mean((2, 3)))


class InPlace(nn.Module):
    """Writes into copies that casts made."""

    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(6, 8), nn.Linear(8, 4)

    def forward(self, x):
        x = self.body(x)
        wide = x.float()
        wide -= wide.mean(1, keepdim=True)
        wide *= 3
        return self.head(x + wide.to(x.dtype))


class Rotary(nn.Module):
    """Arithmetic in f32 by name with numbers beyond half precision."""

    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(6, 8), nn.Linear(8, 4)

    def forward(self, x):
        frequencies = 1e6 ** (-torch.arange(8, dtype=torch.float32) / 8)
        x = self.body(x).tanh()
        wide = x.float() * 1e6
        return self.head((wide * frequencies / 1e6 * 3).to(x.dtype))


class Distance(nn.Module):
    """A loss of its own on targets that half precision cannot hold."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(6, 3)

    def forward(self, inputs, targets):
        return (self.body(inputs).float().sum(1) - targets).abs()


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(6, 8), nn.Linear(8, 4)

    def forward(self, x):
        return self.head(torch.tanh(self.body(x)))


class WithLoss(nn.Module):
    """The README's."""

    def __init__(self, model, reduction):
        super().__init__()
        self.model, self.reduction = model, reduction

    def forward(self, inputs, targets):
        return F.cross_entropy(self.model(inputs), targets, reduction=self.reduction)


class Several(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model, self.aux = model, nn.Linear(6, 4)

    def forward(self, x):
        out = self.model(x)
        return {"aux": self.aux(x), "out": out, "loss": out.square().mean()}


class Random(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(6, 4)

    def forward(self, x):
        return self.linear(x + 0.1 * torch.randn_like(x))


class Segment(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 5, 3, padding=1)

    def forward(self, x):
        return self.conv(x)


class Energy(nn.Module):
    """A loss without targets."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(6, 3)

    def forward(self, x):
        return self.body(x).square().mean(1)


class Conv1D(nn.Module):
    """GPT-2's layer: weight [in, out]."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.randn(inputs, outputs)), nn.Parameter(torch.randn(outputs))

    def forward(self, x):
        return torch.addmm(self.bias, x.view(-1, x.shape[-1]), self.weight).view(*x.shape[:-1], -1)


class Filters(nn.Module):
    """Layers whose outputs lie along different axes of their weights."""

    def __init__(self):
        super().__init__()
        self.linear, self.conv1d = nn.Linear(6, 8), Conv1D(8, 12)
        self.up = nn.ConvTranspose2d(4, 6, 3, groups=2)
        self.conv = nn.Conv2d(6, 5, 3)
        self.product = nn.Parameter(torch.randn(5, 4))

    def forward(self, x):
        x = self.conv1d(self.linear(x)).view(-1, 4, 1, 3)
        return self.conv(self.up(x)).mean((2, 3)) @ self.product


class Cond(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(6, 4)

    def forward(self, x):
        return torch.cond(x.sum() > 0, lambda x: x + 1, lambda x: x - 1, (self.linear(x),))


class Autocast(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(6, 4)

    def forward(self, x):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.linear(x)


class Complex(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(6, 4, dtype=torch.complex64))

    def forward(self, x):
        return (x.to(torch.complex64) @ self.weight).abs()


def losses(logits, targets):
    logits = logits.double()
    correct = logits.argmax(1) == targets
    return F.cross_entropy(logits, targets).item(), 100 * correct.double().mean().item()


def main():
    torch.manual_seed(0)
    files, expected = {}, {}
    folder = pathlib.Path(tempfile.mkdtemp())

    def export(name, model, inputs, decompose=False):
        exported = torch.export.export(model.eval(), inputs, dynamic_shapes=tuple(FREE for _ in inputs))
        exported = exported.run_decompositions({}) if decompose else exported
        save(exported, folder / f"{name}.pt2")
        files[f"{name}.pt2"] = (folder / f"{name}.pt2").read_bytes()

    def keep(name, write):
        write(folder / name)
        files[name] = (folder / name).read_bytes()

    n = 20
    tokens, next_tokens = torch.randint(0, 31, (n, 9)), torch.randint(0, 31, (n, 9))
    keep("tokens.npz", lambda path: numpy.savez(path, train_inputs=tokens.numpy(), train_targets=next_tokens.numpy()))
    block = Block()
    # bf16 first rounds the weights, so that both evaluate the same ones
    block = block.to(torch.bfloat16).float().eval()
    export("block-f32", block, (tokens[:3],))
    with torch.no_grad():
        expected["block-f32"] = losses(block(tokens).flatten(0, 1), next_tokens.flatten())
        block = block.to(torch.bfloat16)
        export("block-bf16", block, (tokens[:3],))
        expected["block-bf16"] = losses(block(tokens).flatten(0, 1), next_tokens.flatten())

    inputs, classes = torch.randn(n, 6), torch.randint(0, 4, (n,))
    keep("plain.npz", lambda path: numpy.savez(
        path, train_inputs=inputs[:12].numpy(), train_targets=classes[:12].numpy().astype("u1"),
        val_inputs=inputs[12:].numpy(), val_targets=classes[12:].numpy().astype("i4")))
    plain = Plain()
    export("plain", plain, (inputs[:3],))
    export("wrapped", WithLoss(plain, "none"), (inputs[:3], classes[:3]))
    export("scalar", WithLoss(plain, "mean"), (inputs[:3], classes[:3]))
    export("several", Several(plain), (inputs[:3],))
    for value in plain.parameters():
        value.data.normal_()
    state = plain.state_dict()
    keep("other.pt", lambda path: torch.save(state, path))
    lightning = {f"net.{key}": value for key, value in state.items()}
    keep("lightning.ckpt", lambda path: torch.save({"state_dict": lightning, "epoch": 3}, path))
    averaged = lightning | {f"ema.{key}": value + 1 for key, value in state.items()}
    keep("averaged.ckpt", lambda path: torch.save({"state_dict": averaged}, path))
    with torch.no_grad():
        expected["plain-train"] = losses(plain(inputs[:12]), classes[:12])
        expected["plain-val"] = losses(plain(inputs[12:]), classes[12:])

    export("random", Random(), (inputs[:3],))
    export("cond", Cond(), (inputs[:3],))
    export("autocast", Autocast(), (inputs[:3],))
    export("autocast-decomposed", Autocast(), (inputs[:3],), decompose=True)
    export("complex", Complex(), (inputs[:3],))

    in_place, rotary = InPlace(), Rotary()
    for name, model in (("in-place", in_place), ("rotary", rotary)):
        for dtype in (torch.float32, torch.bfloat16, torch.float16):
            short = str(dtype).removeprefix("torch.")
            model = model.to(dtype).eval()
            export(f"{name}-{short}", model, (inputs[:3].to(dtype),))
            with torch.no_grad():
                expected[f"{name}-{short}"] = losses(model(inputs[:12].to(dtype)), classes[:12])
        model = model.float()

    distance = Distance()
    far = torch.randn(n) * 1e6
    keep("distance.npz", lambda path: numpy.savez(path, train_inputs=inputs.numpy(), train_targets=far.numpy()))
    export("distance", distance, (inputs[:3], far[:3]))
    with torch.no_grad():
        expected["distance"] = [distance(inputs, far).double().mean().item()]

    normalised = Normalised()
    export("normalised", normalised, (torch.randn(3, 3, 8, 8),))
    pictures = torch.randn(6, 3, 8, 8)
    keep("pictures.npz", lambda path: numpy.savez(
        path, train_inputs=pictures.numpy(), train_targets=torch.randint(0, 5, (6,)).numpy()))

    images, masks = torch.randn(n, 3, 6, 5), torch.randint(0, 5, (n, 6, 5))
    keep("segment.npz", lambda path: numpy.savez(path, train_inputs=images.numpy(), train_targets=masks.numpy()))
    # as wide as it has classes: shapes do not tell which axis is which
    keep("open.npz", lambda path: numpy.savez(path, train_inputs=images[..., :5, :].numpy(),
                                              train_targets=masks[..., :5, :].numpy()))
    segment = Segment()
    free = ({0: torch.export.Dim.AUTO, 2: torch.export.Dim.AUTO},)
    save(torch.export.export(segment.eval(), (images[:3],), dynamic_shapes=free), folder / "segment.pt2")
    files["segment.pt2"] = (folder / "segment.pt2").read_bytes()
    with torch.no_grad():
        expected["segment"] = losses(segment(images), masks)
        square = segment(images[..., :5, :])
        expected["open-1"] = losses(square, masks[..., :5, :])
        expected["open-last"] = losses(square.movedim(3, 1), masks[..., :5, :])

    energy = Energy()
    export("energy", energy, (inputs[:3],))
    keep("energy.npz", lambda path: numpy.savez(path, train_inputs=inputs.numpy()))
    with torch.no_grad():
        expected["energy"] = [energy(inputs).double().mean().item()]

    filters = Filters()
    export("filters", filters, (inputs[:3],))
    grouped = filters.up.weight.detach().view(2, 2, 3, 3, 3)
    norms = {
        "linear.weight": torch.linalg.vector_norm(filters.linear.weight, dim=1),
        "conv1d.weight": torch.linalg.vector_norm(filters.conv1d.weight, dim=0),
        "up.weight": torch.linalg.vector_norm(grouped, dim=(1, 3, 4)),
        "conv.weight": torch.linalg.vector_norm(filters.conv.weight, dim=(1, 2, 3)),
        "product": torch.linalg.vector_norm(filters.product, dim=0),
    }
    expected["filters"] = {name: norm.detach().flatten().tolist() for name, norm in norms.items()}

    files["expected.json"] = json.dumps(expected, indent=1).encode()
    with tarfile.open(HERE / "own.tar.gz", "w:gz", compresslevel=9) as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


main()
