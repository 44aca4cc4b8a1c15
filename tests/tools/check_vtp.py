"""Reads a .vtp with VTK's own reader and compares it with the surface that it was made of.

    python check_vtp.py SURFACE.h5 FILE.vtp [--log] [--zmax Z] [--zscale F] [--trajectory FILE.h5]  # needs vtk, h5py, numpy
"""

import argparse

import h5py
import numpy
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

parser = argparse.ArgumentParser()
parser.add_argument("surface")
parser.add_argument("vtp")
parser.add_argument("--log", action="store_true")
parser.add_argument("--zmax", type=float, default=numpy.inf)
parser.add_argument("--zscale", type=float, default=1)
parser.add_argument("--trajectory")
args = parser.parse_args()

with h5py.File(args.surface) as f:
    x, y = f["xcoordinates"][:], f["ycoordinates"][:]
    metrics = {name: f[name][:] for name in f.attrs["metrics"].astype(str)}
loss = metrics["train_loss"]
wanted = numpy.minimum(loss, args.zmax)
wanted = numpy.log(wanted + 0.1) if args.log else wanted
there = numpy.isfinite(wanted)
cells = there[:-1, :-1] & there[1:, :-1] & there[:-1, 1:] & there[1:, 1:]

reader = vtkXMLPolyDataReader()
reader.SetFileName(args.vtp)
reader.Update()
mesh = reader.GetOutput()
# points of lines follow those of the grid
places, count = vtk_to_numpy(mesh.GetPoints().GetData()), loss.size
points = places[:count].reshape(len(y), len(x), 3)
array = lambda name: vtk_to_numpy(mesh.GetPointData().GetArray(name))[:count]
z = array("zvalue").reshape(loss.shape)

assert mesh.GetNumberOfPolys() == cells.sum(), (mesh.GetNumberOfPolys(), cells.sum())
assert numpy.isfinite(points).all()
assert numpy.abs(points[..., 0] - x[None, :]).max() < 1e-6 and numpy.abs(points[..., 1] - y[:, None]).max() < 1e-6
assert numpy.isnan(z[~there]).all()
error = numpy.abs(z[there] - wanted[there]) / numpy.maximum(1, numpy.abs(wanted[there]))
assert error.max() < 1e-6, error.max()
assert numpy.allclose(points[..., 2][there], args.zscale * wanted[there], rtol=1e-6)
for name, values in metrics.items():
    assert numpy.array_equal(array(name).reshape(loss.shape), values, equal_nan=True), name

quads = vtk_to_numpy(mesh.GetPolys().GetConnectivityArray()).reshape(-1, 4)
flat = points.reshape(-1, 3)
a, b, c = (flat[quads[:, k]][:, :2] for k in (0, 1, 2))
turn = (b - a)[:, 0] * (c - b)[:, 1] - (b - a)[:, 1] * (c - b)[:, 0]
assert (turn > 0).all(), "counter-clockwise seen from above"
lines = mesh.GetNumberOfLines()
means = vtk_to_numpy(mesh.GetCellData().GetArray("averaged zvalue"))[lines:]
assert numpy.allclose(means, z.ravel()[quads].mean(1), rtol=1e-12)
normals = vtk_to_numpy(mesh.GetPointData().GetNormals())[:count]
assert numpy.allclose(numpy.linalg.norm(normals, axis=1), 1, atol=1e-6) and (normals[:, 2] > 0).all()
assert lines == (args.trajectory is not None)
if args.trajectory:
    with h5py.File(args.trajectory) as f:
        steps = numpy.stack([f["proj_xcoord"][:], f["proj_ycoord"][:]], axis=1)
    line = places[vtk_to_numpy(mesh.GetLines().GetConnectivityArray())]
    for step in steps:
        assert numpy.abs(line[:, :2] - step).max(axis=1).min() < 1e-6, step
    heights = vtk_to_numpy(mesh.GetPointData().GetArray("zvalue"))[count:]
    assert numpy.allclose(line[:, 2], args.zscale * heights, rtol=1e-6)
print(mesh.GetNumberOfPolys(), "quads, largest error", error.max())
