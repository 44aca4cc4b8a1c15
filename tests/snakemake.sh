#!/usr/bin/env bash
# pipelines/examples/Snakefile under Snakemake, from PyPI: its surface has the id of make's. After `make build`.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/waits.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install --quiet --disable-pip-version-check snakemake==9.27.1
bin=target/release
$bin/import-data idx pipelines/demo --normalize 0.2860/0.3530 --limit 50 --output "$dir/data.h5" --quiet

run() {
    "$dir/venv/bin/snakemake" --snakefile pipelines/examples/Snakefile --directory "$dir" --cores 2 --quiet all \
        --config bin="$PWD/$bin" model="$PWD/pipelines/demo/resnet20.h5" data=data.h5 out=study axis=-1:1:5 \
        >"$dir/log" 2>&1 ||
        { cat "$dir/log" >&2; exit 1; }
}
run
rm "$dir"/study/{2-of-4.h5,surface.h5,contour.pdf}
written "$dir/study" >"$dir/before"
run
written "$dir/study" >"$dir/after"
made=$(comm -13 "$dir/before" "$dir/after" | grep -c -- '-of-4.h5 ' || true)
[ "$made" = 1 ] || { echo "snakemake: one shard was lost, $made were made" >&2; exit 1; }

make --no-print-directory -f pipelines/surface.mk -j2 MODEL=pipelines/demo/resnet20.h5 DATA="$dir/data.h5" \
    OUT="$dir/make" X=-1:1:5 SHARDS=3 DIRS='--xignore biasbn' >/dev/null
eval "$(./setup.sh --print)"
PYTHONPATH=$RELIEF_TEST_PYTHONPATH python3 - "$dir/study/surface.h5" "$dir/make/surface.h5" <<'PYTHON'
import h5py, sys
assert len({h5py.File(path).attrs["id"] for path in sys.argv[1:]}) == 1
PYTHON
echo "snakemake: a shard was lost and made again; the id of make's surface" >&2
