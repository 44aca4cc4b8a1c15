"""Coordinates that the Python tool of 2018 finds, for `tests/tests/project.rs`.

    python make.py LOSS_LANDSCAPE > expected.json       # LOSS_LANDSCAPE: a clone of the tool; needs PyTorch, numpy, h5py

A linear model of 50 numbers (weight [10, 4], bias [10]), two pairs of directions and four checkpoints are made by
formulas. The tool's own functions (`projection.py`: `tensorlist_to_tensor`, `nplist_to_tensor`, `project_1D`,
`project_2D`) project the checkpoints. Made with commit 64ef4d5 of the tool's repository and PyTorch 2.13.0.
"""

import json
import pathlib
import sys
import types

import numpy as np
import torch

SHAPES = [(10, 4), (10,)]


def numbers(salt):
    """Two arrays of small numbers that have no common direction, by a formula, in f32."""
    arrays = []
    for part, shape in enumerate(SHAPES):
        k = np.arange(np.prod(shape), dtype=np.float64)
        arrays.append(np.sin(1.7 * k * (salt + 1) + 0.3 * salt + part).astype(np.float32).reshape(shape))
    return arrays


def orthonormal(first, second):
    """Both as directions of unit length at a right angle."""
    a, b = [np.concatenate([p.ravel() for p in x]).astype(np.float64) for x in (first, second)]
    a /= np.linalg.norm(a)
    b -= (b @ a) * a
    b /= np.linalg.norm(b)
    return [[x[:40].reshape(10, 4).astype(np.float32), x[40:].astype(np.float32)] for x in (a, b)]


def main():
    sys.path.insert(0, str(pathlib.Path(sys.argv[1]).resolve()))
    # what its module imports and these functions do not use
    for name in ("model_loader", "net_plotter", "h5_util"):
        sys.modules[name] = types.ModuleType(name)
    decomposition = types.ModuleType("sklearn.decomposition")
    decomposition.PCA = None
    sys.modules["sklearn"] = types.ModuleType("sklearn")
    sys.modules["sklearn.decomposition"] = decomposition
    import projection

    origin = numbers(0)
    between = [a + b for a, b in zip(numbers(1), numbers(2))]
    planes = {"oblique": [numbers(1), between], "orthonormal": orthonormal(numbers(1), numbers(2))}
    checkpoints = [numbers(salt) for salt in (3, 4, 5)]
    expected = {"origin": origin, "checkpoints": checkpoints, "planes": planes, "coordinates": {}}
    for name, (x, y) in planes.items():
        dx, dy = projection.nplist_to_tensor(x), projection.nplist_to_tensor(y)
        for method in ("cos", "lstsq"):
            places = []
            for checkpoint in checkpoints:
                moved = [torch.tensor(b) - torch.tensor(a) for a, b in zip(origin, checkpoint)]
                moved = torch.cat([part.reshape(-1) for part in moved]).double()
                places.append([float(v) for v in projection.project_2D(moved, dx, dy, method)])
            expected["coordinates"][f"{name} {method}"] = places
    print(json.dumps(expected, default=lambda array: array.tolist()))


if __name__ == "__main__":
    main()
