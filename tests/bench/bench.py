"""How fast relief is: measured against PyTorch in one run, and what its other stages cost. Prints BENCHMARKS.md's tables.

    pip install torch==2.13.0 numpy h5py && python tests/bench/bench.py target/release [--rounds 3] [NETWORK …]

Programs alternate, figures are medians, and ± is half the distance of the extremes. relief's times are those of the whole
process; PyTorch's are those of the loop alone, without start-up or compilation. Data are random images.
"""

import argparse
import json
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import h5py
import numpy
import torch
from networks import network
from torch.utils.flop_counter import FlopCounterMode

HERE = pathlib.Path(__file__).resolve().parent
CORES = len(os.sched_getaffinity(0))
# images, and points along x and y: DenseNet-121 costs seven times as much as ResNet-56
STUDIES = {"resnet20": (2000, 3, 3), "resnet56": (2000, 3, 3), "vgg9": (2000, 3, 3), "densenet121": (400, 3, 1),
           "vit": (2000, 3, 3)}
COMPILED = ["resnet20", "resnet56"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", type=pathlib.Path, help="the folder of the stages")
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help=f"{', '.join(STUDIES)}, none: all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", default="f32", help="of relief; PyTorch computes in f32 [default: f32]")
    parser.add_argument("--no-costs", action="store_true", help="leave out what the other stages cost")
    args = parser.parse_args()
    stages = args.stages.resolve()
    print(f"{time.strftime('%Y-%m-%d')}, {processor()}, {CORES} cores, PyTorch {torch.__version__}, {args.rounds} rounds\n")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        print("| network | images × points | relief s | PyTorch s | compiled s (compile) | relief/PyTorch "
              "| relief/compiled | GFLOP/s | of GEMM | loss off by | MB |")
        print("|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
        for name in args.networks or STUDIES:
            print(compared(stages, folder, name, args.rounds, args.precision), flush=True)
        if not args.no_costs:
            print("\n| what | time | memory |\n|---|---|---|", flush=True)
            costs(stages, folder)


def compared(stages, folder, name, rounds, precision):
    """The row of a network."""
    images, nx, ny = STUDIES[name]
    axes = ["--x=-0.5:0.5:%d" % nx] + (["--y=-0.5:0.5:%d" % ny] if ny > 1 else [])
    prepare(stages, folder, name, images)
    points = [(x, y) for y in (numpy.linspace(-0.5, 0.5, ny) if ny > 1 else [0.0]) for x in numpy.linspace(-0.5, 0.5, nx)]
    peers = {how: Peer(folder, name, how, points) for how in ["eager"] + ["compiled"] * (name in COMPILED)}
    evaluate = [stages / "eval-grid", "--model", folder / f"{name}.h5", "--data", folder / f"{name}-data.h5",
                "--directions", folder / f"{name}-directions.h5", *axes, "--split", "test", *(["--precision", precision] if precision != "f32" else []),
                "--output", folder / f"{name}-shard.h5", "--force", "--quiet"]
    times, gemm, memory = {how: [] for how in ["relief", *peers]}, [], 0
    for _ in range(rounds):
        seconds, kilobytes = run(evaluate)
        times["relief"].append(seconds)
        memory = max(memory, kilobytes)
        for how, peer in peers.items():
            seconds, losses = peer.round()
            times[how].append(seconds)
        gemm.append(gemm_peak())
    for peer in peers.values():
        peer.end()
    with h5py.File(folder / f"{name}-shard.h5") as file:
        found = file["test_loss"][()]
    off = max(abs(found - losses) / numpy.abs(losses))
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(name)(torch.zeros(1, 3, 32, 32))
    relief = statistics.median(times["relief"])
    flops = counter.get_total_flops() * images * len(points) / relief
    spent = {how: f"{statistics.median(t):.1f} ± {(max(t) - min(t)) / 2:.1f}" for how, t in times.items()}
    # ratios of each round: what else the machine does in that minute falls out of them
    ratio = {how: statistics.median(t / r for t, r in zip(times[how], times["relief"])) for how in peers}
    compiled = f"{spent['compiled']} ({peers['compiled'].start:.0f})" if "compiled" in peers else ""
    against = f"{ratio['compiled']:.2f}" if "compiled" in peers else ""
    return (f"| {name} | {images} × {len(points)} | {spent['relief']} | {spent['eager']} | {compiled} | {ratio['eager']:.2f} "
            f"| {against} | {flops / 1e9:.0f} | {flops / statistics.median(gemm):.0%} | {off:.0e} | {memory // 1024} |")


class Peer:
    """A PyTorch process that waits between its rounds."""

    def __init__(self, folder, name, how, points):
        command = [sys.executable, HERE / "peer.py", folder, name, how, json.dumps(points)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.start, _ = self.answer()

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def round(self):
        print(file=self.process.stdin, flush=True)
        return self.answer()

    def end(self):
        self.process.communicate()


def prepare(stages, folder, name, images):
    """Model, data and directions, for both."""
    generator = numpy.random.default_rng(0)
    save_images(folder / f"{name}.npz", images, generator)
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


def save_images(path, count, generator):
    inputs = generator.integers(0, 256, (count, 3, 32, 32), dtype=numpy.uint8)
    numpy.savez(path, test_inputs=inputs, test_targets=generator.integers(0, 10, count))


def costs(stages, folder):
    """What else takes time: a row each."""
    if not (folder / "resnet56.h5").exists():
        prepare(stages, folder, "resnet56", 2000)

    def evaluate(data, *more):
        return [stages / "eval-grid", "--model", folder / "resnet56.h5", "--data", folder / data, "--directions",
                folder / "resnet56-directions.h5", "--x=-1:1:51", "--y=-1:1:51", *more, "--output", folder / "s.h5",
                "--force", "--quiet"]

    row("eval-grid, 2,000 images: start to the first batch", *until_first_batch(evaluate("resnet56-data.h5")))
    save_images(folder / "all.npz", 50_000, numpy.random.default_rng(1))
    check([stages / "import-data", "npz", folder / "all.npz", "--quiet", "--output", folder / "all.h5"])
    row(f"eval-grid, 50,000 images, {CORES} jobs: start, and 20 s of work", *until_first_batch(evaluate("all.h5"), 20))
    shards = folder / "shards"
    check([HERE.parent.parent / "target" / "release" / "examples" / "shards", shards, "1000", "1001"])
    surface = folder / "surface.h5"
    row("merge, 1,000 shards, 1001 × 1001 points",
        *run([stages / "merge", *sorted(shards.iterdir()), "--output", surface, "--quiet"]))
    for plot in ["contour", "contourf", "heat", "surface3d"]:
        row(f"render --plot {plot}, 1001 × 1001",
            *run([stages / "render", surface, "--plot", plot, "--output", folder / f"{plot}.png", "--quiet"]))
    row("render --plot page, 1001 × 1001",
        *run([stages / "render", surface, "--plot", "page", "--output", folder / "page.html", "--quiet"]))
    row("to-vtp, 1001 × 1001", *run([stages / "to-vtp", surface, "--output", folder / "surface.vtp", "--quiet"]))


def row(what, seconds, kilobytes):
    print(f"| {what} | {seconds:.1f} s | {kilobytes // 1024} MB |", flush=True)


def until_first_batch(command, then=0.0):
    """Signalled to stop, eval-grid does so before its next batch."""
    def stop(process):
        time.sleep(max(then, 0.2))
        process.send_signal(signal.SIGTERM)

    return run(command, stop, 75)


def run(command, meanwhile=lambda process: None, status=0):
    """Seconds and the largest memory in kilobytes of a process."""
    start = time.perf_counter()
    process = subprocess.Popen(command)
    meanwhile(process)
    _, ended, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(ended) != status:
        sys.exit(f"{' '.join(map(str, command[:6]))} … ended with {os.waitstatus_to_exitcode(ended)}")
    return time.perf_counter() - start, usage.ru_maxrss


def check(command):
    subprocess.run(command, check=True)


def gemm_peak():
    """Operations a second of products of large matrices, on all cores."""
    a, b = torch.rand(2048, 2048), torch.rand(2048, 2048)
    times = []
    for _ in range(8):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    return 2 * 2048**3 / statistics.median(times)


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    flags = next((line for line in lines if line.startswith("flags")), "").split()
    widest = next((isa for isa in ["amx_bf16", "avx512_bf16", "avx512f", "avx2"] if isa in flags), platform.machine())
    return f"{names[0] if names else platform.processor()} ({widest})"


main()
