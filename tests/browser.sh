#!/usr/bin/env bash
# Pages in headless Chromium, and the three forms of figures beside each other. After `make build`; as root it installs
# Chromium from Debian where it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v chromium >/dev/null; then
    log=$(mktemp)
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        chromium libegl1 libegl-mesa0 libgl1-mesa-dri; } >"$log" 2>&1 || { tail "$log" >&2; exit 1; }
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/python" -m pip install --quiet --disable-pip-version-check -r tests/browser.txt
"$dir/venv/bin/python" tests/tools/browser.py target/release/render "$dir"
"$dir/venv/bin/python" tests/tools/forms.py target/release/render "$dir"
