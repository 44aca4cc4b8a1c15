#!/usr/bin/env bash
# The study of configs/fashion-mnist.yaml under a real Slurm on this machine: arrays, dependencies, a task that is told
# to stop and queues again. Its surfaces must have the ids of those that make made. As root (it starts daemons, on
# loopback, and stops them); after `make build`.
set -euo pipefail
cd "$(dirname "$0")/.."

./setup.sh --tests
eval "$(./setup.sh --print)"
config=configs/fashion-mnist.yaml
by_make=build/study-by-make
by_slurm=build/study-by-slurm
dir=$(mktemp -d)

say() { echo "slurm: $*" >&2; }
die() {
    say "$*"
    tail -n 30 "$dir"/*.log $by_slurm/slurm/log/*.log >&2 || true
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
    [ ${#daemons[@]} = 0 ] || scancel --user="$(id -un)" 2>/dev/null || true
    [ ${#daemons[@]} = 0 ] || kill "${daemons[@]}" 2>/dev/null || true
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
SchedulerParameters=sched_interval=2,bf_interval=2
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
    export SLURM_CONF=$dir/slurm.conf
    munged --foreground --force --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
        --seed-file="$dir/munge.seed" >"$dir/munged.log" 2>&1 &
    daemons+=($!)
    for _ in $(seq 50); do [ -S "$dir/munge.socket" ] && break; sleep 0.1; done
    slurmctld -D >/dev/null 2>&1 &
    daemons+=($!)
    slurmd -D >/dev/null 2>&1 &
    daemons+=($!)
    for _ in $(seq 100); do sinfo -h -o %T 2>/dev/null | grep -q idle && return; sleep 0.2; done
    die "no node came up"
}

# Tells the first shard that has finished a point to stop.
stop_one() {
    local partial task
    for _ in $(seq 600); do
        partial=$(compgen -G "$by_slurm/shards/resnet20*/*.partial" | head -n 1) && break
        sleep 0.1
    done
    [ -n "${partial:-}" ] || die "no shard began"
    surface=$(basename "$(dirname "$partial")")
    shard=$(basename "$partial" | cut -d- -f1)
    task=$(squeue -h -t R -n "relief-shards-$surface" -o '%F_%K' | grep "_$shard$") || die "no task runs $partial"
    say "stopping task $task, which has $partial"
    # Slurm refuses it for an instant, while the task starts
    for _ in $(seq 20); do scancel --signal=TERM "$task" && break; sleep 0.2; done
    log=$by_slurm/slurm/log/relief-shards-$surface-${task/_/-}.log
}

rm -rf $by_make $by_slurm
make --no-print-directory run CONFIG=$config OUT=$by_make -j2 >/dev/null || die "make failed"

start_slurm
target/release/plan $config --output-dir $by_slurm --slurm
$by_slurm/slurm/submit.sh
stop_one
for _ in $(seq 900); do
    [ -n "$(squeue -h)" ] || break
    squeue -h -o %r | grep -q DependencyNeverSatisfied && die "a job failed"
    sleep 1
done
[ -z "$(squeue -h)" ] || die "jobs are left after 15 minutes"

grep -q 'stopped by SIGTERM' "$log" || die "$log: the task was not stopped"
grep -q 'stand in .*partial' "$log" || die "$log: the task did not go on where it stopped"
[ -e $by_slurm/overview.png ] || die "there is no overview"
PYTHONPATH=$RELIEF_TEST_PYTHONPATH python3 - $by_make $by_slurm <<'PYTHON' || die "the surfaces differ"
import h5py, pathlib, sys
ids = [{p.name: h5py.File(p).attrs["id"] for p in pathlib.Path(f, "surfaces").glob("*.h5")} for f in sys.argv[1:]]
assert ids[0] == ids[1] and len(ids[0]) == 12, ids
PYTHON

# submitted again, nothing is computed again
touch "$dir/before"
$by_slurm/slurm/submit.sh
for _ in $(seq 300); do [ -n "$(squeue -h)" ] || break; sleep 1; done
[ -z "$(find $by_slurm/shards $by_slurm/models $by_slurm/directions -newer "$dir/before")" ] || die "files were made again"
say "12 surfaces with the ids of make's; a task stopped and went on; submitted again, nothing was computed"
