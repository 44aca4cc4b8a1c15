"""Makes contourpy.json: contour lines of ten random fields by contourpy's `serial` algorithm, the one that matplotlib
uses. Five fields have holes; half are interpolated in the logarithm.

    pip install contourpy==1.3.3 numpy && python make.py
"""

import json
import pathlib

import contourpy
import numpy

random = numpy.random.default_rng(5)
cases = []
for k in range(10):
    nx, ny = random.integers(4, 12, 2)
    x, y = numpy.sort(random.uniform(-1, 1, nx)), numpy.sort(random.uniform(-2, 2, ny))
    log, holed = k % 2 == 1, k >= 5
    z = random.normal(size=(ny, nx))
    z = numpy.exp(3 * z) if log else z
    if holed:
        z[random.uniform(size=z.shape) < 0.08] = numpy.nan
    z = numpy.array([[float(f"{value:.6g}") for value in row] for row in z])
    generator = contourpy.contour_generator(
        x, y, numpy.ma.masked_invalid(z), name="serial", line_type="Separate",
        z_interp=contourpy.ZInterp.Log if log else contourpy.ZInterp.Linear,
    )
    levels = [float(f"{level:.3g}") for level in numpy.nanquantile(z, [0.1, 0.3, 0.5, 0.7, 0.9])]
    cases.append({
        "name": f"field {k}{' with holes' if holed else ''}{', logarithm' if log else ''}",
        "log": log,
        "x": x.tolist(),
        "y": y.tolist(),
        "z": [None if numpy.isnan(value) else value for value in z.ravel()],
        "levels": [
            {"level": level, "lines": [line.tolist() for line in generator.lines(level)]} for level in levels
        ],
    })
text = json.dumps(cases)
pathlib.Path(__file__).with_name("contourpy.json").write_text(text + "\n")
print(len(text), "bytes,", sum(len(level["lines"]) for case in cases for level in case["levels"]), "lines")
