#!/usr/bin/env bash
# Every check of the project; the first that fails ends the run. What does not wait for each other runs
# at the same time, and tells what it found when it is done.
# `quick` leaves out what takes long: integration tests, docs, the web build, browser walks.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=${1:-all}
export NO_COLOR=1
work=$(mktemp -d)
log=$work/log
touch "$log"
declare -A lanes
end() {
    for lane in "${lanes[@]}"; do kill "$lane" 2>/dev/null || true; done
    rm -rf "$work"
}
trap end EXIT

step() {
    local begun=$SECONDS
    echo "== $1"
    shift
    "$@" 2>&1 | tee -a "$log"
    echo "   $((SECONDS - begun)) s"
}

# Begins steps in the background: a name, and a function of steps.
beside() {
    (set -euo pipefail; log=/dev/null; "$2") >"$work/$1" 2>&1 &
    lanes[$1]=$!
}

# Waits for steps in the background and shows what they said.
finish() {
    local result=0
    wait "${lanes[$1]}" || result=$?
    unset "lanes[$1]"
    tee -a "$log" <"$work/$1"
    return "$result"
}

web() {
    (cd web && npm run --silent "$@")
}

web_checks() {
    step "web types" web check
    [ "$mode" != quick ] || return 0
    step "web lint" web lint
    step "web unit tests" web test
    step "web build" make --silent web/dist/index.html
}

docs() {
    step "docs" env RUSTDOCFLAGS="-D warnings" \
        cargo doc --no-deps --quiet --document-private-items
}

clients() {
    # The tests built it; to build it again would wait for the docs.
    step "clients of others" env REVIER="${CARGO_TARGET_DIR:-$PWD/target}/debug/revier" scripts/ogc.sh
}

step "format" cargo fmt --check
make --silent web/node_modules/.package-lock.json
beside web web_checks
step "lints" cargo clippy --all-targets --quiet -- -D warnings
if [ "$mode" = quick ]; then
    step "Rust unit tests" cargo test --quiet --lib
    finish web
    exit
fi
finish web
# Without it, the tests of the cube on several machines have nothing to ask.
scripts/debian.sh clickhouse-server --no-install-recommends || echo "the cluster is not tested"
# Built first: whoever builds docs meanwhile would hold the folder.
step "Rust tests, built" cargo test --quiet --no-run
beside docs docs
beside clients clients
step "Rust tests" cargo test --quiet
finish docs
finish clients
step "browser walks" scripts/walk.sh

# Totals of the three runners: cargo, vitest, node.
sum() { grep -oE "$1" "$log" | grep -oE '[0-9]+' | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(($(sum '^test result: ok\. [0-9]+') + $(sum 'Tests +[0-9]+') + $(sum '^(#|ℹ) pass [0-9]+')))
echo
echo "$passed passed, 0 failed"
