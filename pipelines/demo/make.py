"""Cuts the demo's subset out of Fashion-MNIST: the first 1,000 training and 500 test images, as gzipped IDX.

    python3 make.py FOLDER      # with the four files of Fashion-MNIST, e.g. from Debian's dataset-fashion-mnist
"""

import gzip
import pathlib
import struct
import sys

here = pathlib.Path(__file__).parent
source = pathlib.Path(sys.argv[1])
for split, count in [("train", 1000), ("t10k", 500)]:
    for what, header, size in [("images-idx3", 16, 784), ("labels-idx1", 8, 1)]:
        name = f"{split}-{what}-ubyte.gz"
        data = gzip.open(source / name).read()
        cut = data[:4] + struct.pack(">I", count) + data[8:header] + data[header : header + count * size]
        (here / name).write_bytes(gzip.compress(cut, 9, mtime=0))
