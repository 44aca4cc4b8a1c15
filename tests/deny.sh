#!/usr/bin/env bash
# Licences, sources and doubled versions of every crate, by cargo-deny and deny.toml: of relief, and of its fuzz targets.
# Known holes and unmaintained crates too, where `cargo deny fetch db` has fetched a database of advisories.
set -euo pipefail
cd "$(dirname "$0")/.."

deny=${RELIEF_CARGO_DENY:-}
[ -x "$deny" ] || { echo "deny: cargo-deny is not there: ./setup.sh --lint builds it, once, in some minutes" >&2; exit 1; }

# a warning is an error: a line of deny.toml that nothing needs any longer goes
"$deny" --workspace --locked check -D warnings -A license-exception-not-encountered licenses bans sources
# the fuzz targets have few of relief's crates, so few of the exceptions
"$deny" --manifest-path tests/fuzz/Cargo.toml --locked --config deny.toml \
    check -D warnings -A unmatched-skip -A license-not-encountered -A unused-workspace-dependency licenses bans sources

databases=${CARGO_HOME:-$HOME/.cargo}/advisory-dbs
if [ -d "$databases" ]; then
    "$deny" --workspace --locked --offline check -D warnings advisories
else
    echo "deny: advisories were not checked: there is no database in $databases (cargo deny fetch db)" >&2
fi
