#!/usr/bin/env bash
# What setup.sh says on machines that lack something. Each is a folder of commands, some real and
# some that only claim to be; nothing is installed and nothing downloaded.
# scripts of fake commands are written in single quotes
# shellcheck disable=SC2016
set -euo pipefail
cd "$(dirname "$0")/.."

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
case_name=""
die() {
    echo "setup test: $case_name: $*" >&2
    [ ! -e "$dir/said" ] || sed 's/^/    /' "$dir/said" >&2
    exit 1
}

# What setup.sh itself needs of any system.
ALWAYS="bash sh dirname cut sed grep tr cat head mktemp rm mkdir mv paste sha256sum tail chmod env"
# What a machine has on which everything is there.
TOOLS=(cargo c++ g++ cc python3 pkg-config flock)

# machine NAME COMMAND…: a new machine that has these commands, which do nothing and succeed
machine() {
    local command
    case_name=$1
    shift
    bin=$dir/bin
    rm -rf "$bin" "$dir/said" "$dir/ran"
    mkdir "$bin"
    for command in $ALWAYS; do ln -s "$(command -v "$command")" "$bin/$command"; done
    for command in "$@"; do fake "$command" 'exit 0'; done
    fake uname 'case $1 in -s) echo Linux ;; -m) echo x86_64 ;; esac'
    fake getconf 'echo glibc 2.36'
    fake id 'echo 1000'
}

# fake COMMAND SCRIPT
fake() {
    rm -f "$bin/$1"
    printf '#!%s\n%s\n' "$(command -v sh)" "$2" >"$bin/$1"
    chmod 755 "$bin/$1"
}

# setup STATUS [VARIABLE=VALUE…] [ARGUMENT]: setup.sh on the machine, which must end so
setup() {
    local wanted=$1 status=0
    shift
    env -i PATH="$bin" HOME="$dir/home" RELIEF_CACHE="$dir/cache" RAN="$dir/ran" "${@:1:$#-1}" \
        bash setup.sh "${@: -1}" >"$dir/said" 2>&1 || status=$?
    [ "$status" = "$wanted" ] || die "status $status instead of $wanted"
}

says() {
    local text
    for text in "$@"; do grep -qF -- "$text" "$dir/said" || die "it does not say \"$text\""; done
}

says_nothing_of() {
    local text
    for text in "$@"; do ! grep -qiF -- "$text" "$dir/said" || die "it speaks of \"$text\""; done
}

machine "an empty machine"
setup 1 --tests
says "Rust (cargo)" "sh.rustup.rs" "a C++ compiler" "Python 3" "pip for python3" "HDF5" \
    "g++ python3 python3-pip pkg-config libhdf5-dev" "conda install hdf5"
[ "$(grep -c 'this is missing' "$dir/said")" = 1 ] || die "more than one message"

machine "an empty machine that draws"
setup 1 --drawing
says "Rust (cargo)" "sh.rustup.rs" "libhdf5-dev" "conda install hdf5"
says_nothing_of libtorch pip flock "Python 3" g++

machine "a machine with dnf" dnf cargo
setup 1 --tests
says "sudo dnf install -y gcc-c++ python3 python3-pip pkgconf-pkg-config hdf5-devel"
says_nothing_of apt-get rustup

machine "an old glibc" "${TOOLS[@]}"
fake getconf 'echo glibc 2.17'
setup 1 --tests
says "glibc 2.28 or later, this system has glibc 2.17" "make drawing"
setup 0 --drawing

machine "an old glibc, told by ldd" "${TOOLS[@]}"
fake getconf 'exit 1'
fake ldd 'echo "ldd (GNU libc) 2.27"'
setup 1 --tests
says "this system has glibc 2.27"

machine "an old glibc, and HDF5 missing" "${TOOLS[@]}" apt-get
fake getconf 'echo glibc 2.17'
fake pkg-config 'exit 1'
fake id 'echo 0'
fake apt-get 'echo "$@" >>"$RAN"'
setup 1 --tests
says "this system has glibc 2.17" "HDF5 1.8.4"
[ ! -e "$dir/ran" ] || die "it installed something where relief cannot be built"

machine "musl" "${TOOLS[@]}"
fake getconf 'exit 1'
fake ldd 'echo "musl libc (x86_64)"; exit 1'
setup 1 --tests
says "libtorch needs glibc 2.28 or later, this system has musl libc"

machine "another processor" "${TOOLS[@]}"
fake uname 'case $1 in -s) echo Linux ;; -m) echo aarch64 ;; esac'
setup 1 --tests
says "for Linux on x86-64 only, this is Linux on aarch64" "LIBTORCH_USE_PYTORCH=1"

machine "a Mac that draws" brew
fake uname 'case $1 in -s) echo Darwin ;; -m) echo arm64 ;; esac'
fake brew 'echo "$HOME/brew"'
setup 1 --drawing
says "Rust (cargo)" "brew install hdf5" "xcode-select --install" "conda install hdf5"
says_nothing_of apt-get flock libtorch pip pkg-config
mkdir -p "$dir/home/brew/include"
touch "$dir/home/brew/include/hdf5.h"
fake cargo 'exit 0'
fake cc 'exit 0'
setup 0 --drawing
[ ! -s "$dir/said" ] || die "it has something to say where nothing is missing"

machine "HDF5 of conda" cargo cc
mkdir -p "$dir/conda/include"
setup 1 HDF5_DIR="$dir/conda" --drawing
says "HDF5_DIR=$dir/conda has no include/hdf5.h"
touch "$dir/conda/include/hdf5.h"
setup 0 HDF5_DIR="$dir/conda" --drawing
says_nothing_of HDF5

machine "Debian with root" cargo c++ python3 apt-get
fake id 'echo 0'
fake apt-get 'echo "$@" >>"$RAN"
printf "#!/bin/sh\n" >"${0%/*}/pkg-config"
chmod 755 "${0%/*}/pkg-config"'
setup 0 LIBTORCH_LIB=/own LIBTORCH=/own ""
grep -qx 'install -y --no-install-recommends pkg-config libhdf5-dev' "$dir/ran" ||
    die "apt-get was told $(cat "$dir/ran")"

machine "a libtorch of another version" "${TOOLS[@]}"
torch=$dir/torch
header=$torch/include/torch/csrc/api/include/torch/version.h
mkdir -p "$torch/lib" "$(dirname "$header")"
printf '#define TORCH_VERSION_%s\n' "MAJOR 2" "MINOR 8" "PATCH 0" >"$header"
setup 1 LIBTORCH="$torch" ""
says "LIBTORCH=$torch is version 2.8.0, but relief needs 2.13.0" "leaves your PyTorch alone"
setup 0 LIBTORCH="$torch" LIBTORCH_BYPASS_VERSION_CHECK=1 ""
echo 2.13.0+cu130 >"$torch/build-version"
setup 0 LIBTORCH="$torch" ""
setup 1 LIBTORCH="$dir" ""
says "has no lib/"

machine "a PyTorch of another version" "${TOOLS[@]}"
fake python3 'case "$*" in *"import torch"*) echo 2.8.0+cpu ;; esac'
setup 1 LIBTORCH_USE_PYTORCH=1 ""
says "python3 is version 2.8.0+cpu, but relief needs 2.13.0"
fake python3 'case "$*" in *"import torch"*) echo 2.13.0 ;; esac'
setup 0 LIBTORCH_USE_PYTORCH=1 ""
fake python3 'case "$*" in *"import torch"*) exit 1 ;; esac'
setup 1 LIBTORCH_USE_PYTORCH=1 ""
says "cannot be imported"

machine "no network for cargo" "${TOOLS[@]}"
fake cargo 'echo "error: no network" >&2; exit 1'
setup 1 LIBTORCH="$torch" --lint
says "building cargo-deny" "error: no network" "cargo could not install cargo-deny"

echo "setup: what is missing is named at once, on thirteen kinds of machines" >&2
