"""What the comparisons of this folder share: relief's stages in a folder of their own, and the rows of a table."""

import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "target/release"


class Comparison:
    """Runs stages in a new folder, and prints a row for each thing that was compared."""

    def __init__(self, against):
        self.kept = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.kept.name)
        self.worse = []
        print(
            f"Against {against}.\n\n| what | largest difference | allowed |\n|---|---|---|",
            flush=True,
        )

    def run(self, line):
        """A stage with its arguments, as one types them."""
        stage, *arguments = line.split()
        program = BIN / stage
        subprocess.run(
            [program, *arguments],
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def path(self, name):
        return self.folder / name

    def row(self, what, difference, allowed):
        """NaN counts as worse than anything."""
        # steps of colours and the like are whole numbers, and so is what must be equal
        shown = f"{difference:g}" if difference == 0 or difference >= 1 else f"{difference:.1e}"
        print(
            f"| {what} | {shown} | {'any' if allowed == numpy.inf else f'{allowed:g}'} |",
            flush=True,
        )
        if not difference <= allowed:
            self.worse.append(what)

    def end(self):
        if self.worse:
            sys.exit("worse than allowed: " + ", ".join(self.worse))


def relative(found, wanted):
    """The largest difference, relative to the largest value."""
    found, wanted = numpy.asarray(found, "f8"), numpy.asarray(wanted, "f8")
    assert found.shape == wanted.shape, (found.shape, wanted.shape)
    return abs(found - wanted).max() / abs(wanted).max()


def pointwise(found, wanted):
    """The largest difference of two values, relative to the value."""
    found, wanted = numpy.asarray(found, "f8"), numpy.asarray(wanted, "f8")
    assert found.shape == wanted.shape, (found.shape, wanted.shape)
    return abs(found / wanted - 1).max()


def state_of(path):
    """The state of a model.h5 in order: name and values."""
    with h5py.File(path) as f:
        entries = []
        f["state"].visititems(
            lambda name, item: entries.append((int(item.attrs["index"]), name, item[()]))
        )
    return {name: values for _, name, values in sorted(entries, key=lambda entry: entry[0])}


def direction_of(path, axis="x"):
    with h5py.File(path) as f:
        group = f[f"{axis}direction"]
        return [group[str(k)][()] for k in range(len(group))]


def metric_of(path, name):
    with h5py.File(path) as f:
        return f[name][()]
