#!/usr/bin/env bash
# Makes the spectra of data/ from nothing: those of a small vision transformer without the weights that it was trained
# to, on the first 200 images of the demo, while gradient descent with all of them in each step (rate 0.02) trains it.
# Some twenty minutes on two cores. Needs Python with numpy and h5py.
#
#   tests/gallery/spectra.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH=$PWD/target/release:$PATH
# as the history of the files has them
demo=../../pipelines/demo
gallery=../../tests/gallery
mkdir -p build/gallery-spectra
cd build/gallery-spectra

import-data idx $demo --classes fashion-mnist --normalize 0.2860/0.3530 --output data.h5 --force
import-model --program $demo/vit.pt2 --output vit.h5 --force
python3 - <<'END'
import h5py
import numpy

random = numpy.random.default_rng(0)
fresh = {}
with h5py.File("vit.h5") as f:
    for name, tensor in f["state"].items():
        shape = tensor.shape
        if "norm" in name and name.endswith("weight"):
            values = numpy.ones(shape)
        elif name in ("place", "token"):
            values = 0.5 * random.standard_normal(shape)
        elif name.endswith("weight"):
            values = random.uniform(-1, 1, shape) / numpy.sqrt(numpy.prod(shape[1:]))
        else:
            values = numpy.zeros(shape)
        fresh[name] = values.astype(numpy.float32)
numpy.savez("fresh.npz", **fresh)
END
import-model --program $demo/vit.pt2 --checkpoint fresh.npz --output fresh.h5 --force
train --program fresh.h5 --data data.h5 --limit 200 --batch 200 --epochs 300 --momentum 0 --no-nesterov \
    --weight-decay 0 --schedule constant --augment none --lr 0.02 --save-every 12 --output-dir gd

hessian --model 'gd/model-*.h5' --data data.h5 --limit 200 --top 3 --bottom 1 --trace 10 --output training.h5
hessian --model gd/model-0.h5 gd/model-96.h5 gd/model-300.h5 --data data.h5 --limit 200 --top 10 --bottom 3 \
    --density 6 --density-steps 50 --output density.h5
last=(hessian --model gd/model-300.h5 --data data.h5 --limit 200 --top 10 --density 6 --density-steps 50)
"${last[@]}" --bottom 3 --output density-300.h5
"${last[@]}" --bottom 1 --operator ggn --output ggn.h5

# eigenvectors are large, and no picture needs them; the id follows from the rest
python3 - <<'END'
import h5py

for name in ("density-300.h5", "ggn.h5"):
    with h5py.File(name, "r+") as f:
        del f["eigenvectors"], f.attrs["names"], f.attrs["id"]
END
for name in training density density-300 ggn; do
    python3 $gallery/without_folders.py $name.h5 $gallery/data/vit-$name.h5
done
