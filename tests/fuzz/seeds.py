"""Files to start from: python3 seeds.py CORPUS makes a folder of them for each target. They are the goldens, and small
data sets and a config that are made here."""

import gzip
import io
import json
import pathlib
import pickle
import struct
import sys
import tarfile
import zipfile
import zlib

TESTS = pathlib.Path(__file__).resolve().parents[1]
GOLDEN = TESTS / "golden"
CORPUS = pathlib.Path(sys.argv[1])


def seed(target, name, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def goldens():
    for path in sorted(GOLDEN.glob("pickles/*.pkl")):
        seed("pickle", path.name, path.read_bytes())
    files = sorted([*GOLDEN.glob("checkpoints/*.*t*"), *GOLDEN.glob("programs/*.*t*"), *GOLDEN.glob("programs/*.npz")])
    for path in files:
        target = {".pt2": "exported", ".pt": "torch", ".t7": "torch"}.get(path.suffix, path.suffix[1:])
        if path.suffix in (".pt", ".t7", ".pt2", ".safetensors", ".npz"):
            seed(target, path.name, path.read_bytes())
        if path.suffix == ".pt":
            archive = zipfile.ZipFile(path)
            name = next(name for name in archive.namelist() if name.endswith("data.pkl"))
            seed("pickle", path.name, archive.read(name))
    seed("safetensors", "index.json", b'{"weight_map": {"a": "a.safetensors"}}')


def safetensors():
    """A tensor of each element type."""
    sizes = {"BOOL": 1, "U8": 1, "I8": 1, "I16": 2, "F16": 2, "BF16": 2, "I32": 4, "F32": 4, "I64": 8, "F64": 8}
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for dtype, size in sizes.items():
        header[dtype] = {"dtype": dtype, "shape": [2, 1], "data_offsets": [end, end + 2 * size]}
        end += 2 * size
    text = json.dumps(header).encode()
    seed("safetensors", "dtypes.safetensors", struct.pack("<Q", len(text)) + text + bytes(end))


def programs():
    """Programs as model.h5 holds them, with layers that are folded, fused and rewritten."""
    node = lambda op, outputs, **args: {"op": op, "args": args, "outputs": outputs}
    value, state = lambda name: {"value": name}, lambda name: {"state": name}
    convolution = {"weight": state("conv.weight"), "padding": {"ints": [1, 1]}, "stride": {"ints": [1, 1]}}
    norm = {key: state(f"bn.{key}") for key in ("weight", "bias", "running_mean", "running_var")}
    norm |= {"training": {"bool": False}, "momentum": {"float": 0.1}, "eps": {"float": 1e-05}}
    nodes = [
        node("aten::conv2d", ["a"], input=value("input"), bias={"none": None}, **convolution),
        node("aten::batch_norm", ["b"], input=value("a"), **norm),
        node("aten::relu", ["c"], self=value("b")),
        node("aten::add.Tensor", ["d"], self=value("c"), other=value("a")),
        node("aten::relu_", ["e"], self=value("d")),
        node("aten::sym_size.int", ["n"], self=value("input"), dim={"int": 0}),
        node("operator::mul", ["m"], a=value("n"), b={"int": 2}),
        node("aten::to.dtype", ["h"], self=value("e"), dtype={"int": 15}),
        node("aten::split.Tensor", ["s", "t"], self=value("h"), split_size={"int": 4}, dim={"int": 1}),
        node("aten::cat", ["u"], tensors={"list": [value("s"), value("t")]}, dim={"int": 1}),
        node("aten::pad", ["p"], self=value("u"), pad={"ints": [1, 1]}, mode={"string": "reflect"}),
        node("aten::einsum", ["f"], equation={"string": "ij,kj->ik"}, tensors={"list": [value("p"), state("fc.w")]}),
        node("aten::full", ["g"], size={"ints": [2]}, fill_value={"float": "-Infinity"}, device={"device": None}),
        node("aten::linear", ["y"], input=value("f"), weight=state("fc.weight"), bias={"none": None}),
    ]
    program = {
        "version": 1,
        "inputs": [{"name": "input", "shape": [None, 3, 8, 8], "dtype": "f32"}],
        "nodes": nodes,
        "outputs": ["y", "g"],
        "output_names": ["logits", "g"],
    }
    seed("program", "layers.json", json.dumps(program).encode())
    small = {**program, "nodes": nodes[-1:], "outputs": ["y"], "output_names": []}
    small["nodes"][0]["args"]["input"] = value("input")
    seed("program", "linear.json", json.dumps(small).encode())


def png(width, height, colour, rows, interlaced=0):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, interlaced)
    chunks = [chunk(b"IHDR", header)]
    if colour == 3:
        chunks.append(chunk(b"PLTE", bytes(range(12))))
    chunks += [chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def images():
    for colour, channels in {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.items():
        rows = b"".join(bytes([k % 5]) + bytes(range(4 * channels)) for k in range(5))
        seed("images", f"{colour}.png", png(4, 5, colour, rows))
    # JPEG, 8 × 8 pixels, grey, baseline (ITU-T T.81), of one block
    tables = bytes.fromhex("ffdb004300") + bytes([1] * 64)
    frame = bytes.fromhex("ffc0000b080008000801011100")
    huffman = bytes.fromhex("ffc4001400 01" + "00" * 15 + "00" + "ffc4001410 01" + "00" * 15 + "00")
    scan = bytes.fromhex("ffda0008010100003f00" + "3f")
    seed("images", "grey.jpg", b"\xff\xd8" + tables + frame + huffman + scan + b"\xff\xd9")


def idx():
    images, labels = struct.pack(">4B3I", 0, 0, 8, 3, 2, 3, 2) + bytes(12), struct.pack(">4BI", 0, 0, 8, 1, 2) + b"\1\2"
    for name, content in {"images": images, "labels": labels}.items():
        seed("idx", name, content)
        seed("idx", f"{name}.gz", gzip.compress(content, mtime=0))


def cifar10():
    labels = json.dumps([k % 10 for k in range(50000)]).encode()
    seed("cifar10", "labels.json", labels)
    seed("cifar10", "short.json", b"[1, 2, 3]")
    for colour, channels in {0: 1, 2: 3}.items():
        seed("cifar10", f"{colour}.png", png(1024, 10000, colour, bytes((1 + 1024 * channels) * 10000)))
    seed("cifar10", "small.png", png(4, 1, 2, bytes(13)))
    for protocol in (0, 2, 4):
        batch = {"data": bytes(3072), "labels": [1], "filenames": ["a.png"]}
        seed("cifar10", f"{protocol}.pkl", pickle.dumps(batch, protocol))
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in {"package/data_batch_1.png": b"\x89PNG", "a/data_batch_2.bin": bytes(9)}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    seed("cifar10", "archive.tgz", gzip.compress(archive.getvalue(), mtime=0))


def configs():
    for path in (TESTS.parent / "configs").glob("*.yaml"):
        seed("config", path.name, path.read_bytes())
    config = {
        "models": {"a": {"arch": "resnet20", "checkpoint": "a.pt"}, "b": {"program": "b.pt2"}, "c": {"file": "c.h5"}},
        "data": {"d": {"format": "idx", "path": "mnist"}, "e": {"file": "e.h5"}},
        "directions": {"xnorm": "filter", "ynorm": "filter", "dir_type": "weights", "target": "c"},
        "grid": {"x": "-1:1:5", "y": "-1:1:5"},
        "evaluate": {"batch": 100, "split": ["train", "test"], "limit": 1000, "jobs": 2},
        "pictures": [{"plot": "contour", "levels": [1, 2], "size": "6x5"}, {"plot": "vtp", "zmax": 10}],
        "overview": {"plot": "contour", "columns": 2},
        "sweep": {
            "model": ["a", "b"],
            "data": ["d", "e"],
            "seed": [1, 2],
            "exclude": [{"model": "a", "seed": 1}],
            "include": [{"model": "c", "data": "d", "seed": 7}],
        },
        "slurm": {"time": "01:00:00", "shards": 4, "partition": "gpu", "setup": ["module load x"]},
    }
    seed("config", "all.json", json.dumps(config).encode())
    text = "models: &m {a: {file: a.h5}}\ndata: {d: {file: d.h5}}\ngrid: {x: '-1:1:3'}\nsweep: {seed: [1, 2]}\n"
    seed("config", "small.yaml", text.encode())


def hdf5():
    """A file of each kind, as stages write them; those of surfaces also as h5py does."""
    for path in sorted([*(TESTS / "gallery" / "data").glob("*.h5"), *(TESTS / "fuzz" / "seeds").glob("*.h5")]):
        seed("hdf5", path.name, path.read_bytes())


for make in (hdf5, goldens, safetensors, programs, images, idx, cifar10, configs):
    make()
# what was found before
for path in (TESTS / "fuzz" / "found").glob("*/*"):
    seed(path.parent.name, path.name, path.read_bytes())
