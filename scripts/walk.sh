#!/usr/bin/env bash
# Walks through the screen in a real browser: scripts/walk.sh [NAME …] for the files of tests/web of
# these names, all without one. Each file has a server of its own with the demo company, and as many
# files run at a time as WALKS says. Screenshots go to tests/web/screenshots, or where SCREENSHOTS
# says; SCREENSHOTS= keeps none.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
chromium=${CHROMIUM:-$(command -v chromium || true)}
if [ -z "$chromium" ]; then
    scripts/debian.sh chromium || { echo "or set CHROMIUM" >&2; exit 1; }
    chromium=$(command -v chromium)
fi
cargo build --quiet
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CHROMIUM=$chromium REVIER=$target/debug/revier REVIER_DEMO=$work/home
export SCREENSHOTS=${SCREENSHOTS-$PWD/tests/web/screenshots} TMPDIR=$work
# Fewer sales lines than usual: every import of a walk builds the warehouse of all of them again.
"$REVIER" --home "$REVIER_DEMO" demo --today 2026-11-20 --lines 150000
cd tests/web
files=("${@/%/.test.mjs}")
[ $# -gt 0 ] || files=(*.test.mjs)
node --test --test-concurrency="${WALKS:-2}" "${files[@]}"
