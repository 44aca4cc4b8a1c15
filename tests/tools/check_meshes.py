"""Reads surface.{obj,stl,glb} of a folder with VTK and trimesh and compares them with surface.h5, of which they were made.

    python check_meshes.py FOLDER TRAJECTORY.h5     # needs vtk, trimesh, h5py, numpy
"""

import sys

import h5py
import numpy
import trimesh
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkIOGeometry import vtkGLTFReader, vtkOBJReader, vtkSTLReader

folder = sys.argv[1]
with h5py.File(folder + "/surface.h5") as f:
    x, y, loss = f["xcoordinates"][:], f["ycoordinates"][:], f["train_loss"][:]
with h5py.File(sys.argv[2]) as f:
    steps = len(f["proj_xcoord"])
there = numpy.isfinite(loss)
quads = int((there[:-1, :-1] & there[1:, :-1] & there[:-1, 1:] & there[1:, 1:]).sum())
# heights are made to fit: 0.7 of the longer side
low, high = loss[there].min(), loss[there].max()
factor = 0.7 * max(numpy.ptp(x), numpy.ptp(y)) / (high - low)
bounds = numpy.array([[x[0], y[0], factor * low], [x[-1], y[-1], factor * high]])


def read(reader, name):
    reader = reader()
    reader.SetFileName(name)
    reader.Update()
    return reader.GetOutput()


def close(found, wanted, what):
    assert numpy.allclose(found, wanted, atol=1e-5), (what, found, wanted)


def vtk_bounds(mesh):
    return numpy.array(mesh.GetBounds()).reshape(3, 2).T


obj = read(vtkOBJReader, folder + "/surface.obj")
assert obj.GetNumberOfPolys() == quads and obj.GetNumberOfLines() == 1, (obj.GetNumberOfPolys(), obj.GetNumberOfLines())
assert obj.GetPointData().GetNormals() is not None
close(vtk_bounds(obj), bounds, "obj in VTK")
# colours stand after the places, which neither of the two keeps beside quads with normals
with open(folder + "/surface.obj") as text:
    colours = numpy.array([line.split()[4:] for line in text if line.startswith("v ")], float)
assert colours.shape[1] == 3 and len(numpy.unique(colours, axis=0)) > 15
assert 0 <= colours.min() and colours.max() <= 1

stl = read(vtkSTLReader, folder + "/surface.stl")
assert stl.GetNumberOfPolys() == 2 * quads
mesh = trimesh.load(folder + "/surface.stl", process=False)
assert len(mesh.faces) == 2 * quads
if there.all():
    close(mesh.bounds, bounds, "stl in trimesh")
assert (mesh.face_normals[:, 2] > 0).all(), "counter-clockwise seen from above"

# glTF has y upwards: (x, z, -y)
scene = trimesh.load(folder + "/surface.glb", process=False)
surface, line = scene.geometry["surface"], scene.geometry["trajectory-1"]
assert len(surface.vertices) == loss.size and len(surface.faces) == 2 * quads
back = surface.vertices[:, [0, 2, 1]] * [1, -1, 1]
grid = numpy.stack(numpy.meshgrid(x, y), axis=-1).reshape(-1, 2)
close(back[:, :2], grid, "glb")
close(back[there.ravel(), 2], factor * loss[there], "glb heights")
assert (surface.face_normals[:, 1] > 0).all()
colours = surface.visual.vertex_attributes["color"][there.ravel()]
lowest, highest = colours[loss[there].argmin()], colours[loss[there].argmax()]
assert lowest[2] > 2 * lowest[0] and highest[0] > 2 * highest[2], "blue below, red above"
assert len(line.vertices) > steps
blocks = read(vtkGLTFReader, folder + "/surface.glb")
iterator = blocks.NewIterator()
polygons = 0
iterator.InitTraversal()
while not iterator.IsDoneWithTraversal():
    polygons += iterator.GetCurrentDataObject().GetNumberOfPolys()
    iterator.GoToNextItem()
assert polygons == 2 * quads, polygons
print(quads, "quads in three forms")
