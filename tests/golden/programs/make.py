"""Small exported programs, data for them, and what PyTorch makes of them: python make.py

Made with PyTorch 2.13.0, numpy 2.4.6, safetensors 0.8. NAME.pt2 is the program with weights A, NAME.npz the data, and
weights B lie in a checkpoint; expected.json holds loss and accuracy (or metric) at A + t (B - A) for t = 0, 1/2, 1, where
parameters move and buffers stay.

The two older layouts of the archive: `python make.py vit` with PyTorch 2.6.0 made vit-2.6.pt2 and its expected loss and
accuracy, `python make.py gpt` with 2.8.0 gpt-2.8.pt2.
"""

import json
import pathlib
import sys
import warnings
import zipfile

import numpy
import torch
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).resolve().parent
AUTO = torch.export.Dim.AUTO


class Cnn(nn.Module):
    """Batch normalisation, dropout, a branch without gradients, and a counter that forward changes in place."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8)
        self.drop, self.linear = nn.Dropout(0.5), nn.Linear(8, 5)
        self.register_buffer("calls", torch.zeros(1))
        self.register_buffer("gain", torch.tensor([1, 3], dtype=torch.int32))

    def forward(self, x):
        self.calls.add_(1)
        x = F.relu_(self.norm(self.conv(x)))
        with torch.no_grad():
            level = x.mean() * 0 + self.gain.sum() / 4 * self.calls
        return self.linear(self.drop(x.mean((2, 3)) * level))


class Attention(nn.Module):
    def __init__(self, width, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        n, t, c = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal, dropout_p=0.1 if self.training else 0.0)
        x = x + self.out(a.transpose(1, 2).reshape(n, t, c))
        return x + self.mlp(self.norm2(x))


class Vit(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(1, 16, 4, 4)
        self.token, self.place = nn.Parameter(torch.randn(1, 1, 16)), nn.Parameter(torch.randn(1, 17, 16))
        self.blocks = nn.Sequential(Attention(16, 2, False), Attention(16, 2, False))
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.place
        return self.head(self.blocks(x)[:, 0])


class Gpt(nn.Module):
    """Tied weights, a mask that is no part of the state_dict, free length."""

    def __init__(self):
        super().__init__()
        self.tokens, self.places = nn.Embedding(23, 16), nn.Embedding(12, 16)
        self.block = Attention(16, 4, True)
        self.head = nn.Linear(16, 23, bias=False)
        self.head.weight = self.tokens.weight
        self.register_buffer("known", torch.arange(12) < 10, persistent=False)

    def forward(self, tokens):
        places = torch.arange(tokens.shape[1], device=tokens.device)
        known = self.known[: tokens.shape[1]].masked_fill(places < 0, False)
        x = self.tokens(tokens) + torch.where(known[:, None], self.places(places), 0.0)
        return self.head(self.block(x))


class Mlp(nn.Module):
    """Two named inputs, f64."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(5, 16), nn.Tanh(), nn.Linear(16, 2))

    def forward(self, position, time):
        return self.layers(torch.cat([position, time], 1))


class Physics(nn.Module):
    """The residual of u'' = -u at points, by autograd's own rules written out: the loss is the program's."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = (nn.Parameter(torch.randn(8)) for _ in range(3))

    def forward(self, x, u):
        s = torch.tanh(x[:, None] * self.a + self.b)
        found = (s * self.c).sum(1)
        bent = (-2 * s * (1 - s * s) * self.a**2 * self.c).sum(1)
        return (bent + found) ** 2 + (found - u) ** 2, (found - u).abs()


def loss_of(name, outputs, targets):
    """Loss and accuracy or metric."""
    if name == "physics":
        return outputs[0].double().mean(), outputs[1].double().mean()
    if name == "mlp":
        return F.mse_loss(outputs, targets), None
    logits, targets = outputs.double().flatten(0, -2), targets.flatten()
    kept = targets != -100
    return F.cross_entropy(logits, targets), 100 * (logits.argmax(1) == targets)[kept].double().mean()


def evaluate(model, name, inputs, targets):
    model.eval()
    if name == "cnn":
        model.calls.zero_()
    with torch.no_grad():
        outputs = model(*inputs, *([targets] if name == "physics" else []))
        return [None if value is None else float(value) for value in loss_of(name, outputs, targets)]


def save(exported, path):
    """Saves a program without the names of this machine's folders, which its stack traces hold."""
    torch.export.save(exported, path)
    packages = pathlib.Path(torch.__file__).parents[1]
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            content = content.replace(f"{packages}".encode(), b"site-packages") if name.endswith(".json") else content
            archive.writestr(zipfile.ZipInfo(name), content.replace(f"{HERE}/".encode(), b""))


def main():
    torch.manual_seed(0)
    n = 21
    data = {
        "cnn": (Cnn(), {"": torch.randint(0, 256, (n, 3, 10, 10), dtype=torch.uint8)}, torch.randint(0, 5, (n,))),
        "vit": (Vit(), {"": torch.randn(n, 1, 16, 16)}, torch.randint(0, 4, (n,))),
        "gpt": (Gpt(), {"": torch.randint(0, 23, (n, 12))}, torch.randint(0, 23, (n, 12))),
        "mlp": (Mlp().double(), {"time": torch.randn(n, 2).double(), "position": torch.randn(n, 3).double()},
                torch.randn(n, 2).double()),
        "physics": (Physics(), {"x": torch.randn(n)}, torch.randn(n)),
    }
    data["gpt"][2][:, :3] = -100
    expected = {}
    for name, (model, inputs, targets) in data.items():
        if name == "cnn":
            model.norm.running_mean.normal_()
            model.norm.running_var.uniform_(0.5, 2)
        files = {"train_targets": targets.numpy()}
        files |= {f"train_inputs_{key}".rstrip("_"): value.numpy() for key, value in inputs.items()}
        numpy.savez_compressed(HERE / f"{name}.npz", **files)
        fed = [inputs[""]] if "" in inputs else [inputs[key] for key in ("position", "time", "x") if key in inputs]
        if name == "cnn":
            fed = [(fed[0] / 255 - 0.5) / 0.25]
        arguments = fed + ([targets] if name == "physics" else [])
        # the MLP for batches of 7 alone, the others for any; the CNN as it is in training
        example = tuple(argument[:7] for argument in arguments)
        dynamic = None if name == "mlp" else tuple({0: AUTO} for _ in arguments)
        exported = torch.export.export(model.train(name == "cnn"), example, dynamic_shapes=dynamic)
        save(exported, HERE / f"{name}.pt2")
        a = {key: value.clone() for key, value in model.named_parameters()}
        b = {key: value + 0.3 * torch.randn_like(value) for key, value in a.items()}
        for key, value in model.named_parameters():
            value.data.copy_(b[key])
        if name in ("cnn", "gpt"):
            torch.save({"model": model.state_dict(), "epoch": 3}, HERE / f"{name}-b.pt")
        elif name == "vit":
            from safetensors.torch import save_file

            save_file({k: v.contiguous() for k, v in model.state_dict().items()}, HERE / "vit-b.safetensors")
        else:
            numpy.savez(HERE / f"{name}-b.npz", **{key: value.numpy() for key, value in model.state_dict().items()})
        expected[name] = []
        for t in (0, 0.5, 1):
            for key, value in model.named_parameters():
                value.data.copy_(a[key] + t * (b[key] - a[key]))
            expected[name].append(evaluate(model, name, fed, targets))
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


def older(name):
    """The program NAME in the layout of this PyTorch."""
    torch.manual_seed(0)
    model = {"vit": Vit, "gpt": Gpt}[name]().eval()
    data = numpy.load(HERE / f"{name}.npz")
    inputs, targets = torch.from_numpy(data["train_inputs"]), torch.from_numpy(data["train_targets"])
    layout = ".".join(torch.__version__.split(".")[:2])
    save(torch.export.export(model, (inputs[:7],), dynamic_shapes=({0: AUTO},)), HERE / f"{name}-{layout}.pt2")
    expected = json.dumps(evaluate(model, name, [inputs], targets))
    (HERE / f"expected-{layout}.json").write_text(expected + "\n")


if __name__ == "__main__":
    older(sys.argv[1]) if sys.argv[1:] else main()
