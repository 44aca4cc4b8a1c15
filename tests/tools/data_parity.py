"""Compares what import-data reads with numpy and Pillow, and what it draws with its probabilities.

python tests/tools/data_parity.py        # needs numpy, pillow, h5py, and `make build` before
"""

import gzip

import h5py
import numpy
import PIL
from PIL import Image

from parity import ROOT, Comparison, relative

RANDOM = numpy.random.default_rng(0)
DEMO = ROOT / "pipelines/demo"


def same(one, other):
    """0 where the arrays are equal to the bit, NaN where they are not."""
    return (
        0
        if one.shape == other.shape
        and one.dtype == other.dtype
        and one.tobytes() == other.tobytes()
        else numpy.nan
    )


def arrays(comparison):
    """Element types and orders of .npz; the demo's IDX files."""
    images = RANDOM.integers(0, 256, (20, 3, 6, 5), "u1")
    targets = RANDOM.integers(0, 4, 20)
    for name, kept in (
        ("u1", images),
        ("f4", RANDOM.normal(size=(20, 7)).astype("f4")),
        ("i8", RANDOM.integers(0, 99, (20, 8))),
    ):
        for order in "C", "F":
            numpy.savez_compressed(
                comparison.path("a.npz"),
                train_inputs=numpy.asarray(kept, order=order),
                train_targets=targets,
            )
            comparison.run("import-data npz a.npz --force --output a.h5")
            with h5py.File(comparison.path("a.h5")) as f:
                comparison.row(
                    f".npz of {name} in order {order}, bits", same(f["train/inputs"][()], kept), 0
                )
    halves = RANDOM.normal(size=(20, 7)).astype("f2")
    numpy.savez(comparison.path("h.npz"), train_inputs=halves, train_targets=targets)
    comparison.run("import-data npz h.npz --output h.h5")
    with h5py.File(comparison.path("h.h5")) as f:
        comparison.row(
            ".npz of f2, as f4, bits", same(f["train/inputs"][()], halves.astype("f4")), 0
        )

    comparison.run(f"import-data idx {DEMO} --output idx.h5")
    with gzip.open(DEMO / "train-images-idx3-ubyte.gz") as f:
        pixels = numpy.frombuffer(f.read(), "u1", offset=16).reshape(-1, 1, 28, 28)
    with gzip.open(DEMO / "train-labels-idx1-ubyte.gz") as f:
        labels = numpy.frombuffer(f.read(), "u1", offset=8)
    with h5py.File(comparison.path("idx.h5")) as f:
        comparison.row("IDX, images, bits", same(f["train/inputs"][()], pixels), 0)
        comparison.row("IDX, labels", abs(f["train/targets"][()].astype("i8") - labels).max(), 0)
        scaled = pixels / 255
        comparison.row(
            "mean and deviation of the images themselves",
            relative([f.attrs["mean"][0], f.attrs["std"][0]], [scaled.mean(), scaled.std()]),
            1e-6,
        )


def smooth():
    """A picture with edges, as photographs have."""
    return numpy.kron(RANDOM.integers(0, 256, (6, 8, 3)), numpy.ones((8, 8, 1))).astype("u1")


def pictures(comparison):
    """PNG of every colour type of 8 bits, JPEG, and a smaller size, each as Pillow decodes it."""
    for name, mode, ending, options, allowed in [
        ("PNG, RGB", "RGB", "png", {}, 0),
        ("PNG, grey", "L", "png", {}, 0),
        ("PNG, palette", "P", "png", {}, 0),
        ("JPEG, 4:4:4", "RGB", "jpg", {"quality": 90, "subsampling": 0}, 4),
        ("JPEG, 4:2:0", "RGB", "jpg", {"quality": 90, "subsampling": 2}, 8),
    ]:
        folder = comparison.path(name.replace(",", "").replace(" ", "-").replace(":", ""))
        (folder / "cat").mkdir(parents=True)
        images = [Image.fromarray(smooth()).convert(mode) for _ in range(4)]
        for k, image in enumerate(images):
            image.save(folder / f"cat/{k}.{ending}", **options)
        kept = [Image.open(folder / f"cat/{k}.{ending}") for k in range(4)]
        kept = [image.convert("RGB") if mode == "P" else image for image in kept]
        for size in (None, (24, 16)):
            comparison.run(
                f"import-data folder {folder.name} {'--size 24x16' if size else ''} --force --output p.h5"
            )
            wanted = [
                numpy.asarray(image if size is None else image.resize(size, Image.BILINEAR))
                for image in kept
            ]
            wanted = numpy.array([w[..., None] if w.ndim == 2 else w for w in wanted]).transpose(
                0, 3, 1, 2
            )
            with h5py.File(comparison.path("p.h5")) as f:
                off = abs(f["train/inputs"][()].astype(int) - wanted).max()
            comparison.row(
                f"{name}{', resized by halves' if size else ''}, of 255",
                off,
                max(allowed, 2 if size else 0),
            )


def draws(comparison):
    """Labels that --corrupt-labels replaces, and parts that --split draws, in standard deviations of the binomial."""
    count, classes = 100_000, 10
    targets = RANDOM.integers(0, classes, count)
    numpy.savez(
        comparison.path("many.npz"),
        train_inputs=numpy.arange(count, dtype="f4")[:, None],
        train_targets=targets,
    )
    for probability in 0.2, 0.6:
        comparison.run(
            f"import-data npz many.npz --corrupt-labels {probability} --seed 1 --force --output c.h5"
        )
        with h5py.File(comparison.path("c.h5")) as f:
            found = f["train/targets"][()].astype("i8")
        # a label is drawn from all classes, so one in ten stays by chance
        share = probability * (classes - 1) / classes
        sigma = (share * (1 - share) / count) ** 0.5
        comparison.row(
            f"--corrupt-labels {probability}: labels changed, deviations from {share:g}",
            abs((found != targets).mean() - share) / sigma,
            4,
        )
        drawn = numpy.bincount(found[found != targets], minlength=classes)
        square = ((drawn - drawn.mean()) ** 2 / drawn.mean()).sum()
        comparison.row(
            f"--corrupt-labels {probability}: chi-square of the new classes, 9 degrees", square, 28
        )
    parts = []
    for k in 1, 2, 3:
        comparison.run(f"import-data npz many.npz --split {k}/3 --seed 5 --force --output part.h5")
        with h5py.File(comparison.path("part.h5")) as f:
            parts.append(f["train/inputs"][:, 0])
    comparison.row(
        "--split: the three parts, together and sorted",
        same(numpy.sort(numpy.concatenate(parts)), numpy.arange(count, dtype="f4")),
        0,
    )


def main():
    comparison = Comparison(f"numpy {numpy.__version__}, Pillow {PIL.__version__}")
    arrays(comparison)
    pictures(comparison)
    draws(comparison)
    comparison.end()


main()
