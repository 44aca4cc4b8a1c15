#!/usr/bin/env bash
# Makes the font that figures embed: the part of DejaVu Sans that they need. $1: DejaVuSans.ttf; needs fonttools.
set -euo pipefail
pyftsubset "$1" --output-file="$(dirname "$0")/DejaVuSans-subset.ttf" --layout-features='' --no-hinting \
    --unicodes='U+0020-007E,U+00A0-00FF,U+0391-03A9,U+03B1-03C9,U+2012-2015,U+2018-201D,U+2026,U+2070-209C,U+2202,U+2206,U+2212,U+221A,U+221E,U+2248,U+2264,U+2265,U+2016'
