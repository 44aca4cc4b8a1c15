#!/usr/bin/env python3
"""Feeds damaged HDF5 files of every kind to every stage that reads them.

    damage.py BINARIES [--trials 5000] [--seed 1] [--only K]

A stage must refuse the file in one line that names it, or write what it writes for the undamaged
file: within 10 seconds of CPU time and 1 GB of memory, without a signal or a panic. docs/faults.md
tells more. A finding prints how to make it again.
"""

import argparse
import collections
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile

import hdf5files
import mutate
import pipeline

CPU_SECONDS = 10
MEMORY = 1_000_000  # in KB
EVAL = "eval-grid --x=-1:1:2 --output out.h5"
VICTIM = "victim.h5"
INSPECT = "inspect VICTIM --json --verify"
# where a stage without --output writes
STDOUT = "stdout"

# what reads a file of each kind; VICTIM is the damaged file
READERS = {
    "model.h5": [
        INSPECT,
        "make-dirs --model VICTIM --output out.h5",
        "make-dirs --model model.h5 --target VICTIM --output out.h5",
        f"{EVAL} --model VICTIM --data data.h5 --directions dirs.h5",
    ],
    "data.h5": [
        INSPECT,
        f"{EVAL} --model model.h5 --data VICTIM --directions dirs.h5",
        f"{EVAL} --model model.h5 --data VICTIM --directions dirs.h5 --limit 5",
    ],
    "dirs.h5": [INSPECT, f"{EVAL} --model model.h5 --data data.h5 --directions VICTIM"],
    "s1.h5": [INSPECT, "merge VICTIM s2.h5 --output out.h5"],
    "surface.h5": [
        INSPECT,
        "render VICTIM --plot contour --output out.svg",
        "render VICTIM --plot surface3d --output out.png",
        "render VICTIM --output out.html",
        "to-vtp VICTIM --output out.vtp",
        "to-table VICTIM --output out.csv",
        "to-table VICTIM --output out.json",
        "to-table VICTIM --output out.npz",
    ],
    "trajectory.h5": [
        INSPECT,
        "render surface.h5 --plot contour --trajectory VICTIM --output out.svg",
        "to-vtp surface.h5 --trajectory VICTIM --output out.vtp",
    ],
    "tool.h5": [
        INSPECT,
        "render VICTIM --plot contour --output out.svg",
        "to-vtp VICTIM --output out.vtp",
        "to-table VICTIM --output out.csv",
    ],
}
LAYOUTS = {
    "as written": None,
    "oldest": {"libver": "earliest"},
    "oldest, deflated": {"libver": "earliest", "chunked": True},
    "of HDF5 1.10, deflated": {"libver": ("v110", "v110"), "chunked": True, "fixed": True},
    "fixed texts": {"libver": ("v108", "v108"), "fixed": True},
    "without kind and id": {"libver": "earliest", "foreign": True},
}
# eval-grid loads libtorch for a fifth of a second
EVAL_SHARE = 0.12
VERDICTS = ["refused", "same output", "same id", "no id"]


class Case:
    """A file in one layout and a stage that reads it, with what comes of it undamaged."""

    def __init__(self, name, layout, content, line):
        self.name = name
        self.layout = layout
        self.content = content
        self.words = line.replace("VICTIM", VICTIM).split()
        self.output = next((word for word in self.words if word.startswith("out.")), STDOUT)
        if self.output != STDOUT:
            self.words.append("--quiet")
        self.expected = None

    def __str__(self):
        return f"{self.name} ({self.layout}) to {' '.join(self.words)}"


class Ran:
    """How a stage ended, and what it took."""

    def __init__(self, status, stderr, usage):
        self.status = status
        self.stderr = stderr
        self.seconds = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss


def limit():
    # so that a hang ends; the verdict is another one
    resource.setrlimit(resource.RLIMIT_CPU, (2 * CPU_SECONDS, 3 * CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (2**33, 2**33))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(binaries, words, folder):
    with tempfile.TemporaryFile() as stderr, open(folder / STDOUT, "wb") as stdout:
        child = subprocess.Popen(
            [binaries / words[0], *words[1:]],
            cwd=folder,
            env=pipeline.clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            preexec_fn=limit,
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        stderr.seek(0)
        return Ran(child.returncode, stderr.read().decode(errors="replace"), usage)


def identity(path):
    """What tells an output from others: the ids of an HDF5 file, the bytes of any other."""
    content = path.read_bytes()
    return ids_apart(path) if content.startswith(b"\x89HDF") else content


def ids_apart(path):
    """Kind, recorded and computed id; in a process of its own, for libhdf5 may crash."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            limit()
            os.close(2)
            os.write(writing, repr(hdf5files.file_id(path)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    found = os.read(reading, 1000)
    os.close(reading)
    os.waitpid(child, 0)
    return found


def has_no_id(path):
    """Whether a file has no attribute `id`: it cannot be told from a foreign one."""
    child = os.fork()
    if child == 0:
        answer = 2
        try:
            limit()
            os.close(2)
            with hdf5files.h5py.File(path) as file:
                answer = 1 if "id" in file.attrs else 0
        finally:
            os._exit(answer)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def make_cases(binaries, folder):
    """All files in all layouts with all their readers."""
    pipeline.make_reference(binaries, folder)
    hdf5files.write_trajectory(folder / "trajectory.h5", folder / "surface.h5")
    hdf5files.write_tool_surface(folder / "tool.h5", folder / "surface.h5")
    cases = []
    for name, lines in READERS.items():
        for layout, how in LAYOUTS.items():
            if name == "tool.h5" and layout != "as written":
                continue
            victim = folder / VICTIM
            if how is None:
                shutil.copy(folder / name, victim)
            else:
                hdf5files.repack(folder / name, victim, **how)
            for line in lines:
                cases.append(Case(name, layout, victim.read_bytes(), line))
            victim.unlink()
    return cases


def expect(case, binaries, folder):
    """Finds what comes of a case undamaged, the first time that it is asked for."""
    if case.expected:
        return
    (folder / VICTIM).write_bytes(case.content)
    ran = run(binaries, case.words, folder)
    if ran.status != 0:
        raise SystemExit(f"{case}, undamaged: {ran.stderr}")
    case.expected = identity(folder / case.output)
    if not case.expected:
        raise SystemExit(f"{case}, undamaged: h5py cannot read the output")
    (folder / case.output).unlink()


def judge(case, ran, folder, before):
    """The verdict: one of VERDICTS, or what is wrong."""
    output = folder / case.output
    written = output.exists()
    left = set(os.listdir(folder)) - before - {case.output, STDOUT}
    if ran.status < 0:
        return f"signal {-ran.status}"
    if "panicked" in ran.stderr:
        return "panic"
    if ran.status > 2:
        return f"exit status {ran.status}"
    if ran.seconds > CPU_SECONDS:
        return "more than 10 s of CPU time"
    if ran.memory > MEMORY:
        return "more than 1 GB of memory"
    if left:
        return f"left behind: {sorted(left)}"
    if ran.status > 0:
        if written and case.output != STDOUT:
            return "failed, and wrote its output"
        if len(pipeline.message_lines(ran.stderr)) != 1:
            return "a message of several lines"
        return "refused" if VICTIM in ran.stderr else "a message without the file's name"
    if not written:
        return "exit 0 without an output"
    found = identity(output)
    if not found:
        return "an output that h5py cannot read"
    if found == case.expected:
        return "same output"
    return judge_difference(case, folder)


def judge_difference(case, folder):
    """Another output: right only where nothing could tell, or where the change is in no id."""
    victim = folder / VICTIM
    if has_no_id(victim):
        return "no id"
    original = folder / "original.h5"
    original.write_bytes(case.content)
    same = ids_apart(victim) == ids_apart(original) != b""
    original.unlink()
    return "same id" if same else "silently wrong"


def damaged(cases, seed, number):
    """The case and the damaged content of a trial."""
    chance = random.Random(f"{seed}/{number}")
    slow = chance.random() < EVAL_SHARE
    case = chance.choice([case for case in cases if (case.words[0] == "eval-grid") == slow])
    other = chance.choice(cases).content
    kind, content = mutate.mutated(case.content, other, chance)
    return case, kind, content


def table(counts):
    """A row for each kind of file and each stage that reads it."""
    bad = sorted({verdict for _, verdict in counts} - set(VERDICTS))
    columns = [*VERDICTS, *bad]
    lines = ["| file | stage | trials | " + " | ".join(columns) + " |"]
    lines.append("|---|---|" + "---:|" * (len(columns) + 1))
    rows = sorted({row for row, _ in counts})
    for row in [*rows, ("all", "")]:
        chosen = [row] if row in rows else rows
        numbers = [sum(counts[one, verdict] for one in chosen) for verdict in columns]
        cells = " | ".join(str(number or "") for number in numbers)
        lines.append(f"| {row[0]} | {row[1]} | {sum(numbers)} | {cells} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binaries", type=pathlib.Path)
    parser.add_argument("--trials", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="run this trial only, and keep its file here")
    options = parser.parse_args()
    binaries = options.binaries.resolve()
    counts = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder).resolve()
        cases = make_cases(binaries, folder)
        numbers = range(options.trials) if options.only is None else [options.only]
        for number in numbers:
            case, kind, content = damaged(cases, options.seed, number)
            expect(case, binaries, folder)
            before = set(os.listdir(folder)) | {VICTIM}
            (folder / VICTIM).write_bytes(content)
            ran = run(binaries, case.words, folder)
            verdict = judge(case, ran, folder, before)
            counts[(case.name, case.words[0]), verdict] += 1
            if options.only is not None:
                shutil.copy(folder / VICTIM, VICTIM)
                print(f"{case}, {kind}: {verdict}; status {ran.status}\n{ran.stderr}")
            elif verdict not in VERDICTS:
                again = f"--seed {options.seed} --only {number}"
                told = f"{verdict}: {ran.stderr.strip()[:150]!r}"
                print(f"{again}: {case}, {kind}: {told}", file=sys.stderr)
            for name in set(os.listdir(folder)) - before | {VICTIM}:
                (folder / name).unlink()
    print(table(counts))
    bad = sum(count for (_, verdict), count in counts.items() if verdict not in VERDICTS)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
