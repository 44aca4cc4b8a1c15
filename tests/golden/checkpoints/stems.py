"""Makes stems.tar.gz: one tiny file of torch.save and of torch.export.save for each length of a name's stem: python stems.py

Made with PyTorch 2.13.0. The names of the entries of these archives begin with the stem, and their trailers differ with
its length: readers that guess where an archive starts go wrong for some lengths.
"""

import io
import pathlib
import tarfile
import tempfile

import torch
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent


def main():
    torch.manual_seed(0)
    model = nn.Linear(1, 1).eval()
    exported = torch.export.export(model, (torch.ones(2, 1),), dynamic_shapes=({0: torch.export.Dim.AUTO},))
    with tempfile.TemporaryDirectory() as folder, tarfile.open(HERE / "stems.tar.gz", "w:gz", compresslevel=9) as tar:
        for length in range(1, 41):
            stem = ("checkpoint_epoch_" + "0123456789" * 3)[:length]
            for suffix, save in (("pt", lambda path: torch.save(model.state_dict(), path)),
                                 ("pt2", lambda path: torch.export.save(exported, path))):
                path = pathlib.Path(folder) / f"{stem}.{suffix}"
                save(str(path))
                content = path.read_bytes()
                entry = tarfile.TarInfo(path.name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))


main()
