"""Draws the gallery: every plot of render on three landscapes, each beside matplotlib's picture of the same data.

    pip install matplotlib==3.11.2 h5py pillow && python tests/gallery/make.py target/release/render

Pictures are as wide as a column of a paper, 84 mm, at 150 dots per inch. README.md, which it writes, is the comparison.
The lit surfaces stand beside ParaView's, which are drawn anew where pvpython and xvfb-run are installed.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

import h5py
import matplotlib
import numpy
from PIL import Image

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402
from matplotlib.colors import LogNorm, Normalize  # noqa: E402

render = pathlib.Path(sys.argv[1]).resolve()
here = pathlib.Path(__file__).parent
pictures = here / "pictures"
pictures.mkdir(exist_ok=True)
LANDSCAPES = {"bowl": "a trained network", "chaos": "six decades, NaN and infinities", "partial": "a partial merge"}
INCHES, DPI = (3.307, 2.76), 150
# where the pictures of KINDS whose names end in -clip are cut off
CLIP = {"bowl": 10, "chaos": 300, "partial": 10}
LIT = {"fine": "a trained network, 51 × 51 points", "chaos": LANDSCAPES["chaos"]}
pyplot.rcParams.update({"font.size": 8, "axes.titlesize": 8})
KINDS = {
    "curve": ["--plot", "curve"],
    "repeats": ["--plot", "repeats"],
    "contour": ["--plot", "contour"],
    "contourf": ["--plot", "contourf"],
    "heat": ["--plot", "heat"],
    "contour-clip": ["--plot", "contour"],
    "heat-clip": ["--plot", "heat"],
    "contourf-smooth": ["--plot", "contourf", "--smooth", "201"],
    "surface3d": ["--plot", "surface3d"],
    "surface3d-floor": ["--plot", "surface3d", "--floor"],
    "eig-ratio": ["--plot", "eig-ratio"],
    "eig-ratio-signed": ["--plot", "eig-ratio", "--signed"],
    "stderr": ["--plot", "stderr"],
}


def files(kind, name):
    if kind == "curve":
        return [f"{name}-1.h5"]
    if kind == "repeats":
        return [f"{name}-{seed}.h5" for seed in range(1, 6)]
    return [f"{name}.h5"]


def shrink(path, width=None):
    image = Image.open(path).convert("RGB")
    if width:
        image = image.resize((width, round(width * image.height / image.width)), Image.LANCZOS)
    image.save(path, optimize=True)


def ours(path, arguments, size=()):
    words = [here / "data" / word if word.endswith(".h5") else word for word in arguments]
    size = size or ("--style", "paper")
    subprocess.run([render, *words, *size, "--dpi", str(DPI), "--output", path, "--force", "--quiet"], check=True)
    shrink(path)


def read(name):
    with h5py.File(here / "data" / name) as f:
        return {key: f[key][:] for key in f if isinstance(f[key], h5py.Dataset)}


def norm_of(values):
    finite = values[numpy.isfinite(values)]
    low, high = finite.min(), finite.max()
    return LogNorm(low, high) if low > 0 and numpy.log10(high / low) > 1.3 else Normalize(low, high)


def theirs(path, kind, name):
    """What a careful user of matplotlib writes in a few lines."""
    first = read(files(kind, name)[0])
    x = first["xcoordinates"]
    figure = pyplot.figure(figsize=INCHES, dpi=DPI, layout="constrained")
    axes = figure.add_subplot(projection="3d") if kind.startswith("surface3d") else figure.add_subplot()
    if kind in ("curve", "repeats"):
        right = axes.twinx()
        all_files = [read(file) for file in files(kind, name)]
        for split, style in (("train", "-"), ("test", "--")):
            for what, side, colour in (("loss", axes, "tab:blue"), ("acc", right, "tab:red")):
                metric = f"{split}_{what}"
                if metric not in first:
                    continue
                values = numpy.array([file[metric] for file in all_files])
                values = numpy.where(numpy.isfinite(values), values, numpy.nan)
                mean = values.mean(axis=0)
                side.plot(x, mean, style, color=colour, label=metric.replace("_", " "))
                band = values.std(axis=0, ddof=1) if kind == "repeats" else first.get(f"{metric}_stderr")
                if band is not None:
                    side.fill_between(x, mean - band, mean + band, color=colour, alpha=0.2)
                if kind == "repeats":
                    side.plot(x, values.T, style, color=colour, alpha=0.3, linewidth=0.5)
        axes.set(xlabel="direction 1", ylabel="loss", ylim=(0, min(5, axes.get_ylim()[1])), xlim=(x[0], x[-1]))
        right.set(ylabel="accuracy (%)", ylim=(0, 100))
        figure.legend(fontsize=6)
    else:
        y = first["ycoordinates"]
        z = first["train_loss"]
        if kind == "stderr":
            z = first["train_loss_stderr"]
        if kind.startswith("eig-ratio"):
            z = first["min_eig"] / first["max_eig"]
            z = z if kind.endswith("signed") else numpy.abs(z)
        z = numpy.where(numpy.isfinite(z), z, numpy.nan)
        if kind.endswith("clip"):
            z = numpy.minimum(z, CLIP[name])
        norm = norm_of(z)
        label = kind if kind in ("stderr", "eig-ratio", "eig-ratio-signed") else "train loss"
        if kind in ("contour", "contour-clip"):
            locator = matplotlib.ticker.LogLocator(subs=(1, 3)) if isinstance(norm, LogNorm) else None
            lines = axes.contour(x, y, z, locator=locator, cmap="summer", norm=norm)
            axes.clabel(lines, fontsize=6, fmt="%g")
        elif kind.startswith("contourf"):
            levels = numpy.geomspace(norm.vmin, norm.vmax, 12) if isinstance(norm, LogNorm) else 12
            drawn = axes.contourf(x, y, z, levels, cmap="summer", norm=norm)
            figure.colorbar(drawn, label=label)
        elif kind.startswith("surface3d"):
            shown = numpy.log10(z) if isinstance(norm, LogNorm) else z
            px, py = numpy.meshgrid(x, y)
            drawn = axes.plot_surface(px, py, shown, cmap="coolwarm", linewidth=0.1, rstride=1, cstride=1,
                                      vmin=numpy.nanmin(shown), vmax=numpy.nanmax(shown))
            if kind.endswith("floor"):
                bottom = numpy.nanmin(shown) - 0.3 * numpy.ptp(shown[numpy.isfinite(shown)])
                axes.contour(px, py, shown, zdir="z", offset=bottom, cmap="coolwarm")
                axes.set_zlim(bottom, numpy.nanmax(shown))
            figure.colorbar(drawn, shrink=0.6, label="log10 train loss" if isinstance(norm, LogNorm) else label)
        else:
            if kind == "eig-ratio":
                norm = Normalize(0, 0.5)
            if kind == "eig-ratio-signed":
                most = numpy.nanmax(numpy.abs(z))
                norm = Normalize(-most, most)
            cmap = "coolwarm" if kind == "eig-ratio-signed" else "viridis"
            drawn = axes.pcolormesh(x, y, z, norm=norm, cmap=cmap, shading="nearest")
            figure.colorbar(drawn, label=label)
        axes.set(xlabel="direction 1", ylabel="direction 2")
    figure.savefig(path)
    pyplot.close(figure)
    shrink(path)


# two trainings and a curve between their networks, of trajectories.sh
TRAJECTORIES = {
    "runs": ("two runs and their own losses", ["runs-surface.h5", "--plot", "heat", "--trajectory", "runs.h5"]),
    "runs-contour": ("the same as contours", ["runs-surface.h5", "--plot", "contour", "--trajectory", "runs.h5"]),
    "runs-along": ("losses over training, at the checkpoints and below them on the plane", ["runs.h5", "below.h5", "--plot", "along", "--log"]),
    "plane": ("a curve between two networks", ["plane-surface.h5", "--plot", "contourf", "--trajectory", "line.h5",
                                               "--trajectory", "bezier.h5"]),
    "plane-along": ("losses between them", ["stored.h5", "line.h5", "bezier.h5", "--plot", "along", "--along",
                                            "parameter", "--log"]),
}


def theirs_along(path, name):
    """The pictures of TRAJECTORIES with a few lines of matplotlib."""
    figure, axes = pyplot.subplots(figsize=INCHES, dpi=DPI, layout="constrained")
    runs = read("runs.h5")
    if name == "plane-along":
        for file in ("stored", "line", "bezier"):
            curve = read(f"{file}.h5")
            axes.semilogy(curve["parameter"], curve["train_loss"], label=file)
        axes.set(xlabel="t", ylabel="train loss", xlim=(0, 1))
        axes.legend(fontsize=6)
    elif name == "runs-along":
        for file in ("runs", "below"):
            losses = read(f"{file}.h5")["train_loss"]
            for number in (0, 1):
                axes.semilogy(losses[runs["run"] == number], label=f"{file}, seed {number + 1}")
        axes.set(xlabel="epoch", ylabel="train loss", xlim=(0, 20))
        axes.legend(fontsize=6)
    else:
        surface = read("plane-surface.h5" if name == "plane" else "runs-surface.h5")
        x, y, z = surface["xcoordinates"], surface["ycoordinates"], surface["train_loss"]
        norm = norm_of(z)
        if name == "runs-contour":
            locator = matplotlib.ticker.LogLocator(subs=(1, 3)) if isinstance(norm, LogNorm) else None
            axes.clabel(axes.contour(x, y, z, locator=locator, cmap="summer", norm=norm), fontsize=6, fmt="%g")
        elif name == "plane":
            levels = numpy.geomspace(norm.vmin, norm.vmax, 12) if isinstance(norm, LogNorm) else 12
            figure.colorbar(axes.contourf(x, y, z, levels, cmap="summer", norm=norm), label="train loss")
        else:
            drawn = axes.pcolormesh(x, y, z, norm=norm, cmap="viridis", shading="nearest")
            figure.colorbar(drawn, label="train loss")
        if name == "plane":
            for file in ("line", "bezier"):
                curve = read(f"{file}.h5")
                axes.plot(curve["proj_xcoord"], curve["proj_ycoord"], ".-", markersize=3, linewidth=1, label=file)
        else:
            cmap = "summer" if name == "runs-contour" else "viridis"
            for number in (0, 1):
                of = runs["run"] == number
                place = runs["proj_xcoord"][of], runs["proj_ycoord"][of]
                axes.plot(*place, linewidth=1, label=f"seed {number + 1}")
                axes.scatter(*place, 12, runs["train_loss"][of], norm=norm, cmap=cmap, edgecolors="k", zorder=3)
        axes.legend(fontsize=6)
        axes.set(xlabel="direction 1", ylabel="direction 2")
    figure.savefig(path)
    pyplot.close(figure)
    shrink(path)


# spectra of a network in training, of spectra.sh
SPECTRA = {
    "density": ("densities over training", ["vit-density.h5", "--plot", "density"]),
    "density-matrices": ("a Hessian and its Gauss-Newton part", ["vit-density-300.h5", "vit-ggn.h5", "--plot", "density"]),
    "eigenvalues": ("eigenvalues and trace over training", ["vit-training.h5", "--plot", "eigenvalues", "--learning-rate",
                                                            "0.02"]),
    "eigenvalues-rank": ("eigenvalues by rank", ["vit-density-300.h5", "vit-ggn.h5", "--plot", "eigenvalues"]),
}


def subjects(files):
    """Each model of some files: its name, nodes and weights, and eigenvalues."""
    found = []
    for file in files:
        spectrum = read(file)
        for row, model in enumerate(spectrum["models"]):
            name = {"vit-density-300.h5": "Hessian", "vit-ggn.h5": "Gauss-Newton"}.get(file)
            name = name or "epoch " + model.decode().split("-")[-1].removesuffix(".h5")
            found.append((name, spectrum["density_nodes"][row], spectrum["density_weights"][row], spectrum["eigenvalues"][row]))
    return found


def theirs_of_spectra(path, name, arguments):
    """The pictures of SPECTRA with a few lines of matplotlib."""
    figure, axes = pyplot.subplots(figsize=INCHES, dpi=DPI, layout="constrained")
    files = [word for word in arguments if word.endswith(".h5")]
    if name.startswith("density"):
        all_nodes = numpy.concatenate([numpy.ravel(nodes) for _, nodes, _, _ in subjects(files)])
        low, high = numpy.nanmin(all_nodes), numpy.nanmax(all_nodes)
        sigma = (high - low) / 200
        places = numpy.linspace(low - 6 * sigma, high + 6 * sigma, 2000)
        for label, nodes, weights, _ in subjects(files):
            nodes, weights = numpy.nan_to_num(nodes)[..., None], weights[..., None]
            bumps = weights * numpy.exp(-0.5 * ((places - nodes) / sigma) ** 2) / (sigma * numpy.sqrt(2 * numpy.pi))
            density = bumps.sum(axis=1)
            mean, error = density.mean(axis=0), density.std(axis=0, ddof=1) / numpy.sqrt(len(density))
            line, = axes.semilogy(places, mean, linewidth=1, label=label)
            axes.fill_between(places, mean - error, mean + error, color=line.get_color(), alpha=0.2)
        axes.set(xlabel="eigenvalue", ylabel="spectral density", ylim=(1e-7, 1))
    elif name == "eigenvalues":
        run = read(files[0])
        epochs = numpy.array([float(model.decode().split("-")[-1].removesuffix(".h5")) for model in run["models"]])
        for column, label in ((3, "largest"), (2, "2nd"), (1, "3rd"), (0, "smallest")):
            axes.plot(epochs, run["eigenvalues"][:, column], ".-", markersize=3, linewidth=1, label=label)
        axes.axhline(100, color="k", linestyle=":", linewidth=1, label="2/η")
        right = axes.twinx()
        trace, error = run["trace"], run["trace_stderr"]
        right.plot(epochs, trace, "--", color="tab:red", linewidth=1)
        right.fill_between(epochs, trace - error, trace + error, color="tab:red", alpha=0.2)
        right.set_ylabel("trace", color="tab:red")
        axes.set(xlabel="epoch", ylabel="eigenvalue of the Hessian")
    else:
        for shift, (label, _, _, values) in enumerate(subjects(files)):
            ranks = numpy.arange(1, len(values) + 1) + 0.25 * shift
            axes.stem(ranks, values[::-1], linefmt=f"C{shift}-", markerfmt=f"C{shift}o", basefmt="k-", label=label)
        axes.set(xlabel="rank", ylabel="eigenvalue")
    axes.legend(fontsize=6)
    figure.savefig(path)
    pyplot.close(figure)
    shrink(path)


def paraview(path, name):
    """The picture of pipelines/examples/lit_surface.py."""
    script = here.parents[1] / "pipelines" / "examples" / "lit_surface.py"
    if not (shutil.which("pvpython") and shutil.which("xvfb-run")):
        print(f"{path.name} is left as it is: pvpython or xvfb-run is missing")
        return
    with tempfile.TemporaryDirectory() as folder:
        mesh = pathlib.Path(folder) / "surface.vtp"
        # splines need all points
        interp = ["--interp", "301"] if numpy.isfinite(read(f"{name}.h5")["train_loss"]).all() else []
        command = [render.parent / "to-vtp", here / "data" / f"{name}.h5", "--log", "--zscale", "fit", *interp]
        subprocess.run([*command, "--output", mesh, "--quiet"], check=True)
        subprocess.run(["xvfb-run", "-a", "-s", "-screen 0 1600x1200x24", "pvpython", script, mesh, path], check=True)
    shrink(path, round(INCHES[0] * DPI))


rows = []
for kind, options in KINDS.items():
    for name, what in LANDSCAPES.items():
        mine, other = pictures / f"{kind}-{name}.png", pictures / f"{kind}-{name}-matplotlib.png"
        clip = ["--clip", str(CLIP[name])] if kind.endswith("clip") else []
        ours(mine, [*files(kind, name), *options, *clip])
        theirs(other, kind, name)
        rows.append(f"| {kind}, {what} | ![]({mine.relative_to(here)}) | ![]({other.relative_to(here)}) |")
path_rows = []
for name, (what, arguments) in TRAJECTORIES.items():
    mine, other = pictures / f"{name}.png", pictures / f"{name}-matplotlib.png"
    ours(mine, arguments)
    theirs_along(other, name)
    path_rows.append(f"| {what} | ![]({mine.relative_to(here)}) | ![]({other.relative_to(here)}) |")
spectrum_rows = []
for name, (what, arguments) in SPECTRA.items():
    mine, other = pictures / f"{name}.png", pictures / f"{name}-matplotlib.png"
    ours(mine, arguments)
    theirs_of_spectra(other, name, arguments)
    spectrum_rows.append(f"| {what} | ![]({mine.relative_to(here)}) | ![]({other.relative_to(here)}) |")
ours(pictures / "trajectory.png", ["runs.h5", "--plot", "trajectory"])
lit_rows = []
for name, what in LIT.items():
    mine, other = pictures / f"lit-{name}.png", pictures / f"lit-{name}-paraview.png"
    ours(mine, [f"{name}.h5", "--plot", "surface3d"], ("--style", "lit", "--size", "3.307x2.3"))
    paraview(other, name)
    lit_rows.append(f"| lit, {what} | ![]({mine.relative_to(here)}) | ![]({other.relative_to(here)}) |")
wide = ("--style", "paper", "--size", "2.2x1.9")
ours(pictures / "panels.png", ["bowl.h5", "partial.h5", "chaos.h5", "--plot", "contourf", "--panel", "3", "--share-range"], wide)
ours(pictures / "dark.png", ["bowl.h5", "--plot", "surface3d", "--dark", "--floor"])
intro = (here / "intro.md").read_text()
(here / "README.md").write_text(intro + "\n".join([
    "", "| | `render` | matplotlib |", "|---|---|---|", *rows, "",
    "Trajectories of two ResNet-20 that were trained on 10,000 images of CIFAR-10 from two seeds, and a Bézier curve",
    "between them (`trajectories.sh` trains them). Running statistics are estimated anew at each point, but for",
    "`stored`. Checkpoints have the colour of their own loss:", "",
    "| | `render` | matplotlib |", "|---|---|---|", *path_rows, "",
    "Spectra of a small vision transformer in training by gradient descent with all examples in each step (`spectra.sh`",
    "trains it). The largest eigenvalue rises beyond the edge of stability, 2/η, and then stays near it but for two jumps:", "",
    "| | `render` | matplotlib |", "|---|---|---|", *spectrum_rows, "",
    "The lit surface of the paper's figure 1, beside ParaView's with `pipelines/examples/lit_surface.py`:", "",
    "| | `render --style lit` | ParaView |", "|---|---|---|", *lit_rows, "",
    "Trajectories alone, panels with one colour bar, dark paper:", "",
    "![](pictures/trajectory.png) ![](pictures/dark.png)", "", "![](pictures/panels.png)", "",
]))
