"""What happens in a trial, and what must hold after each run of it."""

import os
import signal
import subprocess

import compare
import pipeline

# what may happen to a call of each class; what may happen to every call comes after
FAULTS = {
    "open": ["EACCES", "EMFILE", "EIO", "ENOSPC", "EINTR"],
    "read": ["EIO", "EINTR", "short"],
    "write": ["ENOSPC", "EIO", "EDQUOT", "EINTR", "short", "torn"],
    "sync": ["EIO", "ENOSPC", "EDQUOT", "EINTR"],
    "truncate": ["EIO", "ENOSPC", "EINTR"],
    "rename": ["EIO", "ENOSPC", "EACCES", "EDQUOT"],
    "unlink": ["EACCES", "EIO"],
    "link": ["EIO", "ENOSPC", "EACCES"],
    "mkdir": ["EIO", "ENOSPC", "EACCES"],
    "close": ["EIO", "ENOSPC"],
    "mmap": ["ENOMEM", "EACCES"],
    "lock": ["ENOLCK", "EINTR"],
    "allocate": ["ENOSPC", "EOPNOTSUPP"],
}
# how often a class of calls is chosen; 1 for the others
WEIGHTS = {"write": 3, "sync": 2, "rename": 2}
EVERYWHERE = ["kill-before", "kill-after", "power", "SIGTERM"]
DEADLY = {"kill-before", "kill-after", "power", "torn"}
# errors that may stay: a full disk stays full
LASTING = {"ENOSPC", "EDQUOT", "EIO", "EMFILE", "EACCES", "ENOLCK", "short"}
OLD = b"what stood here before"
STRANGE = b"what somebody else wrote meanwhile"


# faults after which every point that was written to the journal must still be there
LOSSLESS = {"kill-before", "kill-after", "torn", "SIGTERM", "EACCES", "EMFILE"}


def journal_writes(log, name):
    """How often the file of that name was written to, by the log of a run."""
    lines = log.splitlines()
    return sum(line.startswith("write ") and line.endswith(f" {name}") for line in lines)


class Setting:
    """What all trials share; `calls` and `points` tell what a stage does without a fault."""

    def __init__(self, binaries, library, scratch, calls, points):
        self.binaries = binaries
        self.library = library
        self.scratch = scratch
        self.reference = scratch / "reference"
        self.forced = scratch / "forced"
        self.calls = calls
        self.points = points
        self.loud = False


class Fault:
    """A fault at the `number`-th call of a class."""

    def __init__(self, call, number, what, stays=False):
        self.call = call
        self.number = number
        self.what = what
        self.stays = stays

    def environment(self):
        variables = {"FAULTS_AT": f"{self.call}:{self.number}", "FAULTS_DO": self.what}
        if self.stays:
            variables["FAULTS_STAY"] = "1"
        return variables

    def __str__(self):
        return f"{self.what} at {self.call} {self.number}{' and after' if self.stays else ''}"


class Trial:
    """One stage in one folder, and what was found wrong."""

    def __init__(self, setting, stage, folder, chance):
        self.setting = setting
        self.stage = stage
        self.folder = folder
        self.chance = chance
        self.row = None
        self.findings = []
        self.right = False
        self.log = setting.scratch / "log"
        self.target = folder / stage.output
        self.partial = folder / f"{stage.output}.partial"
        # a target that stands must not vanish
        self.stood = "absent"
        # points that were written to the journal, over all runs
        self.recorded = 0

    # --- running ---

    def environment(self, fault=None, process=None):
        self.log.unlink(missing_ok=True)
        variables = {
            "LD_PRELOAD": str(self.setting.library),
            "FAULTS_ROOT": str(self.folder),
            "FAULTS_LOG": str(self.log),
        }
        if fault:
            variables.update(fault.environment())
        if process:
            variables["FAULTS_PID"] = str(process)
        return variables

    def run(self, force, fault=None, process=None):
        """Runs the stage and checks what it left."""
        environment = self.environment(fault, process)
        words = self.stage.command(force)
        before = self.others()
        ended = pipeline.run(self.setting.binaries, words, self.folder, environment)
        log = self.log.read_text() if self.log.exists() else ""
        injected = "\ninjected" in log
        self.recorded += journal_writes(log, self.partial.name)
        self.tell(words, fault, ended)
        self.check(ended, fault if injected else None, before)
        return ended

    def tell(self, words, fault, ended):
        if self.setting.loud:
            print(" ".join(words), "with", fault or "no fault")
            print(f"    status {ended.status}: {ended.stderr.strip()}")
            print(f"    {sorted(os.listdir(self.folder))}, the target is {self.state()}")

    def find(self, text):
        if text not in self.findings:
            self.findings.append(text)

    # --- checking ---

    def state(self):
        """What the target is: absent, old, strange, right or broken."""
        if not self.target.exists():
            return "absent"
        content = self.target.read_bytes()
        if content == OLD:
            return "old"
        if content == STRANGE:
            return "strange"
        for folder in (self.setting.reference, self.setting.forced):
            if compare.same(self.target, folder / self.stage.output):
                return "right"
        return "broken"

    def others(self):
        """Files beside the inputs and the target."""
        return sorted(set(os.listdir(self.folder)) - {*self.stage.inputs, self.stage.output})

    def check(self, ended, fault, before):
        """What must hold after every run; `before`: the other files at its start."""
        state = self.state()
        what = fault.what if fault else None
        if state == "broken":
            self.find("the target is broken")
        if state == "absent" and self.stood != "absent":
            self.find(f"the target, which was {self.stood}, is gone")
        if ended.status == 0 and state != "right":
            self.find(f"exit 0, and the target is {state}")
        if "panicked" in ended.stderr:
            self.find("a panic")
        if ended.status < 0 and not self.expected_death(ended.status, what):
            self.find(f"it died of signal {-ended.status}")
        # 75: stopped by a signal, and the same command goes on
        if ended.status > 2 and not (ended.status == 75 and what == "SIGTERM"):
            self.find(f"exit status {ended.status}")
        if ended.status > 0 and what != "SIGTERM":
            self.check_message(ended.stderr)
        self.stood = state
        ended_by_itself = ended.status >= 0 and not (fault and fault.call == "unlink")
        left = [name for name in self.others() if name not in before]
        # the journal, and what points know between two passes: the next run goes on from both
        kept = (self.partial.name, f"{self.stage.output}.state-")
        if ended_by_itself and [name for name in left if not name.startswith(kept)]:
            self.find(f"it ended by itself and left {left}")

    def expected_death(self, status, what):
        if what == "SIGTERM":
            return status == -signal.SIGTERM
        return status == -signal.SIGKILL and what in DEADLY

    def check_message(self, text):
        lines = pipeline.message_lines(text)
        if len(lines) != 1:
            self.find(f"a message of {len(lines)} lines: {text.strip()[:200]!r}")
        names = [*self.stage.inputs, self.stage.output]
        if not any(name in text for name in names):
            self.find(f"the message names no file: {text.strip()[:200]!r}")

    def finish(self, force, may_refuse_journal=False):
        """The same command without a fault: it must end well, and leave the target alone."""
        done = self.state() == "right"
        ended = self.run(force)
        if ended.status != 0 and may_refuse_journal and self.partial.name in ended.stderr:
            # a journal that tells of another measurement is given up by the user only, and kept
            ended = self.run(True)
            (self.folder / f"{self.partial.name}.1").unlink(missing_ok=True)
        if ended.status != 0 and not (done and "exists" in ended.stderr):
            self.find(f"the same command fails: {ended.stderr.strip()[:200]!r}")
        self.right = self.state() == "right"
        if not self.right:
            self.find(f"in the end the target is {self.state()}")
        if self.others():
            self.find(f"in the end there is also {self.others()}")

    # --- choosing ---

    def choose_call(self):
        calls = self.setting.calls[self.stage.name]
        names = sorted(calls)
        call = self.chance.choices(names, [WEIGHTS.get(name, 1) for name in names])[0]
        return call, self.chance.randint(1, calls[call])

    def choose_fault(self):
        call, number = self.choose_call()
        what = self.chance.choice([*FAULTS[call], *EVERYWHERE])
        stays = what in LASTING and self.chance.random() < 0.5
        return Fault(call, number, what, stays)


# --- the scenes ---


def one_fault(trial, force=False):
    """A fault, in three of ten trials another one, then the command without a fault."""
    faults = [trial.choose_fault()]
    if trial.chance.random() < 0.3:
        faults.append(trial.choose_fault())
    trial.row = trial.row or faults[0].what
    for fault in faults:
        trial.run(force, fault)
    trial.finish(force)
    # each fault may have hit a record while it was written, or the first line
    most = trial.setting.points[trial.stage.name] + 2 * len(faults)
    if trial.recorded > most and all(fault.what in LOSSLESS for fault in faults):
        trial.find(f"{trial.recorded} writes to the journal instead of {most} at most")


def old_target(trial):
    """The same where an older target stands and --force is given."""
    trial.target.write_bytes(OLD)
    trial.stood = "old"
    trial.row = "with --force over an old target"
    one_fault(trial, force=True)


def two_writers(trial):
    """One run stops at a call, another one runs meanwhile; half of them have the same number."""
    force = trial.chance.random() < 0.3
    process = 77 if trial.chance.random() < 0.5 else None
    trial.row = "two writers"
    if process:
        trial.row += ", one process number"
    call, number = trial.choose_call()
    with Paused(trial, force, Fault(call, number, "pause"), process) as first:
        if first.stopped:
            fault = trial.choose_fault() if trial.chance.random() < 0.3 else None
            second = trial.run(force, fault, process)
            if second.status > 0 and fault is None:
                excused(trial, "the second writer", second)
        ended = first.end()
    if ended.status > 0 and first.stopped:
        excused(trial, "the first writer", ended)
    trial.finish(force)


def excused(trial, who, ended):
    """A writer may fail because of the other one, and says so."""
    if not any(word in ended.stderr for word in ("another run", "exists", "appeared")):
        trial.find(f"{who} fails: {ended.stderr.strip()[:200]!r}")


def stranger_appears(trial):
    """While a run without --force works, somebody writes its target: that must stay."""
    trial.row = "a target appears"
    call, number = trial.choose_call()
    with Paused(trial, False, Fault(call, number, "pause")) as first:
        appears = first.stopped and trial.state() == "absent"
        if appears:
            trial.target.write_bytes(STRANGE)
            trial.stood = "strange"
        first.end()
    if appears and trial.state() != "strange":
        trial.find("a target that appeared was overwritten without --force")
    if appears:
        trial.target.unlink()
        trial.stood = "absent"
    trial.finish(False)


def damaged_journal(trial):
    """The run is killed at a write, and the journal is damaged before the next run."""
    trial.row = "a damaged journal"
    writes = trial.setting.calls[trial.stage.name]["write"]
    trial.run(False, Fault("write", trial.chance.randint(1, writes), "kill-after"))
    if trial.partial.exists():
        damage(trial.partial, trial.chance)
    trial.finish(False, may_refuse_journal=True)


def damage(path, chance):
    """A power cut or a bad disk: lost ends, flipped bits, zeros, rubbish after the end."""
    content = bytearray(path.read_bytes())
    place = chance.randrange(len(content) + 1)
    kind = chance.choice(["cut", "flip", "zero", "append", "empty"])
    if kind == "cut":
        content = content[:place]
    elif kind == "flip" and place < len(content):
        content[place] ^= 1 << chance.randrange(8)
    elif kind == "zero":
        content[place:] = bytes(len(content) - place)
    elif kind == "append":
        content += chance.randbytes(chance.randrange(200))
    elif kind == "empty":
        content = bytearray()
    path.write_bytes(content)


class Paused:
    """A run that stops at a call until `end`; it may end before."""

    def __init__(self, trial, force, fault, process=None):
        self.trial = trial
        self.fault = fault
        self.words = trial.stage.command(force)
        self.before = trial.others()
        variables = {**pipeline.clean_environment(), **trial.environment(fault, process)}
        # a log of its own, for the other run has one too
        del variables["FAULTS_LOG"]
        self.process = subprocess.Popen(
            [trial.setting.binaries / self.words[0], *self.words[1:]],
            cwd=trial.folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        # ends when it stops or ends, and leaves the ending to Popen
        options = os.WSTOPPED | os.WEXITED | os.WNOWAIT
        found = os.waitid(os.P_PID, self.process.pid, options)
        self.stopped = found.si_code == os.CLD_STOPPED
        self.own = trial.others()

    def __enter__(self):
        return self

    def end(self):
        """Lets it go on to its end, and checks what it left."""
        foreign = [name for name in self.trial.others() if name not in self.own]
        self.process.send_signal(signal.SIGCONT)
        stderr = self.process.stderr.read()
        ended = pipeline.Ended(self.process.wait(), stderr.decode(errors="replace"))
        self.trial.tell(self.words, self.fault, ended)
        self.trial.check(ended, None, [*self.before, *foreign])
        return ended

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()
