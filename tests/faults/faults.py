#!/usr/bin/env python3
"""Injects faults into the stages and checks that nothing is lost and nothing wrong is published.

    faults.py BINARIES [--trials 1000] [--seed 1] [--only K]

Each trial runs one stage of a small pipeline with a fault at a random call (see faults.c), then the
same command without a fault, and compares the target with that of a pipeline in which nothing
failed. docs/faults.md tells what is checked. A finding prints how to make it again.
"""

import argparse
import collections
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import pipeline
import report
import scenes

HERE = pathlib.Path(__file__).resolve().parent
SCENES = {
    "fault": (60, scenes.one_fault),
    "old target": (12, scenes.old_target),
    "two writers": (14, scenes.two_writers),
    "stranger": (6, scenes.stranger_appears),
    "journal": (8, scenes.damaged_journal),
}


def build_library(folder):
    """Compiles the library that injects the faults."""
    library = folder / "faults.so"
    sources = [HERE / "faults.c", HERE / "calls.c"]
    flags = ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run(["cc", *flags, "-o", library, *sources], check=True)
    return library


def make_forced(binaries, folder):
    """What each stage writes with --force, which is a part of the history of its output."""
    forced = folder.parent / "forced"
    forced.mkdir()
    for stage in pipeline.STAGES:
        target = folder / stage.output
        target.rename(folder / "kept")
        ended = pipeline.run(binaries, stage.command(force=True), folder)
        if ended.status != 0:
            raise SystemExit(ended.stderr)
        target.rename(forced / stage.output)
        (folder / "kept").rename(target)


def learn_calls(binaries, library, folder):
    """Runs the pipeline once: the calls of each stage, by class, and its writes to a journal."""
    logs = folder.parent / "logs"
    logs.mkdir()

    def environment_of(stage):
        log = logs / stage.output
        return {
            "LD_PRELOAD": str(library),
            "FAULTS_ROOT": str(folder),
            "FAULTS_LOG": str(log),
        }

    pipeline.make_reference(binaries, folder, environment_of)
    calls = {}
    points = {}
    for stage in pipeline.STAGES:
        log = (logs / stage.output).read_text()
        check_order(stage, log)
        calls[stage.name] = collections.Counter(line.split()[0] for line in log.splitlines())
        points[stage.name] = scenes.journal_writes(log, f"{stage.output}.partial")
    return calls, points


def check_order(stage, log):
    """A file reaches the disk before its name does, and its name before the journal goes."""
    wanted = ["write a temporary file", "sync it", "rename it", "sync the folder"]
    if stage.name.startswith(("eval-grid", "hessian", "sharpness")):
        wanted.append("remove the journal")
    found = []
    for line in log.splitlines():
        call, _, path = line.split(" ", 2)
        if call == "write" and path.endswith(".tmp"):
            found.append("write a temporary file")
        elif call == "sync" and path.endswith(".tmp"):
            found.append("sync it")
        elif call == "rename" and path == stage.output:
            found.append("rename it")
        elif call == "sync" and path == ".":
            found.append("sync the folder")
        elif call == "unlink" and path.endswith(".partial"):
            found.append("remove the journal")
    # the last of each is what counts
    last = sorted(set(found), key=lambda step: len(found) - found[::-1].index(step))
    if last != wanted:
        raise SystemExit(f"{stage.name} does not {', '.join(wanted)}, but {', '.join(last)}")


def run_trial(setting, seed, number):
    """One trial; the same seed and number make the same one."""
    chance = random.Random(f"{seed}/{number}")
    weights = [weight for weight, _ in SCENES.values()]
    scene = chance.choices(list(SCENES), weights)[0]
    stages = pipeline.STAGES
    if scene == "journal":
        stages = [stage for stage in stages if stage.name.startswith("eval-grid")]
    stage = chance.choice(stages)
    # always the same folder, which is a part of the history too
    folder = setting.scratch / "work"
    folder.mkdir()
    for name in stage.inputs:
        shutil.copy(setting.reference / name, folder)
    trial = scenes.Trial(setting, stage, folder, chance)
    SCENES[scene][1](trial)
    trial.row = trial.row or scene
    shutil.rmtree(folder)
    return trial


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binaries", type=pathlib.Path)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="run this trial only, and tell what happens")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch).resolve()
        work = scratch / "work"
        work.mkdir()
        binaries = options.binaries.resolve()
        library = build_library(scratch)
        calls, points = learn_calls(binaries, library, work)
        make_forced(binaries, work)
        work.rename(scratch / "reference")
        setting = scenes.Setting(binaries, library, scratch, calls, points)
        setting.loud = options.only is not None
        numbers = range(options.trials) if options.only is None else [options.only]
        trials = []
        for number in numbers:
            trial = run_trial(setting, options.seed, number)
            trials.append(trial)
            for finding in trial.findings:
                again = f"--seed {options.seed} --only {number}"
                print(f"{again}: {trial.stage.name}, {trial.row}: {finding}", file=sys.stderr)
    print(report.table(trials))
    return 1 if any(trial.findings for trial in trials) else 0


if __name__ == "__main__":
    sys.exit(main())
