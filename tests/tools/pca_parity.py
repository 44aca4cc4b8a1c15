"""Compares the principal components of `make-dirs --pca` with scikit-learn's PCA on the same matrix.

    pip install numpy h5py scikit-learn
    python tests/tools/pca_parity.py FINAL.h5 DIRECTIONS.h5 biasbn|none CHECKPOINT.h5 …

The matrix has a row θ_k - θ* for each checkpoint, and one of zeros where the final model is not among them. It is
formed in f64 and in memory, unlike that of make-dirs. Prints the largest differences and exits with 1 above 1e-6
(ratios) or 1e-5 (components).
"""

import sys

import h5py
import numpy
from sklearn.decomposition import PCA


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def vector(path, ignore):
    """The parameters of a model, one after the other; zeros for those of one dimension where they are ignored."""
    with h5py.File(path) as file:
        entries = []
        file["state"].visititems(
            lambda name, item: entries.append((item.attrs["index"], name)) if isinstance(item, h5py.Dataset) else None
        )
        parts = []
        for _, name in sorted(entries):
            item = file["state"][name]
            if text(item.attrs["role"]) == "parameter":
                values = numpy.float64(item[()]).ravel()
                parts.append(values * (ignore == "none" or item.ndim > 1))
        return numpy.concatenate(parts)


def direction(file, axis):
    group = file[axis + "direction"]
    return numpy.concatenate([numpy.float64(group[str(k)][()]).ravel() for k in range(len(group))])


def main():
    final, directions, ignore, *checkpoints = sys.argv[1:]
    origin = vector(final, ignore)
    rows = numpy.array([vector(path, ignore) - origin for path in checkpoints])
    if rows.any(axis=1).all():
        rows = numpy.vstack([rows, 0 * origin])
    with h5py.File(directions) as file:
        found = [direction(file, axis) for axis in "xy" if axis + "direction" in file]
        ratios = file["explained_variance_ratio_"][()]
    wanted = PCA(len(found), svd_solver="full").fit(rows)
    off = numpy.abs(ratios - wanted.explained_variance_ratio_).max()
    print(f"ratios {ratios}, off by {off:.1e}")
    worst = 0
    for one, component in zip(found, wanted.components_):
        component = component * numpy.sign(component[numpy.abs(component).argmax()])
        worst = max(worst, numpy.abs(one - component).max())
    print(f"components of {origin.size} weights, off by {worst:.1e} at most")
    return 1 if off > 1e-6 or worst > 1e-5 else 0


if __name__ == "__main__":
    sys.exit(main())
