"""Directions of your own, with h5py: python own_directions.py model.h5 directions.h5

x leads against the gradient of weight decay (the weights shrink, and are gone at x = 1), y turns each matrix within itself
(its rows move to their neighbours). relief takes any tensors of the right shapes.
"""

import sys

import h5py
import numpy

model, output = sys.argv[1:]
with h5py.File(model) as f:
    entries = sorted(f["state"].values(), key=lambda entry: entry.attrs["index"])
    entries = [entry for entry in entries if entry.attrs["role"].decode() == "parameter"]
    names = [entry.name.removeprefix("/state/") for entry in entries]
    weights = [entry[()] for entry in entries]
    model_id = f.attrs["id"]

with h5py.File(output, "w") as f:
    f.attrs["kind"], f.attrs["format_version"], f.attrs["dir_type"] = "directions", 1, "weights"
    f.attrs["names"] = names
    f.attrs["model_id"] = model_id  # optional: relief then refuses other models
    for k, weight in enumerate(weights):
        f[f"xdirection/{k}"] = -weight
        f[f"ydirection/{k}"] = numpy.roll(weight, 1, axis=0) - weight if weight.ndim > 1 else 0 * weight
