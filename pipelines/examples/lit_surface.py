"""The lit surface of the paper, drawn by ParaView without a window from a file of to-vtp.

    to-vtp surface.h5 --log --zscale fit --interp 301 --trajectory run.h5 --output surface.vtp
    pvpython pipelines/examples/lit_surface.py surface.vtp surface.png
"""

import sys

from paraview import servermanager, simple

source, picture = sys.argv[1:3]
surface = simple.XMLPolyDataReader(FileName=[source])
surface.UpdatePipeline()
mesh = servermanager.Fetch(surface)
left, right, front, back, bottom, top = mesh.GetBounds()
size = max(right - left, back - front)

view = simple.CreateView("RenderView")
view.UseColorPaletteForBackground = 0
view.Background = [1, 1, 1]
view.OrientationAxesVisibility = 0

shown = simple.Show(surface, view)
shown.Representation = "Surface"
simple.ColorBy(shown, ("POINTS", "zvalue"))
colours = simple.GetColorTransferFunction("zvalue")
colours.ApplyPreset("Cool to Warm", True)
colours.RescaleTransferFunction(*mesh.GetPointData().GetArray("zvalue").GetFiniteRange(0))
shown.SetScalarBarVisibility(view, False)
shown.Ambient, shown.Diffuse, shown.Specular, shown.SpecularPower = 0.25, 0.8, 0.25, 30

if mesh.GetNumberOfLines():
    # trajectories are the lines of the file, and a tube is made of lines only
    tube = simple.Show(simple.Tube(Input=surface, Radius=0.006 * size), view)
    simple.ColorBy(tube, None)
    tube.AmbientColor = tube.DiffuseColor = [0.78, 0.06, 0.18]

middle = [(left + right) / 2, (front + back) / 2, (bottom + top) / 2]
view.CameraFocalPoint = middle
view.CameraPosition = [middle[0] + 1.15 * size, middle[1] - 1.85 * size, middle[2] + 1.35 * size]
view.CameraViewUp = [0, 0, 1]
simple.SaveScreenshot(picture, view, ImageResolution=[1600, 1200])
