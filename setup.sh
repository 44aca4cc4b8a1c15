#!/usr/bin/env bash
# Installs or checks what relief is built with; does nothing when all is there.
#
#   setup.sh            system packages, and libtorch for the CPU
#   setup.sh --tests    also the Python packages that the tests compare with
#   setup.sh --bench    also those that the benchmark compares with: PyTorch whole, 5 GB
#   setup.sh --print    print the variables that a build needs, for `eval`
#
# LIBTORCH (a folder with lib/ and include/) or LIBTORCH_USE_PYTORCH=1, when set, are used and nothing is downloaded.
# Downloads go to RELIEF_CACHE (default ~/.cache/relief), which all clones of a user share.
set -euo pipefail
cd "$(dirname "$0")"

cache=${RELIEF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/relief}
torch_version=2.13.0
libtorch=$cache/libtorch-$torch_version-cpu
python=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo none)
python_packages=$cache/python-$(sha256sum tests/requirements.txt | cut -c1-12)-$python
bench_packages=$cache/bench-$(sha256sum tests/bench/requirements.txt | cut -c1-12)-$python

say() { echo "setup: $*" >&2; }
die() { say "$*"; exit 1; }

# Debian packages that are missing, by what can be seen of them
missing_packages() {
    command -v g++ >/dev/null || echo g++
    command -v pkg-config >/dev/null || echo pkg-config
    [ -n "${HDF5_DIR:-}" ] || pkg-config --exists hdf5 2>/dev/null || pkg-config --exists hdf5-serial 2>/dev/null || echo libhdf5-dev
    python3 -m pip --version >/dev/null 2>&1 || echo python3-pip
    command -v flock >/dev/null || echo util-linux
}

install_packages() {
    local packages
    packages=$(missing_packages | tr '\n' ' ')
    [ -n "$packages" ] || return 0
    local sudo=
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    if command -v apt-get >/dev/null && $sudo true 2>/dev/null; then
        say "installing $packages"
        local log
        log=$(mktemp)
        { $sudo apt-get update && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y --no-install-recommends $packages; } \
            >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "apt-get failed; its log is $log"; }
        rm -f "$log"
        [ -z "$(missing_packages)" ] || die "still missing after apt-get: $(missing_packages | tr '\n' ' ')"
    else
        die "please install what is missing, then run this again:
    sudo apt-get install -y --no-install-recommends $packages
  (HDF5 1.8.4 or later; elsewhere than on Debian set HDF5_DIR to its folder)"
    fi
}

# A folder that appears only when it is complete: $1 its path, the rest a command that fills the folder it is given.
fill() {
    local target=$1 temporary
    shift
    [ ! -d "$target" ] || return 0
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock 9
    if [ ! -d "$target" ]; then
        rm -rf "$cache"/.unfinished.*
        temporary=$(mktemp -d "$cache/.unfinished.XXXXXX")
        "$@" "$temporary"
        chmod 755 "$temporary"
        mv "$temporary" "$target"
    fi
    flock -u 9
}

# libtorch from PyTorch's wheel, without its CUDA parts; libtorch_cpu.so still wants the CUDA runtime and profiler.
download_libtorch() {
    local into=$1
    [ "$(uname -sm)" = "Linux x86_64" ] ||
        die "there is no libtorch for $(uname -sm) here: install PyTorch $torch_version and set LIBTORCH_USE_PYTORCH=1"
    say "downloading libtorch $torch_version for the CPU (530 MB) into $cache"
    python3 -m pip download --quiet --no-deps --disable-pip-version-check --require-hashes -r libtorch.txt \
        --only-binary=:all: --implementation cp --abi cp311 --abi none --python-version 3.11 \
        --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 --platform manylinux2014_x86_64 \
        --dest "$into/wheels"
    python3 - "$into" <<'PYTHON'
import glob, os, sys, zipfile
into = sys.argv[1]
left_out = ("libtorch_cuda", "libtorch_python", "libtorch_nvshmem", "libc10_cuda", "libcaffe2_nvrtc")
for wheel in glob.glob(into + "/wheels/*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            folder, file = name.startswith(("torch/lib/", "torch/include/", "nvidia/")), os.path.basename(name)
            if folder and file != "libtorch.so" and not file.startswith(left_out):
                archive.extract(name, into)
os.symlink("libtorch_cpu.so", into + "/torch/lib/libtorch.so")
PYTHON
    rm -rf "$into/wheels"
}

# the packages of the list $1, into the folder $2
download_python() {
    say "downloading the Python packages of $1"
    python3 -m pip install --quiet --disable-pip-version-check --only-binary=:all: --no-compile --target "$2" \
        -r "$1" 2>/dev/null || die "pip could not install $1"
}

print_variables() {
    if [ -z "${LIBTORCH:-}${LIBTORCH_USE_PYTORCH:-}" ]; then
        echo "export LIBTORCH=$libtorch/torch"
    fi
    echo "export RELIEF_TEST_PYTHONPATH=$python_packages RELIEF_BENCH_PYTHONPATH=$bench_packages"
}

case ${1:-} in
--print)
    print_variables
    ;;
"" | --tests | --bench)
    command -v cargo >/dev/null || die "please install Rust (cargo) first"
    command -v python3 >/dev/null || die "please install Python 3 first"
    install_packages
    [ -n "${LIBTORCH:-}${LIBTORCH_USE_PYTORCH:-}" ] || fill "$libtorch" download_libtorch
    [ "${1:-}" != --tests ] || fill "$python_packages" download_python tests/requirements.txt
    [ "${1:-}" != --bench ] || fill "$bench_packages" download_python tests/bench/requirements.txt
    ;;
*)
    die "usage: setup.sh [--tests | --bench | --print]"
    ;;
esac
