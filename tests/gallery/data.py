"""Makes the files of data/: three landscapes, each as a surface and five repeats of a curve.

    make demo && python3 tests/gallery/data.py build/demo target/release    # needs h5py and numpy

bowl: the demo's network, measured by eval-grid (losses and accuracies of build/demo, five curves of five seeds).
chaos: a formula over six decades, with NaN, infinities and a corner that was not computed.
fine: the same network on 51 x 51 points, 300 images each, for the lit surface.
partial: twelve of the sixteen shards of the bowl, as `merge --allow-missing` puts them together.

Eigenvalues and standard errors are formulas in all three: they show the plots, they were not measured.
`trajectories.sh` makes the other files.
"""

import pathlib
import shutil
import subprocess
import sys

import h5py
import numpy

demo, stages = (pathlib.Path(path) for path in sys.argv[1:3])
data = pathlib.Path("tests/gallery/data")
data.mkdir(exist_ok=True)


def stage(line):
    subprocess.run([stages / line.split()[0], *line.split()[1:], "--force", "--quiet"], check=True)


def add_formulas(path):
    """Eigenvalues at both ends of the Hessian's spectrum, and the standard error of the train loss."""
    with h5py.File(path, "r+") as f:
        loss = f["train_loss"][:]
        x, y = numpy.meshgrid(f["xcoordinates"][:], f["ycoordinates"][:])
        radius = numpy.hypot(x, y)
        largest = 20 * numpy.exp(-radius) * (1 + 0.3 * numpy.cos(4 * x))
        smallest = largest * numpy.where(radius < 0.35, 0.02, -0.35 * (radius - 0.35)) * (1.2 + numpy.sin(5 * y))
        missing = numpy.isnan(loss)
        formulas = {
            "min_eig": numpy.where(missing, numpy.nan, smallest),
            "max_eig": numpy.where(missing, numpy.nan, largest),
            "train_loss_stderr": loss * 0.02 * (1 + radius) + 1e-4,
        }
        for name, values in formulas.items():
            f[name] = values
        f.attrs["metrics"] = [*f.attrs["metrics"].astype(str).tolist(), *formulas]
        f.attrs.pop("id", None)  # it was changed, and says so


def write_surface(path, x, y, metrics, evaluated):
    """A surface as another tool writes it: no kind, no ids."""
    with h5py.File(path, "w") as f:
        f["xcoordinates"] = x
        if y is not None:
            f["ycoordinates"] = y
        for name, values in metrics.items():
            f[name] = values
        f["evaluated"] = evaluated.astype("u1")
        f.attrs["metrics"] = list(metrics)


# bowl
shutil.copy(demo / "surface.h5", data / "bowl.h5")
add_formulas(data / "bowl.h5")
for seed in range(1, 6):
    stage(f"make-dirs --model pipelines/demo/resnet20.h5 --dims 1 --xignore biasbn --seed {seed} --output build/gallery-dirs.h5")
    stage(f"eval-grid --model pipelines/demo/resnet20.h5 --data {demo}/data.h5 --directions build/gallery-dirs.h5 --x=-1:1:41 "
          f"--limit 300 --output build/gallery-shard.h5")
    stage(f"merge build/gallery-shard.h5 --output {data}/bowl-{seed}.h5")

# fine
stage(f"eval-grid --model pipelines/demo/resnet20.h5 --data {demo}/data.h5 --directions {demo}/directions.h5 --x=-1:1:51 "
      f"--y=-1:1:51 --limit 300 --split train --output build/gallery-shard.h5")
stage(f"merge build/gallery-shard.h5 --output {data}/fine.h5")

# partial
shards = " ".join(str(demo / f"shard-{k}-of-16.h5") for k in range(1, 17) if k not in (3, 7, 8, 14))
stage(f"merge {shards} --allow-missing --output {data}/partial.h5")
add_formulas(data / "partial.h5")
for seed in range(1, 6):
    with h5py.File(data / f"bowl-{seed}.h5") as f:
        x, names = f["xcoordinates"][:], list(f.attrs["metrics"].astype(str))
        there = (numpy.arange(len(x)) * 7 + seed) % 40 > 2
        metrics = {name: numpy.where(there, f[name][:], numpy.nan) for name in names}
    write_surface(data / f"partial-{seed}.h5", x, None, metrics, there)

# chaos
x = y = numpy.linspace(-1, 1, 51)
px, py = numpy.meshgrid(x, y)
radius = numpy.hypot(px, py)


def chaos(px, py, salt=0.0):
    radius = numpy.hypot(px, py)
    bumps = numpy.sin(7 * px + 3 * py + salt) * numpy.cos(5 * py - 4 * px * py + 2 * salt) + 0.4 * numpy.sin(17 * px * py + salt)
    return 10 ** (-2.3 + 4.4 * radius**0.9 + 0.9 * bumps * numpy.minimum(1, 2.5 * radius))


loss = chaos(px, py)
loss[numpy.hypot(px + 0.6, py - 0.65) < 0.13] = numpy.nan
loss[(px > 0.86) & (py > 0.75)] = numpy.inf
evaluated = ~((px < -0.8) & (py < -0.85))
loss[~evaluated] = numpy.nan
acc = 100 * numpy.exp(-numpy.minimum(loss, 50) / 3)
test = loss * 1.2 + 0.25
write_surface(data / "chaos.h5", x, y, {"train_loss": loss, "train_acc": acc, "test_loss": test, "test_acc": 0.93 * acc}, evaluated)
add_formulas(data / "chaos.h5")
line = numpy.linspace(-1, 1, 101)
for seed in range(1, 6):
    loss = chaos(line, 0.1 * line, 0.5 * seed) * 0.05 + 0.01
    loss[seed * 15 + 2] = numpy.nan
    if seed == 2:
        loss[-4:] = numpy.inf
    acc = 100 * numpy.exp(-numpy.minimum(loss, 50) / 3)
    metrics = {"train_loss": loss, "train_acc": acc, "test_loss": 1.2 * loss + 0.25, "test_acc": 0.93 * acc}
    metrics |= {"train_loss_stderr": 0.06 * loss + 0.01, "train_acc_stderr": 0.05 * (100 - acc)}
    write_surface(data / f"chaos-{seed}.h5", line, None, metrics, numpy.ones(101))
