#!/usr/bin/env bash
# Every check of the project, one after the other; the first that fails ends the run.
# `quick` leaves out what takes long: integration tests, docs, the web build, browser walks.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=${1:-all}
export NO_COLOR=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

step() {
    echo "== $1"
    shift
    "$@" 2>&1 | tee -a "$log"
}

web() {
    (cd web && npm run --silent "$@")
}

step "format" cargo fmt --check
step "lints" cargo clippy --all-targets --quiet -- -D warnings
make --silent web/node_modules/.package-lock.json
if [ "$mode" = quick ]; then
    step "Rust unit tests" cargo test --quiet --lib
    step "web types" web check
    exit
fi
step "web types" web check
step "web lint" web lint
step "web unit tests" web test
make --silent web/dist/index.html
# Without it, the tests of the cube on several machines have nothing to ask.
scripts/debian.sh clickhouse-server --no-install-recommends || echo "the cluster is not tested"
step "Rust tests" cargo test --quiet
step "docs" env RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --quiet --document-private-items
step "browser walks" scripts/walk.sh

# Totals of the three runners: cargo, vitest, node.
sum() { grep -oE "$1" "$log" | grep -oE '[0-9]+' | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(($(sum '^test result: ok\. [0-9]+') + $(sum 'Tests +[0-9]+') + $(sum '^(#|ℹ) pass [0-9]+')))
echo
echo "$passed passed, 0 failed"
