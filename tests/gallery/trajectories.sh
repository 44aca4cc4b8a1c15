#!/usr/bin/env bash
# Makes the trajectories of data/ from nothing: two ResNet-20 on the first 10,000 images of CIFAR-10, which differ in
# their seed, and a curve between them. About an hour on two cores.
#
#   make cifar10 && tests/gallery/trajectories.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH=$PWD/target/release:$PATH
data=$PWD/build/cifar10.h5
kept=$PWD/tests/gallery/data
mkdir -p build/gallery-trajectories
cd build/gallery-trajectories
export OMP_NUM_THREADS=1

a=net1/model-20.h5
b=net2/model-20.h5
for seed in 1 2; do
    train --arch resnet20 --data "$data" --limit 10000 --epochs 20 --schedule cosine --lr 0.1 --batch 128 --seed $seed \
        --output-dir net$seed
done

# both runs on the plane of their principal components
make-dirs --model $a --pca net1/model-*.h5 net2/model-*.h5 --output runs-dirs.h5
project --model $a --directions runs-dirs.h5 --run 'seed 1=net1/model-*.h5' --run 'seed 2=net2/model-*.h5' --output plain.h5
runs=(eval-grid --model $a --data "$data" --directions runs-dirs.h5 --limit 300 --split train --recalibrate-bn 256)
"${runs[@]}" --points plain.h5 --at-checkpoints --output runs-shard.h5
"${runs[@]}" --points plain.h5 --output below-shard.h5
"${runs[@]}" --x=auto:25 --y=auto:21 --trajectory plain.h5 --output runs-surface-shard.h5

# the straight line and a Bézier curve between both, and the plane that holds them
connect --model $a --target $b --data "$data" --limit 10000 --epochs 10 --batch 128 --lr 0.05 --schedule cosine \
    --no-nesterov --seed 3 --output bend.h5
make-dirs --model $a --target $b --target-y bend.h5 --orthonormal --output plane.h5
project --model $a --directions plane.h5 --curve bezier $a bend.h5 $b --output bezier-plain.h5
project --model $a --directions plane.h5 --curve chain $a $b --output line-plain.h5
between=(eval-grid --model $a --data "$data" --directions plane.h5)
"${between[@]}" --limit 1000 --recalibrate-bn 1024 --points bezier-plain.h5 --output bezier-shard.h5
"${between[@]}" --limit 1000 --recalibrate-bn 1024 --points line-plain.h5 --output line-shard.h5
"${between[@]}" --limit 1000 --points line-plain.h5 --output stored-shard.h5
"${between[@]}" --limit 300 --split train --recalibrate-bn 256 --x=auto:19 --y=auto:15 --trajectory bezier-plain.h5 \
    --output plane-surface-shard.h5

for name in runs below runs-surface bezier line stored plane-surface; do
    merge $name-shard.h5 --output $name.h5 --force
    python3 ../../tests/gallery/without_folders.py $name.h5 "$kept/$name.h5"
done
