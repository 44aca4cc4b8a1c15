"""A surface in a notebook, with h5py: python read_surface.py surface.h5"""

import sys

import h5py
import numpy

with h5py.File(sys.argv[1]) as f:
    x, y, loss = f["xcoordinates"][:], f["ycoordinates"][:], f["train_loss"][:]  # loss[row, column] = loss[y, x]
    history = [line.decode() for line in f.attrs["history"]]

row, column = numpy.unravel_index(numpy.nanargmin(loss), loss.shape)
print(f"least loss {loss[row, column]:.6f} at x = {x[column]:g}, y = {y[row]:g}")
print("made by:", *history, sep="\n  ")
