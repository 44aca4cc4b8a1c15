"""How fast relief is: measured against PyTorch in one run, and what its other stages cost. Prints BENCHMARKS.md's tables.

    pip install torch==2.13.0 numpy h5py && python tests/bench/bench.py target/release [--rounds 3] [NETWORK …]

Programs alternate, seconds are medians, and ± is half the distance of the extremes; ratios are medians of each round's.
relief's times are those of the whole process; PyTorch's are those of the loop alone, without start-up or compilation.
Data are random images.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import h5py
import numpy
import torch
from costs import costs
from curvature import STUDIES as CURVATURE, curvature
from machine import CORES, check, gemm_peak, processor, run
from networks import network
from torch.utils.flop_counter import FlopCounterMode

HERE = pathlib.Path(__file__).resolve().parent
# images, and points along x and y: DenseNet-121 costs seven times as much as ResNet-56
STUDIES = {"resnet20": (2000, 3, 3), "resnet56": (2000, 3, 3), "vgg9": (2000, 3, 3), "densenet121": (200, 3, 3),
           "vit": (1000, 3, 3)}
# also measured against torch.compile, and in bf16
MORE = ["resnet20", "resnet56"]
# glibc gives the memory of large tensors back to the kernel and takes it anew, or not, as it happens; with these it never does
KEPT = {"MALLOC_MMAP_THRESHOLD_": str(4 << 30), "MALLOC_TRIM_THRESHOLD_": str(16 << 30)}
# ways of PyTorch: what peer.py is told, and its environment
PEERS = {"eager": ("eager", {}), "kept": ("eager", KEPT), "compiled": ("compiled", {})}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", type=pathlib.Path, help="the folder of the stages")
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help=f"{', '.join(STUDIES)}, curvature, costs; none: all")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    stages = args.stages.resolve()
    wanted = args.networks or [*STUDIES, "curvature", "costs"]
    print(f"{time.strftime('%Y-%m-%d')}, {processor()}, {CORES} cores, PyTorch {torch.__version__}, {args.rounds} rounds\n")
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        folder = pathlib.Path(folder)
        print("| network | images × points | relief s | PyTorch s | memory kept s | compiled s (to compile) "
              "| relief/PyTorch | relief/kept | relief/compiled | GFLOP/s | of GEMM | loss off by | MB |")
        print("|---|---|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
        for name in (name for name in wanted if name in STUDIES):
            print("\n".join(compared(stages, folder, name, args.rounds)), flush=True)
        if "curvature" in wanted:
            print("\n| network | examples | relief products/s | PyTorch products/s | curvlinops products/s | relief/PyTorch "
                  "| relief/curvlinops | MB |\n|---|---|---|---|---|---|---|---|", flush=True)
            for name in CURVATURE:
                if not (folder / f"{name}.h5").exists():
                    prepare(stages, folder, name, STUDIES[name][0])
            for row in curvature(stages, folder, args.rounds):
                print(row, flush=True)
        if "costs" in wanted:
            print("\n| what | time | memory |\n|---|---|---|", flush=True)
            if not (folder / "resnet56.h5").exists():
                prepare(stages, folder, "resnet56", 2000)
            costs(stages, folder)


def compared(stages, folder, name, rounds):
    """The rows of a network: in f32, and perhaps in bf16."""
    images, nx, ny = STUDIES[name]
    prepare(stages, folder, name, images)
    points = [(x, y) for y in numpy.linspace(-0.5, 0.5, ny) for x in numpy.linspace(-0.5, 0.5, nx)]
    peers, start = [how for how in PEERS if how != "compiled" or name in MORE], {}
    precisions = ["f32"] + ["bf16"] * (name in MORE)
    times, gemm, memory = {how: [] for how in [*precisions, *peers]}, [], {}
    for _ in range(rounds):
        for precision in precisions:
            seconds, memory[precision] = run(
                [stages / "eval-grid", "--model", folder / f"{name}.h5", "--data", folder / f"{name}-data.h5",
                 "--directions", folder / f"{name}-directions.h5", f"--x=-0.5:0.5:{nx}", f"--y=-0.5:0.5:{ny}", "--split",
                 "test", "--precision", precision, "--output", folder / f"{name}-{precision}.h5", "--force", "--quiet"])
            times[precision].append(seconds)
        for how in peers:
            # a new process each round: whether one keeps its memory is settled when it starts
            start[how], seconds, found = peer(folder, name, how, points)
            times[how].append(seconds)
            losses = found if how == "eager" else losses
        gemm.append(gemm_peak())
    with FlopCounterMode(display=False) as counter:
        network(name)(torch.zeros(1, 3, 32, 32))
    flops = counter.get_total_flops() * images * len(points)
    spent = {how: f"{statistics.median(t):.1f} ± {(max(t) - min(t)) / 2:.1f}" for how, t in times.items()}
    for precision in precisions:
        with h5py.File(folder / f"{name}-{precision}.h5") as file:
            off = max(abs(file["test_loss"][()] - losses) / numpy.abs(losses))
        # ratios of each round: what else the machine does in that minute falls out of them
        ratio = {how: statistics.median(t / r for t, r in zip(times[how], times[precision])) for how in peers}
        compiled = f"{spent['compiled']} ({start['compiled']:.0f})" if "compiled" in peers else ""
        against = f"{ratio['compiled']:.2f}" if "compiled" in peers else ""
        speed = flops / statistics.median(times[precision])
        yield (f"| {name}{', bf16' if precision == 'bf16' else ''} | {images} × {len(points)} | {spent[precision]} "
               f"| {spent['eager']} | {spent['kept']} | {compiled} | {ratio['eager']:.2f} | {ratio['kept']:.2f} | {against} "
               f"| {speed / 1e9:.0f} | {speed / statistics.median(gemm):.0%} | {off:.0e} | {memory[precision]} |")


def peer(folder, name, how, points):
    """Seconds to start (to compile), seconds and losses of a PyTorch process."""
    way, environment = PEERS[how]
    command = [sys.executable, HERE / "peer.py", folder, name, way, json.dumps(points)]
    outcome = subprocess.run(command, check=True, stdout=subprocess.PIPE, env={**os.environ, **environment})
    return json.loads(outcome.stdout)


def prepare(stages, folder, name, images):
    """Model, data and directions, for both."""
    generator = numpy.random.default_rng(0)
    inputs = generator.integers(0, 256, (images, 3, 32, 32), dtype=numpy.uint8)
    numpy.savez(folder / f"{name}.npz", test_inputs=inputs, test_targets=generator.integers(0, 10, images))
    quiet = ["--quiet", "--force", "--output"]
    check([stages / "import-data", "npz", folder / f"{name}.npz", "--normalize", "none", *quiet, folder / f"{name}-data.h5"])
    module = network(name)
    if name == "vit":
        program = torch.export.export(module, (torch.zeros(4, 3, 32, 32),), dynamic_shapes=({0: torch.export.Dim.AUTO},))
        torch.export.save(program, folder / "vit.pt2")
        source = ["--program", folder / "vit.pt2"]
    else:
        torch.save(module.state_dict(), folder / f"{name}.pt")
        source = ["--arch", name, "--checkpoint", folder / f"{name}.pt"]
    check([stages / "import-model", *source, *quiet, folder / f"{name}.h5"])
    check([stages / "make-dirs", "--model", folder / f"{name}.h5", "--xnorm", "filter", "--ynorm", "filter", "--xignore",
           "biasbn", "--yignore", "biasbn", *quiet, folder / f"{name}-directions.h5"])


if __name__ == "__main__":
    main()
