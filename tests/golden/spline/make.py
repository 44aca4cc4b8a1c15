"""A resampled surface by SciPy, for `stages/lib/grid/src/resample.rs`.

    python make.py > scipy.json        # made with SciPy 1.17, numpy 2.4
"""

import json

import numpy
from scipy.interpolate import RectBivariateSpline

x, y = numpy.linspace(-1, 1, 6), numpy.linspace(0, 2, 5)
z = numpy.cos(3 * x)[None, :] * numpy.exp(y)[:, None] + x[None, :] * y[:, None]
fine_x, fine_y = numpy.linspace(-1, 1, 9), numpy.linspace(0, 2, 9)
resampled = RectBivariateSpline(y, x, z, kx=3, ky=3, s=0)(fine_y, fine_x)
print(json.dumps({"x": x.tolist(), "y": y.tolist(), "z": z.ravel().tolist(), "resampled": resampled.ravel().tolist()}))
