#!/usr/bin/env bash
# eval-grid under mpirun: the same id for any number of ranks, and nothing lost when a rank dies. After `make build`.
set -euo pipefail
cd "$(dirname "$0")/.."

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
work=(--model pipelines/demo/resnet20.h5 --data "$dir/data.h5" --directions "$dir/dirs.h5" --x=-1:1:5 --y=-1:1:5)
mpi=(mpirun --oversubscribe)
[ "$(id -u)" != 0 ] || mpi+=(--allow-run-as-root)

"$dir/plain" "${work[@]}" --output "$dir/without.h5" 2>"$dir/without.log" || die "without MPI it failed"
for ranks in 1 2 4; do
    "${mpi[@]}" -n $ranks "$dir/ranks" "${work[@]}" --output "$dir/with-$ranks.h5" >"$dir/with-$ranks.log" 2>&1 ||
        die "with $ranks ranks it failed"
done

"${mpi[@]}" -n 4 "$dir/ranks" "${work[@]}" --output "$dir/killed.h5" >"$dir/killed.log" 2>&1 &
mpirun=$!
for _ in $(seq 600); do [ -s "$dir/killed.h5.partial" ] && break; sleep 0.05; done
kill -KILL "$(pgrep -f "$dir/ranks.*killed.h5" -P "$mpirun" | tail -n 1)"
wait $mpirun && die "a rank was killed, and nobody noticed"
[ -s "$dir/killed.h5.partial" ] && [ ! -e "$dir/killed.h5" ] || die "a rank was killed: its points are lost"
"$dir/plain" "${work[@]}" --output "$dir/killed.h5" 2>"$dir/killed.log"
grep -q 'points stand in' "$dir/killed.log" || die "nothing was kept"

"${mpi[@]}" -n 2 "$dir/plain" "${work[@]}" --output "$dir/plain.h5" >"$dir/plain.log" 2>&1 && die "two did the work of one"
grep -q '2 processes of eval-grid were started together' "$dir/plain.log" || die "plain.log says nothing of MPI"

PYTHONPATH=$RELIEF_TEST_PYTHONPATH python3 - "$dir"/with*.h5 "$dir/killed.h5" <<'PYTHON' || die "the ids differ"
import h5py, sys
assert len({h5py.File(path).attrs["id"] for path in sys.argv[1:]}) == 1 and len(sys.argv) == 6
PYTHON
say "1, 2 and 4 ranks and a killed one: the id of the run without"
