#!/usr/bin/env bash
# Checks and installs what relief is built with; does nothing when everything is present.
# docs/install.md says more.
#
#   setup.sh            for all stages: system packages, and libtorch for the CPU
#   setup.sh --drawing  for the stages that need no libtorch (render, to-vtp, …): Rust and HDF5
#   setup.sh --tests    also the Python packages that the tests compare with
#   setup.sh --lint     also cargo-deny, which `make lint` runs: built from source, a minute or two
#   setup.sh --bench    also those that the benchmark compares with: PyTorch whole, 5 GB
#   setup.sh --print [--drawing]   print the variables that a build needs, for `eval`
#
# LIBTORCH (a folder with lib/ and include/) or LIBTORCH_USE_PYTORCH=1, when set, are used and
# nothing is downloaded.
# Downloads go to RELIEF_CACHE (default ~/.cache/relief), which all clones of a user share.
#
# It must run with bash 3.2, which macOS has.
set -euo pipefail
cd "$(dirname "$0")"

cache=${RELIEF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/relief}
torch_version=2.13.0
deny_version=0.20.2
libtorch=$cache/libtorch-$torch_version-cpu
cargo_deny=$cache/cargo-deny-$deny_version
system=$(uname -s)
for_all="" # set where everything is built, --drawing leaves it empty

say() { echo "setup: $*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
own_libtorch() { [ -n "${LIBTORCH:-}${LIBTORCH_USE_PYTORCH:-}" ]; }

# --- what is missing ---

have_hdf5() {
    if [ -n "${HDF5_DIR:-}" ]; then
        [ -e "$HDF5_DIR/include/hdf5.h" ]
    elif [ "$system" = Darwin ] && have brew; then
        [ -e "$(brew --prefix hdf5 2>/dev/null)/include/hdf5.h" ]
    else
        pkg-config --exists hdf5 2>/dev/null || pkg-config --exists hdf5-serial 2>/dev/null
    fi
}

# What is missing, one word per line.
missing() {
    have cargo || echo rust
    if [ -n "$for_all" ]; then
        have c++ || have g++ || have clang++ || echo compiler
        have python3 || echo python
        python3 -m pip --version >/dev/null 2>&1 || echo pip
    else
        # rustc links with it
        have cc || echo linker
    fi
    [ "$system" = Darwin ] || [ -n "${HDF5_DIR:-}" ] || have pkg-config || echo pkg-config
    have_hdf5 || echo hdf5
}

# What a person calls it.
title() {
    case $1 in
    rust) echo "Rust (cargo)" ;;
    compiler) echo "a C++ compiler (g++ or clang++)" ;;
    linker) echo "a C compiler (cc), with which Rust links" ;;
    python) echo "Python 3" ;;
    pip) echo "pip for python3" ;;
    pkg-config) echo "pkg-config, which finds HDF5" ;;
    hdf5)
        echo "HDF5 1.8.4 or later, with its header files"
        [ -z "${HDF5_DIR:-}" ] || echo "    (HDF5_DIR=$HDF5_DIR has no include/hdf5.h)"
        ;;
    esac
}

# The packages of a system ($1: apt, dnf or brew) that bring what is missing.
packages() {
    local thing list=""
    for thing in $(missing); do
        case $1-$thing in
        apt-compiler) list="$list g++" ;;
        dnf-compiler) list="$list gcc-c++" ;;
        apt-linker | dnf-linker) list="$list gcc" ;;
        apt-python | dnf-python) list="$list python3" ;;
        brew-python | brew-pip) list="$list python" ;;
        apt-pip | dnf-pip) list="$list python3-pip" ;;
        apt-pkg-config) list="$list pkg-config" ;;
        dnf-pkg-config) list="$list pkgconf-pkg-config" ;;
        apt-hdf5) list="$list libhdf5-dev" ;;
        dnf-hdf5) list="$list hdf5-devel" ;;
        brew-hdf5) list="$list hdf5" ;;
        esac
    done
    echo "${list# }"
}

# One message that names all that is missing, and how to get it.
tell_missing() {
    local things=$1 thing manager list
    say "this is missing:"
    for thing in $things; do echo "  - $(title "$thing")" >&2; done
    say "install it, then run this again:"
    case " $things " in
    *" rust "*) echo "    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh" >&2 ;;
    esac
    manager=apt
    ! have dnf || manager=dnf
    [ "$system" != Darwin ] || manager=brew
    list=$(packages $manager)
    case $manager-$list in
    *-) ;;
    brew-*) echo "    brew install $list" >&2 ;;
    dnf-*) echo "    sudo dnf install -y $list    # hdf5-devel may need EPEL" >&2 ;;
    apt-*) echo "    sudo apt-get install -y --no-install-recommends $list" >&2 ;;
    esac
    case " $things " in
    *compiler* | *linker*) [ "$system" != Darwin ] || echo "    xcode-select --install" >&2 ;;
    esac
    case " $things " in
    *" hdf5 "*)
        # the variable is the reader's, not this script's
        # shellcheck disable=SC2016
        echo '    conda install hdf5; export HDF5_DIR=$CONDA_PREFIX    # without root' >&2
        ;;
    esac
}

# --- libtorch ---

# Why the libtorch that setup downloads cannot run here; nothing where it can.
libtorch_refused() {
    local found glibc
    if [ "$system-$(uname -m)" != Linux-x86_64 ]; then
        echo "setup downloads libtorch for Linux on x86-64 only, this is $system on $(uname -m)"
        return
    fi
    found=$(getconf GNU_LIBC_VERSION 2>/dev/null || { have ldd && ldd --version 2>&1 | head -n 1; } || true)
    # where nothing tells, the build will
    [ -n "$found" ] || return 0
    # "glibc 2.36", "ldd (Debian GLIBC 2.36-9) 2.36" or "ldd (GNU libc) 2.17"; musl counts from 1
    glibc=$(echo "$found" | sed -n 's/.*[lL][iI][bB][cC].* 2\.\([0-9][0-9]*\).*/\1/p')
    if [ -z "$glibc" ]; then
        echo "libtorch needs glibc 2.28 or later, this system has $found"
    elif [ "$glibc" -lt 28 ]; then
        echo "libtorch needs glibc 2.28 or later, this system has glibc 2.$glibc"
    fi
}

# The version of the libtorch that LIBTORCH or LIBTORCH_USE_PYTORCH names; nothing where it does
# not tell.
own_version() {
    local part file
    if [ -n "${LIBTORCH_USE_PYTORCH:-}" ]; then
        python3 -c 'import torch; print(torch.__version__)' 2>/dev/null || true
        return
    fi
    if [ -e "$LIBTORCH/build-version" ]; then
        cat "$LIBTORCH/build-version"
        return
    fi
    for file in headeronly/version.h csrc/api/include/torch/version.h; do
        file=$LIBTORCH/include/torch/$file
        grep -q 'define TORCH_VERSION_MAJOR' "$file" 2>/dev/null || continue
        for part in MAJOR MINOR PATCH; do
            sed -n "s/^#define TORCH_VERSION_$part \([0-9]*\).*/\1/p" "$file"
        done | paste -s -d . -
        return
    done
}

# Stops where the libtorch that the user named is none, or another version than tch is made for.
check_own_libtorch() {
    local name version
    # whoever names these folders one by one knows them
    [ -z "${LIBTORCH_LIB:-}${LIBTORCH_INCLUDE:-}" ] || return 0
    if [ -n "${LIBTORCH_USE_PYTORCH:-}" ]; then
        name="LIBTORCH_USE_PYTORCH is set, and the PyTorch of $(command -v python3)"
    else
        name="LIBTORCH=$LIBTORCH"
        [ -d "$LIBTORCH/lib" ] || die "$name has no lib/"
        [ -d "$LIBTORCH/include" ] || die "$name has no include/"
    fi
    version=$(own_version)
    case $version in
    "$torch_version" | "$torch_version"+*) return 0 ;;
    "")
        [ -z "${LIBTORCH_USE_PYTORCH:-}" ] ||
            die "$name cannot be imported: activate its environment, or unset it"
        ;;
    *)
        name="$name is version $version, but relief needs $torch_version"
        if [ -n "${LIBTORCH_BYPASS_VERSION_CHECK:-}" ]; then
            say "$name: LIBTORCH_BYPASS_VERSION_CHECK is set, so the build goes on"
            return 0
        fi
        say "$name."
        die "Unset it: setup then downloads relief's own libtorch, which leaves your PyTorch alone"
        ;;
    esac
}

# --- installing ---

check() {
    local things refused sudo="" refusal=0
    things=$(missing | tr '\n' ' ')
    refused=""
    if [ -n "$for_all" ]; then
        if own_libtorch; then check_own_libtorch; else refused=$(libtorch_refused); fi
    fi
    [ -n "$things$refused" ] || return 0
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    case " $things" in
    *" rust "*) refusal=1 ;;
    esac
    if [ "$refusal" = 0 ] && [ -z "$refused" ] && have apt-get && $sudo true 2>/dev/null; then
        apt_install "$sudo"
        return
    fi
    [ -z "$things" ] || tell_missing "$things"
    if [ -n "$refused" ]; then
        say "$refused."
        say "Set LIBTORCH or LIBTORCH_USE_PYTORCH=1 to use a libtorch $torch_version that runs here."
        say "Only eval-grid, train and connect need it: make drawing builds all other stages."
    fi
    exit 1
}

apt_install() {
    local sudo=$1 log list
    list=$(packages apt)
    log=$(mktemp)
    say "installing $list"
    # a list of words, and perhaps no sudo
    # shellcheck disable=SC2086
    if ! { $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y \
        --no-install-recommends $list; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        die "apt-get failed; its log is $log"
    fi
    rm -f "$log"
    list=$(missing | tr '\n' ' ')
    [ -z "$list" ] || { tell_missing "$list"; exit 1; }
}

# A folder that appears only when it is complete: $1 its path, the rest a command that fills the
# folder it is given.
fill() {
    local target=$1 temporary
    shift
    [ ! -d "$target" ] || return 0
    mkdir -p "$cache"
    # one download at a time; where there is no flock, two at once do each other no harm
    if have flock; then
        exec 9>"$cache/lock"
        flock 9
        rm -rf "$cache"/.unfinished.*
    fi
    if [ ! -d "$target" ]; then
        temporary=$(mktemp -d "$cache/.unfinished.XXXXXX")
        "$@" "$temporary"
        chmod 755 "$temporary"
        if [ -d "$target" ]; then rm -rf "$temporary"; else mv "$temporary" "$target"; fi
    fi
    ! have flock || flock -u 9
}

# Nothing is installed into an environment of the user, so its settings do not matter here.
pip() {
    PIP_REQUIRE_VIRTUALENV=0 PIP_USER=0 python3 -m pip "$@" --quiet --disable-pip-version-check
}

# libtorch from PyTorch's wheel, without its CUDA parts; libtorch_cpu.so still wants the CUDA runtime
# and profiler.
download_libtorch() {
    local into=$1
    say "downloading libtorch $torch_version for the CPU (530 MB) into $cache"
    pip download --no-deps --require-hashes -r libtorch.txt \
        --only-binary=:all: --implementation cp --abi cp311 --abi none --python-version 3.11 \
        --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 --platform manylinux2014_x86_64 \
        --dest "$into/wheels" || die "pip could not download what libtorch.txt names"
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

# cargo-deny from its source. It runs for a second, so it is built for a short build.
build_cargo_deny() {
    say "building cargo-deny $deny_version into $cache"
    env CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
        cargo install --locked cargo-deny --version "$deny_version" --root "$1" --target-dir "$1/target" \
        >"$1.log" 2>&1 || { tail -n 20 "$1.log" >&2; die "cargo could not install cargo-deny"; }
    rm -rf "$1.log" "$1/target"
}

# The packages of the list $1, into the folder $2.
download_python() {
    say "downloading the Python packages of $1"
    pip install --only-binary=:all: --no-compile --target "$2" -r "$1" >"$2.log" 2>&1 ||
        { tail -n 20 "$2.log" >&2; die "pip could not install $1"; }
    # scripts of tests import these two most often
    python3 -m compileall -q "$2/numpy" "$2/h5py"
    rm -f "$2.log"
}

# The folder named $1 of the packages of the list $2: another list or Python has another folder.
python_folder() {
    local list=$2 python sum
    python=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo none)
    sum=$( (sha256sum "$list" 2>/dev/null || shasum -a 256 "$list") | cut -c1-12)
    echo "$cache/$1-$sum-$python"
}

# The HDF5 of a conda environment is found at run time only where the binaries name its folder.
print_drawing_variables() {
    [ -z "${HDF5_DIR:-}" ] || [ -n "${RUSTFLAGS:-}" ] ||
        printf 'export RUSTFLAGS=%q\n' "-C link-arg=-Wl,-rpath,$HDF5_DIR/lib"
}

test_packages() { python_folder python tests/requirements.txt; }
bench_packages() { python_folder bench tests/bench/requirements.txt; }

print_variables() {
    own_libtorch || printf 'export LIBTORCH=%q\n' "$libtorch/torch"
    # torch-sys reads it even where it is empty
    [ -n "${LIBTORCH_USE_PYTORCH:-}" ] || echo "unset LIBTORCH_USE_PYTORCH"
    printf 'export RELIEF_TEST_PYTHONPATH=%q\n' "$(test_packages)"
    printf 'export RELIEF_CARGO_DENY=%q\n' "$cargo_deny/bin/cargo-deny"
    printf 'export RELIEF_BENCH_PYTHONPATH=%q\n' "$(bench_packages)"
}

case ${1:-} in
--print)
    if [ "${2:-}" = --drawing ]; then print_drawing_variables; else print_variables; fi
    ;;
--drawing)
    check
    ;;
"" | --tests | --lint | --bench)
    for_all=yes
    check
    own_libtorch || fill "$libtorch" download_libtorch
    case ${1:-} in
    --tests) fill "$(test_packages)" download_python tests/requirements.txt ;;
    --lint) fill "$cargo_deny" build_cargo_deny ;;
    --bench) fill "$(bench_packages)" download_python tests/bench/requirements.txt ;;
    esac
    ;;
*)
    die "usage: setup.sh [--drawing | --tests | --lint | --bench | --print [--drawing]]"
    ;;
esac
