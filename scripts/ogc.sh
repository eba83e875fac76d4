#!/usr/bin/env bash
# Reads the layers and the exported files of the demo company with clients that others wrote: owslib of
# PyPI, and GDAL's driver of OGC API – Features from Debian. Their figures must be the cube's.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
scripts/debian.sh gdal-bin:ogrinfo --no-install-recommends
python3 -c 'import ensurepip' 2>/dev/null || scripts/debian.sh python3-venv:none
[ -n "${REVIER:-}" ] || cargo build --quiet
work=$(mktemp -d)
server=
end() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT
program=${REVIER:-$target/debug/revier}
revier() { "$program" --home "$work/home" "$@"; }

venv=$target/ogc-venv
if ! cmp -s tests/ogc/requirements.txt "$venv/requirements.txt"; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r tests/ogc/requirements.txt
    cp tests/ogc/requirements.txt "$venv/"
fi

revier demo --today 2026-11-20 --lines 150000
in_germany='"filters": [{"level": "region.country", "in": ["DE"]}]'
echo "{\"measures\": [\"revenue\"], $in_germany}" >"$work/total.json"
echo "{\"measures\": [\"revenue\"], \"rows\": [\"region.district\"], $in_germany}" >"$work/districts.json"
total=$(revier ask "$work/total.json" |
    python3 -c 'import json, sys; print("%.2f" % (json.load(sys.stdin)["total"]["revenue"] / 100))')
echo "revenue in Germany: $total"

# The sum of a field of a layer, as GDAL reads it, with its options.
same() {
    local sum
    sum=$(ogr2ogr -f CSV /vsistdout/ "$1" "${@:4}" -sql "SELECT \"$3\" FROM \"$2\"" | tail -n +2 |
        tr -d '"' | awk '{ sum += $1 } END { printf "%.2f", sum }')
    echo "GDAL: $2 of $1: $sum"
    [ "$sum" = "$total" ] || { echo "that is not $total" >&2; exit 1; }
}

for format in geojson gpkg kml fgb; do
    revier ask "$work/districts.json" --format "$format" --out "$work/districts.$format"
    same "$work/districts.$format" District "Revenue (EUR)"
done

# Not by the function: it would stand in a shell of its own, which a kill ends in its place.
"$program" --home "$work/home" serve --listen 127.0.0.1:0 >"$work/served" 2>"$work/log" &
server=$!
for _ in $(seq 300); do
    address=$(grep -oE 'http://[0-9.:]+' "$work/served" "$work/log" -h | head -1 || true)
    [ -z "$address" ] || break
    sleep 0.1
done
[ -n "$address" ] || { cat "$work/log" >&2; exit 1; }
"$venv/bin/python" tests/ogc/clients.py "$address/ogc" "$total"
ogrinfo -ro -q "OAPIF:$address/ogc"
# Districts of the United States have no sales in the demo.
same "OAPIF:$address/ogc" district revenue -oo PAGE_SIZE=1000
# The box is asked of the server.
near=$(ogrinfo -ro -q "OAPIF:$address/ogc" district -spat 11.4 48.1 11.6 48.2 | grep -c '^OGRFeature')
echo "GDAL: $near districts in and around Munich"
[ "$near" -gt 0 ] && [ "$near" -lt 10 ]
