#!/usr/bin/env bash
# Studies under a real Slurm on this machine: arrays, trainings, dependencies, the resources of each
# kind of job, logs, and a task and a training that are told to stop, queue again and go on. The
# surfaces of configs/fashion-mnist.yaml, and those of a small study that trains its networks, must
# have the ids of those that make made. As root (it starts daemons, on loopback, and stops them);
# after `make build`.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/waits.sh

./setup.sh --tests
eval "$(./setup.sh --print)"
by_make=build/study-by-make
by_slurm=build/study-by-slurm
endless=build/study-endless
runs_by_make=build/runs-by-make
runs_by_slurm=build/runs-by-slurm
endless_run=build/runs-endless
dir=$(mktemp -d)

say() { echo "slurm: $*" >&2; }
die() {
    say "$*"
    tail -n 30 "$dir"/*.log build/{study,runs}-*/slurm/log/*.log >&2 || true
    exit 1
}

[ "$(id -u)" = 0 ] || { say "root starts the daemons: sudo $0"; exit 1; }
if ! command -v slurmctld >/dev/null || ! command -v slurmd >/dev/null || ! command -v munged >/dev/null; then
    say "installing slurm-wlm and munge"
    # the package's own start of the daemons is of no use here, and may fail
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge >/dev/null
fi

daemons=()
stop() {
    if [ ${#daemons[@]} -gt 0 ]; then
        # jobs end before the daemons do, which would leave them to themselves
        scancel --user="$(id -un)" 2>/dev/null || true
        wait_until "${daemons[*]}" queue_is_empty || true
        kill "${daemons[@]}" 2>/dev/null || true
    fi
    wait
    rm -rf "$dir"
}
trap stop EXIT

start_slurm() {
    local host
    host=$(hostname -s)
    chmod 755 "$dir"
    mkdir "$dir/state" "$dir/spool"
    dd if=/dev/urandom of="$dir/munge.key" bs=64 count=1 status=none
    chmod 400 "$dir/munge.key"
    cat >"$dir/slurm.conf" <<CONF
ClusterName=relief
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket,cred_expire=2
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
KillWait=2
SchedulerParameters=sched_interval=2,bf_interval=2
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
PartitionName=short Nodes=$host Default=NO MaxTime=15 State=UP
MinJobAge=86400
CONF
    export SLURM_CONF=$dir/slurm.conf
    munged --foreground --force --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
        --seed-file="$dir/munge.seed" >"$dir/munged.log" 2>&1 &
    daemons+=($!)
    wait_until "${daemons[*]}" [ -S "$dir/munge.socket" ] || die "munged ended"
    slurmctld -D >/dev/null 2>&1 &
    daemons+=($!)
    slurmd -D >/dev/null 2>&1 &
    daemons+=($!)
    wait_until "${daemons[*]}" a_node_is_idle || die "a daemon ended"
}

a_node_is_idle() { sinfo -h -o %T 2>/dev/null | grep -q idle; }

# a controller that is too busy to answer has said nothing
queue_is_empty() {
    local jobs
    jobs=$(squeue -h 2>/dev/null) && [ -z "$jobs" ]
}

# Waits until the log of an endless job has so many lines with a text, or it has left the queue.
times_in_log() { grep -c "$1" "$log" 2>/dev/null || true; }
log_says() {
    # Slurm lets a task that queues again wait for two minutes: this one need not
    [ "$(squeue -h -o %r -j "${task%_1}" 2>/dev/null)" != BeginTime ] ||
        scontrol update "JobId=${task%_1}" StartTime=now 2>/dev/null || true
    [ "$(times_in_log "$2")" = "$1" ] || queue_is_empty
}
wait_for_log() {
    wait_until "${daemons[*]}" log_says "$@" || die "a daemon ended"
    [ "$(times_in_log "$2")" = "$1" ] || die "the task ended; not $1 times in $log: $2"
}

stopped() { scancel --signal=TERM "$task" 2>/dev/null || queue_is_empty; }
has_points() { [ "$(stat -c %s "$partial" 2>/dev/null || echo 0)" -gt "$1" ] || queue_is_empty; }

# The one task of a study that no machine comes to the end of: told to stop twice, it goes on twice.
stop_twice() {
    local before=0 time
    task=$(squeue -h -n relief-shards-surface -o %F | head -n 1)_1
    log=$endless/slurm/log/relief-shards-surface-${task/_/-}.log
    partial=$endless/shards/surface/1-of-1.h5.partial
    for time in 1 2; do
        wait_until "${daemons[*]}" has_points "$before" || die "a daemon ended"
        # Slurm refuses the signal for an instant, while the task starts
        wait_until "${daemons[*]}" stopped || die "a daemon ended"
        say "told task $task to stop, time $time"
        wait_for_log $time 'stopped by SIGTERM'
        wait_for_log $time 'resuming: .*partial holds [0-9]* of'
        before=$(stat -c %s "$partial")
    done
    # what is cancelled stays so
    scancel --user="$(id -un)"
    wait_until "${daemons[*]}" queue_is_empty || die "a daemon ended"
    scontrol -o show job "$task" | grep -q JobState=CANCELLED || die "task $task was not cancelled"
}

# A training without an end: told to stop, it queues again and goes on after the epochs that are done.
# the first epoch is kept before the second one ends
has_epochs() { [ "$(times_in_log '^2[[:space:]]')" = 1 ] || queue_is_empty; }
stop_a_training() {
    task=$(squeue -h -n relief-train-endless -o %A)
    log=$endless_run/slurm/log/relief-train-endless-$task.log
    wait_until "${daemons[*]}" has_epochs || die "a daemon ended"
    # the signal of a time limit
    scancel --signal=USR1 "$task"
    say "told training $task to stop"
    wait_for_log 2 '^epoch'
    wait_for_log 1 'resuming after [0-9]* epochs'
    [ "$(times_in_log '^1[[:space:]]')" = 1 ] || die "the training began anew"
    scancel --user="$(id -un)"
    wait_until "${daemons[*]}" queue_is_empty || die "a daemon ended"
}

# Whether each job had its own resources, and its log lies where submit.sh says.
check_jobs() {
    scontrol -o show job >"$dir/jobs"
    ! grep -v 'JobState=COMPLETED' "$dir/jobs" >&2 || die "these jobs were not completed"
    python3 - "$dir/jobs" $by_slurm/slurm/log <<'PYTHON' || die "jobs are not as they should be"
import pathlib, re, sys
logs = {path.name for path in pathlib.Path(sys.argv[2]).iterdir()}
expected = set()
for line in open(sys.argv[1]):
    job = dict(re.findall(r"(\w+)=(\S*)", line))
    measures = job["JobName"].startswith("relief-shards-")
    wanted = ("main", "01:00:00") if measures else ("short", "00:10:00")
    found = (job["Partition"], job["TimeLimit"])
    assert found == wanted and job["NumCPUs"] == "1", line
    number = f"{job['ArrayJobId']}-{job['ArrayTaskId']}" if measures else job["JobId"]
    expected.add(f"{job['JobName']}-{number}.log")
assert logs == expected, logs ^ expected
PYTHON
}

# same_ids COUNT FOLDER FOLDER KIND…: whether two studies made so many files of each kind, with the
# same ids.
same_ids() {
    PYTHONPATH=$RELIEF_TEST_PYTHONPATH python3 - "$@" <<'PYTHON' || die "files of $2 and $3 differ"
import h5py, pathlib, sys
def ids(folder):
    return {p.name: h5py.File(p).attrs["id"] for p in folder.glob("*.h5")}
count, by_make, by_slurm, *kinds = sys.argv[1:]
for kind in kinds:
    made = ids(pathlib.Path(by_make, kind))
    assert made == ids(pathlib.Path(by_slurm, kind)) and len(made) == int(count), kind
PYTHON
}

# what the daemons are told of jobs
cat configs/fashion-mnist.yaml - >"$dir/study.yaml" <<'YAML'
slurm:
  partition: main
  time: "01:00:00"
  small: { partition: short, time: "0:10:00" }
YAML
cat >"$dir/endless.yaml" <<'YAML'
models: { resnet20: { file: pipelines/demo/resnet20.h5 } }
data: { fashion-mnist: { format: idx, path: pipelines/demo, normalize: 0.2860/0.3530 } }
grid: { x: "-1:1:1001", y: "-1:1:1001" }
evaluate: { split: [train], limit: 10 }
YAML

# networks that are trained, small in every way
cat >"$dir/runs.yaml" <<'YAML'
models:
  short: { train: { arch: resnet20, epochs: 2, batch: 16, lr: 0.05, save_every: 0.5, limit: 64 } }
  noshort: { train: { arch: resnet20_noshort, epochs: 2, batch: 16, lr: 0.05, save_every: 0.5, limit: 64 } }
data: { fashion-mnist: { format: idx, path: pipelines/demo, normalize: 0.2860/0.3530 } }
directions: { pca: run }
grid: { x: "-1:1:5", y: "-1:1:5" }
evaluate: { shards: 2, split: [train], limit: 20 }
pictures: [{ plot: contour, trajectory: true }]
sweep: { model: [short, noshort] }
slurm: { time: "01:00:00", train: { time: "00:12:00", partition: short }, small: { time: "0:10:00" } }
YAML
cat >"$dir/endless-run.yaml" <<'YAML'
models:
  endless: { train: { arch: resnet20, epochs: 100000, batch: 16, save_every: 100000, limit: 16 } }
data: { fashion-mnist: { format: idx, path: pipelines/demo, normalize: 0.2860/0.3530, limit: 16 } }
grid: { x: "-1:1:3" }
YAML

rm -rf $by_make $by_slurm $endless $runs_by_make $runs_by_slurm $endless_run
make --no-print-directory run CONFIG=configs/fashion-mnist.yaml OUT=$by_make -j2 >/dev/null ||
    die "make failed"

make --no-print-directory run CONFIG="$dir/runs.yaml" OUT=$runs_by_make -j2 >/dev/null ||
    die "make failed"

start_slurm
target/release/plan "$dir/study.yaml" --output-dir $by_slurm --slurm
$by_slurm/slurm/submit.sh >"$dir/said"
grep -q "$by_slurm/slurm/log" "$dir/said" || die "submit.sh does not say where the logs are"
wait_until "${daemons[*]}" queue_is_empty || die "a daemon ended"
check_jobs
[ -e $by_slurm/overview.png ] || die "there is no overview"
same_ids 12 $by_make $by_slurm surfaces

# submitted again, nothing is computed again
made=("$by_slurm/shards" "$by_slurm/data" "$by_slurm/directions")
written "${made[@]}" >"$dir/before"
$by_slurm/slurm/submit.sh
wait_until "${daemons[*]}" queue_is_empty || die "a daemon ended"
written "${made[@]}" >"$dir/after"
diff "$dir/before" "$dir/after" >&2 || die "files were made again"

target/release/plan "$dir/endless.yaml" --output-dir $endless --slurm
$endless/slurm/submit.sh
stop_twice

target/release/plan "$dir/runs.yaml" --output-dir $runs_by_slurm --slurm
$runs_by_slurm/slurm/submit.sh
wait_until "${daemons[*]}" queue_is_empty || die "a daemon ended"
same_ids 2 $runs_by_make $runs_by_slurm surfaces trajectories directions
[ -e $runs_by_slurm/pictures/noshort-contour.png ] || die "there is no picture of a run"
scontrol -o show job | grep JobName=relief-train-short | grep TimeLimit=00:12:00 | grep -q Partition=short ||
    die "a training has not its own resources"
target/release/plan "$dir/endless-run.yaml" --output-dir $endless_run --slurm
$endless_run/slurm/submit.sh
stop_a_training

say "12 surfaces with the ids of make's; each job had its resources and its log"
say "2 networks were trained, with the same surfaces and trajectories; a training was stopped and went on"
say "submitted again, nothing was computed; a task was stopped twice and went on, and cancelled"
