#!/usr/bin/env bash
# Walks through the screen in a real browser: a server with the demo company on a free port,
# the walks of tests/web, screenshots in tests/web/screenshots. The server ends with the script.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
chromium=${CHROMIUM:-$(command -v chromium || true)}
if [ -z "$chromium" ]; then
    scripts/debian.sh chromium || { echo "or set CHROMIUM" >&2; exit 1; }
    chromium=$(command -v chromium)
fi
cargo build --quiet
revier=$target/debug/revier
work=$(mktemp -d)
server=
stop() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
    rm -rf "$work"
}
trap stop EXIT
"$revier" --home "$work/home" demo --today 2026-11-20
"$revier" --home "$work/home" serve --listen 127.0.0.1:0 >"$work/serve.out" 2>"$work/serve.err" &
server=$!
for _ in $(seq 300); do
    grep -q http:// "$work/serve.out" && break
    kill -0 "$server" 2>/dev/null || { cat "$work/serve.err" >&2; exit 1; }
    sleep 0.1
done
url=$(grep -o 'http://[^ ]*' "$work/serve.out")
export REVIER_URL=$url CHROMIUM=$chromium SCREENSHOTS=${SCREENSHOTS:-$PWD/tests/web/screenshots}
mkdir -p "$SCREENSHOTS"
(cd web && node --test --test-concurrency=1 ../tests/web/*.test.mjs)
