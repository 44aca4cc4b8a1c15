"""What else takes time and memory: a row each."""

import pathlib
import signal
import statistics
import subprocess
import sys
import time

import h5py
import numpy
from machine import CORES, check, run


def costs(stages, folder):
    evaluate = [stages / "eval-grid", "--model", folder / "resnet56.h5", "--directions", folder / "resnet56-directions.h5",
                "--force", "--quiet"]
    few = [*evaluate, "--data", folder / "resnet56-data.h5", "--split", "test"]
    large = ["--x=-1:1:51", "--y=-1:1:51", "--output", folder / "large.h5"]
    row("eval-grid, 2,000 images: start, to the first batch", *until_first_batch([*few, *large]))
    generator = numpy.random.default_rng(1)
    numpy.savez(folder / "all.npz", train_inputs=generator.integers(0, 256, (50_000, 3, 32, 32), dtype=numpy.uint8),
                train_targets=generator.integers(0, 10, 50_000))
    check([stages / "import-data", "npz", folder / "all.npz", "--quiet", "--output", folder / "all.h5"])
    row(f"eval-grid, 50,000 images, {CORES} jobs: start, and 20 s of work",
        *until_first_batch([*evaluate, "--data", folder / "all.h5", *large], 20))
    sharing([*few, "--x=-1:1:8"], folder)

    shards = folder / "shards"
    shards.mkdir()
    for number in range(1, 1001):
        write_shard(shards / f"{number}.h5", number, 1000, 1001)
    surface = folder / "surface.h5"
    row("merge, 1,000 shards, 1001 × 1001 points",
        *run([stages / "merge", *sorted(shards.iterdir()), "--output", surface, "--quiet"]))
    for plot in ["contour", "contourf", "heat", "surface3d"]:
        row(f"render --plot {plot}, 1001 × 1001",
            *run([stages / "render", surface, "--plot", plot, "--output", folder / f"{plot}.png", "--quiet"]))
    row("render --output page.html, 1001 × 1001", *run([stages / "render", surface, "--output", folder / "page.html", "--quiet"]))
    row("to-vtp, 1001 × 1001", *run([stages / "to-vtp", surface, "--output", folder / "surface.vtp", "--quiet"]))


def row(what, seconds, megabytes):
    print(f"| {what} | {seconds:.1f} s | {megabytes} MB |", flush=True)


def until_first_batch(command, then=0.0):
    """Signalled to stop, as soon as it listens, eval-grid does so before its next batch."""
    def stop(process):
        status = pathlib.Path(f"/proc/{process.pid}/status")
        caught = lambda: int(next(line for line in status.read_text().splitlines() if line.startswith("SigCgt")).split()[1], 16)
        while not caught() >> (signal.SIGTERM - 1) & 1:
            time.sleep(0.01)
        time.sleep(then)
        process.send_signal(signal.SIGTERM)

    return run(command, stop, 75)


def sharing(evaluate, folder):
    """One process of a job for each core, as many processes of one job, and the first beside a process that is busy."""
    def all_jobs():
        return run([*evaluate, "--jobs", str(CORES), "--output", folder / "jobs.h5"])[0]

    def processes():
        start = time.perf_counter()
        shards = [subprocess.Popen([*evaluate, "--jobs", "1", "--shard", f"{k}/{CORES}", "--output", folder / f"job-{k}.h5"])
                  for k in range(1, CORES + 1)]
        if any(shard.wait() for shard in shards):
            sys.exit("eval-grid failed")
        return time.perf_counter() - start

    def beside():
        busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        seconds = all_jobs()
        busy.kill()
        busy.wait()
        return seconds

    times = [[way() for way in (all_jobs, processes, beside)] for _ in range(3)]
    jobs, separate, shared = (statistics.median(column) for column in zip(*times))
    print(f"| eval-grid, 2,000 images × 8 points: {CORES} jobs of a process | {jobs:.1f} s | |")
    print(f"| the same: {CORES} processes of one job | {separate:.1f} s, {separate / jobs:.2f} × | |")
    print(f"| the same: {CORES} jobs of a process, beside another that keeps a core busy | {shared:.1f} s, "
          f"{shared / jobs:.2f} × | |", flush=True)


def write_shard(path, number, shards, side):
    """A shard of a bowl over [-1, 1]², as the files' specification has it."""
    axis = numpy.linspace(-1, 1, side)
    points = numpy.arange(number - 1, side * side, shards)
    loss = 0.01 + axis[points % side] ** 2 + 3 * axis[points // side] ** 2
    with h5py.File(path, "w") as file:
        file["xcoordinates"], file["ycoordinates"] = axis, axis
        file["point"], file["train_loss"], file["train_acc"] = points, loss, 100 * numpy.exp(-loss)
        origins = {f"{role}_{what}": role for role in ("model", "data", "directions") for what in ("id", "command")}
        file.attrs.update({"kind": "shard", "format_version": 1, "created_by": "bench", "shard": f"{number}/{shards}",
                           "loss": "crossentropy", "precision": "f32", "batch": 128,
                           "metrics": ["train_loss", "train_acc"], **origins})
