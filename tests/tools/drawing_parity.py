"""Compares what pictures and meshes hold with SciPy, contourpy, matplotlib and VTK.

python tests/tools/drawing_parity.py        # needs scipy, contourpy, matplotlib, vtk, pillow, h5py, and `make build` before
"""

import base64
import io
import json
import re
import subprocess
import sys

import contourpy
import h5py
import matplotlib
import numpy
import scipy
import vtkmodules.all as vtk
from PIL import Image
from scipy.interpolate import RectBivariateSpline
from vtkmodules.util.numpy_support import vtk_to_numpy

from parity import ROOT, Comparison

# matplotlib's names of relief's colour maps
MAPS = {
    "viridis": "viridis",
    "cividis": "cividis",
    "magma": "magma",
    "inferno": "inferno",
    "plasma": "plasma",
    "summer": "summer",
    "coolwarm": "coolwarm",
    "rdbu": "RdBu",
    "turbo": "turbo",
    "gray": "gray",
}
# steps of 255 by which maps may be off that come from formulas or fewer places; all others by one step of rounding
OFF = {"cividis": 20, "turbo": 33, "coolwarm": 9, "rdbu": 9}


def surface(path, x, y, z):
    """A surface as the Python tool of 2018 wrote it, which is square here."""
    with h5py.File(path, "w") as f:
        f["xcoordinates"], f["ycoordinates"], f["train_loss"] = x, y, z


def mesh_of(path):
    reader = vtk.vtkXMLPolyDataReader()
    reader.SetFileName(str(path))
    reader.Update()
    return reader.GetOutput()


def meshes(comparison):
    """Heights of .vtp files: as they are, in the logarithm, and resampled."""
    x, y = numpy.linspace(-1, 1, 21), numpy.linspace(-0.5, 2, 21)
    z = numpy.exp(2 * numpy.cos(3 * x)[None, :] * numpy.sin(y + 0.3)[:, None]) + x[None, :] ** 2
    surface(comparison.path("surface.h5"), x, y, z)
    fine_x, fine_y = numpy.linspace(-1, 1, 101), numpy.linspace(-0.5, 2, 101)
    for name, options, heights in [
        ("heights, read by VTK", "", z),
        (
            "heights of --log --zmax 2, read by VTK",
            "--log --zmax 2",
            numpy.log(numpy.minimum(z, 2) + 0.1),
        ),
        (
            "heights of --interp 101, SciPy's RectBivariateSpline",
            "--interp 101",
            RectBivariateSpline(y, x, z)(fine_y, fine_x),
        ),
        (
            "heights of --log --interp 101, the same",
            "--log --interp 101",
            RectBivariateSpline(y, x, numpy.log(z + 0.1))(fine_y, fine_x),
        ),
    ]:
        comparison.run(f"to-vtp surface.h5 {options} --force --output mesh.vtp")
        mesh = mesh_of(comparison.path("mesh.vtp"))
        found = vtk_to_numpy(mesh.GetPointData().GetArray("zvalue")).reshape(heights.shape)
        comparison.row(name, abs(found - heights).max() / abs(heights).max(), 1e-6)


def colours(comparison):
    """The colours of heat maps, of 256 values from end to end, in steps of 1/255."""
    axis, z = numpy.linspace(0, 1, 16), numpy.linspace(1, 2, 256).reshape(16, 16)
    surface(comparison.path("ramp.h5"), axis, axis, z)
    for ours, theirs in MAPS.items():
        comparison.run(
            f"render ramp.h5 --plot heat --linear --cmap {ours} --no-axes --no-colorbar --force --output heat.svg"
        )
        text = comparison.path("heat.svg").read_text()
        image = re.search(r'href="data:image/png;base64, ?([^"]*)"', text).group(1)
        pixels = numpy.asarray(
            Image.open(io.BytesIO(base64.b64decode(image))).convert("RGB")
        ).astype(int)
        side = pixels.shape[0] // 16
        # y goes upwards
        found = pixels[side // 2 :: side, side // 2 :: side][::-1]
        wanted = (
            matplotlib.colormaps[theirs](numpy.linspace(0, 1, 256), bytes=True)[:, :3]
            .reshape(16, 16, 3)
            .astype(int)
        )
        comparison.row(f"colours of {ours}, of 255", abs(found - wanted).max(), OFF.get(ours, 1))


def contours(comparison):
    """The golden lines, which a test of render has to a millionth, made anew by the contourpy that is here."""
    folder = ROOT / "tests/golden/contour"
    kept = json.loads((folder / "contourpy.json").read_text())
    script = (
        (folder / "make.py")
        .read_text()
        .replace(
            'pathlib.Path(__file__).with_name("contourpy.json")',
            f"pathlib.Path({str(comparison.path('new.json'))!r})",
        )
    )
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)
    new = json.loads(comparison.path("new.json").read_text())
    pairs = [
        (one["lines"], other["lines"])
        for a, b in zip(kept, new)
        for one, other in zip(a["levels"], b["levels"])
    ]
    count = sum(len(lines) for lines, _ in pairs)
    comparison.row(
        f"{count} contour lines kept as golden, made anew",
        0 if all(a == b for a, b in pairs) else numpy.nan,
        0,
    )


def main():
    comparison = Comparison(
        f"SciPy {scipy.__version__}, contourpy {contourpy.__version__}, matplotlib {matplotlib.__version__}, "
        f"VTK {vtk.vtkVersion.GetVTKVersion()}"
    )
    meshes(comparison)
    colours(comparison)
    contours(comparison)
    comparison.end()


main()
