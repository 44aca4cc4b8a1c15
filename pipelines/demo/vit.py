"""Trains the small vision transformer of pipelines/demo/vit.pt2 on Fashion-MNIST: python vit.py FASHION-MNIST.h5

The data are those of the README's command (import-data idx … --classes fashion-mnist). Made with PyTorch 2.13.0.
"""

import pathlib
import sys
import zipfile

import h5py
import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).resolve().parent


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        n, t, c = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        x = x + self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, c))
        return x + self.mlp(self.norm2(x))


class Vit(nn.Module):
    def __init__(self, width=32, depth=3, heads=4):
        super().__init__()
        self.patch = nn.Conv2d(1, width, 4, 4)
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.place = nn.Parameter(0.02 * torch.randn(1, 50, width))
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(depth)])
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 10)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.place
        return self.head(self.norm(self.blocks(x)[:, 0]))


def main():
    torch.manual_seed(0)
    with h5py.File(sys.argv[1]) as f:
        data = {split: (f[f"{split}/inputs"][:], f[f"{split}/targets"][:]) for split in ("train", "test")}
        mean, std = f.attrs["mean"], f.attrs["std"]
    data = {
        split: ((torch.from_numpy(x).float() / 255 - float(mean[0])) / float(std[0]), torch.from_numpy(y))
        for split, (x, y) in data.items()
    }
    (inputs, targets), (test, wanted) = data["train"], data["test"]
    model, epochs, batch = Vit(), 5, 100
    steps = epochs * len(inputs) // batch
    optimizer = torch.optim.AdamW(model.parameters(), 2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    for epoch in range(epochs):
        for chosen in torch.randperm(len(inputs)).split(batch):
            loss = F.cross_entropy(model(inputs[chosen]), targets[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        with torch.no_grad():
            right = torch.cat([model(part).argmax(1) for part in test.split(1000)]) == wanted
        print(f"epoch {epoch + 1}: loss {loss.item():.3f}, {100 * right.double().mean():.2f} % of the test set right", flush=True)
    program = torch.export.export(model.eval(), (test[:7].clone(),), dynamic_shapes=({0: torch.export.Dim.AUTO},))
    torch.export.save(program, HERE / "vit.pt2")
    # without the names of this machine's folders, which stack traces hold
    with zipfile.ZipFile(HERE / "vit.pt2") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(HERE / "vit.pt2", "w") as archive:
        for name, content in entries.items():
            for folder in (f"{pathlib.Path(torch.__file__).parents[1]}", f"{HERE}/"):
                content = content.replace(folder.encode(), b"site-packages" if "packages" in folder else b"")
            archive.writestr(zipfile.ZipInfo(name), content)


main()
