"""A small pipeline from import to pictures: its stages, and what they write when nothing fails."""

import os
import pathlib
import shutil
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = REPOSITORY / "tests" / "golden" / "programs"
EVAL = "eval-grid --model model.h5 --data data.h5 --directions dirs.h5 --x=-1:1:4 --y=-1:1:3"

SHARPNESS = "sharpness --model model.h5 --data data.h5"


class Stage:
    """A stage with its command line, without --quiet and --output."""

    def __init__(self, name, line, output, inputs):
        self.name = name
        self.line = line
        self.output = output
        self.inputs = inputs.split()

    def command(self, force=False):
        """The command line in words; the program by its name."""
        words = [*self.line.split(), "--quiet", "--output", self.output]
        return [*words, "--force"] if force else words


STAGES = [
    Stage("import-model", "import-model --program cnn.pt2", "model.h5", "cnn.pt2"),
    Stage("import-data", "import-data npz cnn.npz", "data.h5", "cnn.npz"),
    Stage("make-dirs", "make-dirs --model model.h5", "dirs.h5", "model.h5"),
    Stage("eval-grid 1", f"{EVAL} --shard 1/2 --jobs 1", "s1.h5", "model.h5 data.h5 dirs.h5"),
    Stage("eval-grid 2", f"{EVAL} --shard 2/2 --jobs 2", "s2.h5", "model.h5 data.h5 dirs.h5"),
    Stage("hessian", "hessian --model model.h5 --data data.h5 --max-products 3 --trace 2", "bent.h5", "model.h5 data.h5"),
    Stage("sharpness", f"{SHARPNESS} --perturbations 2 --ascent-steps 2", "sharp.h5", "model.h5 data.h5"),
    Stage("merge", "merge s1.h5 s2.h5", "surface.h5", "s1.h5 s2.h5"),
    Stage("project", "project --model model.h5 --directions dirs.h5 model.h5", "run.h5", "model.h5 dirs.h5"),
    Stage("render png", "render surface.h5 --plot contour", "a.png", "surface.h5"),
    Stage("render svg", "render surface.h5 --plot contourf", "a.svg", "surface.h5"),
    Stage("render pdf", "render surface.h5 --plot heat", "a.pdf", "surface.h5"),
    Stage("render html", "render surface.h5", "a.html", "surface.h5"),
    Stage("to-vtp", "to-vtp surface.h5", "a.vtp", "surface.h5"),
    Stage("to-table", "to-table surface.h5", "a.csv", "surface.h5"),
]


class Ended:
    """How a program ended: its status (negative for a signal) and what it said on stderr."""

    def __init__(self, status, stderr):
        self.status = status
        self.stderr = stderr


def message_lines(stderr):
    """The lines of an error, less two kinds that may follow it."""
    lines = []
    for line in stderr.strip().splitlines():
        # indented ones tell how files were made that do not belong together; inspect counts files
        if not line.startswith("  ") and not line.endswith("files failed"):
            lines.append(line)
    return lines


def clean_environment():
    """The environment without what would change a stage or its library."""
    kept = dict(os.environ)
    for name in list(kept):
        if name.startswith(("FAULTS_", "LD_PRELOAD", "PYTHON", "RUST_BACKTRACE")):
            del kept[name]
    return kept


def run(binaries, words, folder, environment=None):
    """Runs a stage in a folder to its end."""
    done = subprocess.run(
        [binaries / words[0], *words[1:]],
        cwd=folder,
        env={**clean_environment(), **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    return Ended(done.returncode, done.stderr.decode(errors="replace"))


def make_reference(binaries, folder, environment_of=None):
    """Runs the pipeline in an empty folder; `environment_of` gives a stage's environment."""
    for name in ("cnn.pt2", "cnn.npz"):
        shutil.copy(PROGRAMS / name, folder)
    for stage in STAGES:
        environment = environment_of(stage) if environment_of else {}
        ended = run(binaries, stage.command(), folder, environment)
        if ended.status != 0:
            raise SystemExit(f"{' '.join(stage.command())}\n{ended.stderr}")
