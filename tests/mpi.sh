#!/usr/bin/env bash
# eval-grid under mpirun: the same id for any number of ranks, and nothing lost when a rank dies. After `make build`.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/waits.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
say() { echo "mpi: $*" >&2; }
die() {
    say "$*"
    tail -n 30 "$dir"/*.log >&2 || true
    exit 1
}

if ! command -v mpirun >/dev/null || ! ls /usr/lib/llvm-*/lib/libclang.so* >/dev/null 2>&1; then
    say "installing Open MPI and libclang"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        libopenmpi-dev openmpi-bin libclang-dev >/dev/null
fi

./setup.sh --tests
eval "$(./setup.sh --print)"
cp target/release/eval-grid "$dir/plain"
cargo clippy --release --locked -p eval-grid --features mpi -- -D warnings
cargo build --release --locked -p eval-grid --features mpi
cp target/release/eval-grid "$dir/ranks"
# what others build and test is without MPI
cargo build --release --locked --workspace

bin=target/release
$bin/import-data idx pipelines/demo --normalize 0.2860/0.3530 --limit 100 --output "$dir/data.h5" --quiet
$bin/make-dirs --model pipelines/demo/resnet20.h5 --xignore biasbn --output "$dir/dirs.h5" --quiet
inputs=(--model pipelines/demo/resnet20.h5 --data "$dir/data.h5" --directions "$dir/dirs.h5")
work=("${inputs[@]}" --x=-1:1:5 --y=-1:1:5)
mpi=(mpirun --oversubscribe)
[ "$(id -u)" != 0 ] || mpi+=(--allow-run-as-root)

"$dir/plain" "${work[@]}" --output "$dir/without.h5" 2>"$dir/without.log" || die "without MPI it failed"
for ranks in 1 2 4; do
    "${mpi[@]}" -n $ranks "$dir/ranks" "${work[@]}" --output "$dir/with-$ranks.h5" >"$dir/with-$ranks.log" 2>&1 ||
        die "with $ranks ranks it failed"
done

# eigenvalues: several passes, cut into chunks, and vectors that ranks send to the one that keeps them
bent=("${inputs[@]}" --x=0:0.5:3 --split train --metric hessian --hessian-examples 40 --max-products 6)
"$dir/plain" "${bent[@]}" --output "$dir/bent-0.h5" 2>"$dir/bent-0.log" || die "without MPI no eigenvalues"
for ranks in 1 2 4; do
    "${mpi[@]}" -n $ranks "$dir/ranks" "${bent[@]}" --output "$dir/bent-$ranks.h5" >"$dir/bent-$ranks.log" 2>&1 ||
        die "with $ranks ranks no eigenvalues"
done

# Many cheap points, of which a kill leaves most: a run that was over before the kill proves nothing
# and begins anew.
many=("${inputs[@]}" --x=-1:1:31 --y=-1:1:31 --limit 5)
partial=$dir/killed.h5.partial
# Finished points in the journal: its line of JSON, then 56 bytes each (a head of 20 bytes, four values
# and a check).
finished() {
    if [ -s "$partial" ]; then
        echo $((($(stat -c %s "$partial") - $(head -n 1 "$partial" | wc -c)) / 56))
    else
        echo 0
    fi
}
has_a_point() { [ "$(finished)" -gt 0 ]; }
# Kills one rank of a run; fails where the run was over, or nearly so, before the kill.
kill_a_rank() {
    local mpirun victim left
    rm -f "$dir/killed.h5" "$partial"
    "${mpi[@]}" -n 4 "$dir/ranks" "${many[@]}" --output "$dir/killed.h5" >"$dir/killed.log" 2>&1 &
    mpirun=$!
    if ! wait_until "$mpirun" has_a_point; then
        wait "$mpirun" || die "a run failed by itself"
        return 1
    fi
    victim=$(pgrep -f "$dir/ranks.*killed.h5" -P "$mpirun" | tail -n 1)
    if [ -z "$victim" ] || ! kill -KILL "$victim" || ! [ -s "$partial" ]; then
        wait "$mpirun" || true
        return 1
    fi
    left=$((961 - $(finished)))
    if wait "$mpirun"; then
        [ $left -lt 8 ] || die "a rank was killed with $left points left, and nobody noticed"
        return 1
    fi
    [ ! -e "$dir/killed.h5" ]
}
until kill_a_rank; do say "the run was over before the kill: once more"; done
has_a_point || die "a rank was killed: its points are lost"
"$dir/plain" "${many[@]}" --output "$dir/killed.h5" 2>"$dir/resumed.log" || die "it does not go on"
grep -q 'resuming: .* holds' "$dir/resumed.log" || die "nothing was kept"
"$dir/plain" "${many[@]}" --output "$dir/whole.h5" 2>"$dir/whole.log" || die "without MPI it failed"

"${mpi[@]}" -n 2 "$dir/plain" "${work[@]}" --output "$dir/plain.h5" >"$dir/plain.log" 2>&1 &&
    die "two did the work of one"
grep -q '2 processes of eval-grid were started together' "$dir/plain.log" || die "plain.log says nothing of MPI"

PYTHONPATH=$RELIEF_TEST_PYTHONPATH python3 - "$dir" <<'PYTHON' || die "the ids differ"
import h5py, sys
def ids(*names):
    return {h5py.File(f"{sys.argv[1]}/{name}.h5").attrs["id"] for name in names}
assert len(ids("without", "with-1", "with-2", "with-4")) == 1
assert len(ids("killed", "whole")) == 1
assert len(ids("bent-0", "bent-1", "bent-2", "bent-4")) == 1
PYTHON
# a measure of several passes, killed between and inside its passes
cargo build --release --locked -p schedule --features mpi --examples
RELIEF_MPIRUN="${mpi[*]}" cargo test --release --locked -p schedule --features mpi --test killed ||
    die "a measure of several passes does not outlive its kills"
cargo build --release --locked -p schedule --examples

say "1, 2 and 4 ranks and a killed one: the ids of the runs without"
