"""Shows that no hostile program touches a foreign file: runs import-model, make-dirs and eval-grid on programs that try,
under strace, and reads what files they opened: python tests/tools/foreign_files.py [FOLDER OF THE STAGES]

Needs strace and h5py. Each program must be refused with its operator (or text) named; the name of the victim may occur in
no system call, and nothing may be opened for writing.
"""

import json
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import h5py
import numpy

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/release").resolve()
VICTIM = "relief-victim"
X, W, PATH = {"value": "x"}, {"state": "w"}, {"string": VICTIM}
SIZE = {"ints": [4, 4]}
# the operator, its arguments, and what the error must name
CALLS = [
    ("aten::from_file", {"filename": PATH, "shared": {"bool": True}, "size": {"int": 2}}, "aten::from_file"),
    ("aten::from_file.out", {"filename": PATH, "size": {"int": 2}, "out": W}, "aten::from_file.out"),
    ("aten::save", {"item": X, "filename": PATH}, "aten::save"),
    ("aten::load", {"filename": PATH}, "aten::load"),
    ("aten::set_.source_Tensor", {"self": X, "source": W}, "aten::set_.source_Tensor"),
    ("aten::set_.source_Storage", {"self": X, "source": W}, "aten::set_.source_Storage"),
    ("aten::resize_", {"self": X, "size": SIZE}, "aten::resize_"),
    ("aten::resize_as_", {"self": X, "the_template": W}, "aten::resize_as_"),
    ("aten::as_strided", {"self": X, "size": SIZE, "stride": SIZE}, "aten::as_strided"),
    ("aten::empty.memory_format", {"size": SIZE}, "aten::empty.memory_format"),
    ("aten::add.out", {"self": X, "other": X, "out": W}, "aten::add.out"),
    ("aten::sort.values", {"self": X, "values": W, "indices": W}, "aten::sort.values"),
    ("aten::linalg_svd.U", {"A": X, "U": W, "S": W, "Vh": W}, "aten::linalg_svd.U"),
    ("aten::pad", {"self": X, "pad": {"ints": [1, 1]}, "mode": PATH}, VICTIM),
    ("aten::gelu", {"self": X, "approximate": PATH}, VICTIM),
    ("prim::Print", {"self": X}, "prim::Print"),
    ("profiler::_record_function_enter", {"name": PATH}, "profiler::_record_function_enter"),
    ("quantized::load", {"filename": PATH}, "quantized::load"),
    ("mkldnn::_convolution_pointwise", {"X": X}, "mkldnn::_convolution_pointwise"),
]
# in the file of torch.export, in the place of tanh(self)
TARGETS = ["from_file.default", "save.default", "set_.source_Tensor", "resize_.default", "as_strided.default",
           "add.out", "sort.values", "rand_like.default"]
WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|\b(?:unlink|rename|mkdir|truncate|link|symlink|chmod)(?:at2?)?\(")


def model(folder, op, args):
    program = {"version": 1, "inputs": [{"name": "x", "shape": [None, 4], "dtype": "f32"}], "outputs": ["y"],
               "nodes": [{"op": op, "args": args, "outputs": ["y"]}]}
    with h5py.File(folder / "model.h5", "w") as f:
        f["program"] = json.dumps(program)
        f["state/w"] = numpy.eye(3, 4, dtype="f4")
        f["state/w"].attrs["index"], f["state/w"].attrs["role"] = 0, "parameter"
    with h5py.File(folder / "data.h5", "w") as f:
        f["train/inputs"], f["train/targets"] = numpy.ones((6, 4), "f4"), numpy.zeros(6, "i8")
    with h5py.File(folder / "dirs.h5", "w") as f:
        f["xdirection/0"] = numpy.eye(3, 4, dtype="f4")
        f.attrs["dir_type"] = "weights"


def exported(folder, target):
    with zipfile.ZipFile(folder / "plain.pt2") as old, zipfile.ZipFile(folder / "hostile.pt2", "w") as new:
        for name in old.namelist():
            text = old.read(name).replace(b"torch.ops.aten.tanh.default", f"torch.ops.aten.{target}".encode())
            new.writestr(name, text)


def run(folder, line, named):
    """Whether a stage refuses what it should, and what it did to files meanwhile."""
    log, before = folder / "strace.log", sorted(path.name for path in folder.iterdir())
    command = ["strace", "-f", "-qq", "-e", "trace=%file", "-o", log, BIN / line[0], *line[1:]]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    calls = log.read_text().splitlines()
    log.unlink()
    wrong = []
    if ran.returncode != 1 or named not in ran.stderr or ran.stderr.count("\n") != 1:
        wrong.append(f"exit {ran.returncode}, {ran.stderr!r}")
    for call in calls:
        writes = WRITING.search(call) and "/dev/" not in call and "/proc/self/" not in call
        if writes or VICTIM in call:
            wrong.append(call)
    if sorted(path.name for path in folder.iterdir()) != before or (folder / VICTIM).read_text() != "precious":
        wrong.append("the folder changed")
    print("ok " if not wrong else "BAD", line[0], named, f"({len(calls)} calls)", *wrong)
    return not wrong


def main():
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / VICTIM).write_text("precious")
    tarfile.open(ROOT / "tests/golden/programs/own.tar.gz").extract("plain.pt2", folder)
    grid = ["eval-grid", "--model", "model.h5", "--data", "data.h5", "--directions", "dirs.h5", "--x=-1:1:3", "--output", "s.h5"]
    right = []
    for op, args, named in CALLS:
        model(folder, op, args)
        right.append(run(folder, grid, named))
        right.append(run(folder, ["make-dirs", "--model", "model.h5", "--output", "d.h5"], named))
    for target in TARGETS:
        exported(folder, target)
        right.append(run(folder, ["import-model", "--program", "hostile.pt2", "--output", "m.h5"], target))
    print(sum(right), "of", len(right), "runs refused what they were given and touched no file")
    sys.exit(not all(right))


main()
