"""Makes layers.tar.gz: recurrent layers and a U-Net as torch.export writes them, data for them, and the mean loss and
accuracy that PyTorch gets: python layers.py

Made with PyTorch 2.13.0 and numpy 2.4.6.
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


class Recurrent(nn.Module):
    """Two layers in both directions, and the last step of them."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer(6, 8, num_layers=2, bidirectional=True, batch_first=True, dropout=0.3)
        self.head = nn.Linear(16, 5)

    def forward(self, x):
        return self.head(self.layer(x)[0][:, -1])


class Double(nn.Sequential):
    def __init__(self, inputs, outputs):
        super().__init__(nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True),
                         nn.Conv2d(outputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class UNet(nn.Module):
    """Down by pooling, up by a transposed convolution and by interpolation, with shortcuts."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.bottom = Double(3, 8), Double(8, 16), Double(16, 32)
        self.up, self.back = nn.ConvTranspose2d(32, 16, 2, 2), Double(32, 16)
        self.out, self.head = Double(24, 8), nn.Conv2d(8, 5, 1)

    def forward(self, x):
        first = self.first(x)
        second = self.second(F.max_pool2d(first, 2))
        bottom = self.bottom(F.max_pool2d(second, 2))
        x = self.back(torch.cat([second, self.up(bottom)], 1))
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        return self.head(self.out(torch.cat([first, x], 1)))


def main():
    torch.manual_seed(0)
    files, expected = {}, {}
    folder = pathlib.Path(tempfile.mkdtemp())
    sequences, classes = torch.randn(12, 7, 6), torch.randint(0, 5, (12,))
    images, masks = torch.randn(6, 3, 16, 16), torch.randint(0, 5, (6, 16, 16))
    for name, model, inputs, targets in (
        ("lstm", Recurrent(nn.LSTM), sequences, classes),
        ("gru", Recurrent(nn.GRU), sequences, classes),
        ("rnn", Recurrent(nn.RNN), sequences, classes),
        ("unet", UNet(), images, masks),
    ):
        with torch.no_grad():
            model(inputs)  # running statistics of one batch
            logits = model.eval()(inputs).double()
        correct = (logits.argmax(1) == targets).double().mean().item()
        expected[name] = [F.cross_entropy(logits, targets).item(), 100 * correct]
        save(torch.export.export(model, (inputs[:3],), dynamic_shapes=(FREE,)), folder / f"{name}.pt2")
        numpy.savez(folder / f"{name}.npz", train_inputs=inputs.numpy(), train_targets=targets.numpy())
        for kind in "pt2", "npz":
            files[f"{name}.{kind}"] = (folder / f"{name}.{kind}").read_bytes()
    files["expected.json"] = json.dumps(expected, indent=1).encode()
    with tarfile.open(HERE / "layers.tar.gz", "w:gz", compresslevel=9) as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


if __name__ == "__main__":
    main()
