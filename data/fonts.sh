#!/usr/bin/env bash
# Makes the fonts of data/fonts anew from npm: data/fonts.sh
#
# Noto Sans with the letters that names of places and customers are written in here: Latin, Greek
# and Cyrillic. Needs Python 3 with venv and Node.js with npm. The same packages give the same bytes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm pack --silent @expo-google-fonts/noto-sans@0.4.2 >/dev/null
tar xzf ./*.tgz
python3 -m venv python
python/bin/pip install --quiet fonttools==4.68.0

# Latin with its extensions, Greek, Cyrillic, punctuation, super- and subscripts, currencies,
# arrows, the minus sign and its like.
letters=U+0020-007E,U+00A0-024F,U+0259,U+02B0-02DD,U+0300-036F,U+0370-03FF,U+0400-052F
letters+=,U+1E00-1EFF,U+2000-206F,U+2070-209F,U+20A0-20C0,U+2113,U+2116,U+2122,U+2190-2199
letters+=,U+2212,U+2215,U+2248,U+2260,U+2264,U+2265,U+FFFD
for weight in 400Regular 600SemiBold; do
  name=${weight#?00}
  python/bin/pyftsubset "package/$weight/NotoSans_$weight.ttf" --unicodes="$letters" \
    --output-file="$here/fonts/NotoSans-$name.ttf" --no-hinting --name-IDs='*' \
    --layout-features=kern,mark,mkmk,ccmp,locl,tnum,lnum --no-recalc-timestamp
done
cp package/LICENSE_FONT "$here/fonts/OFL.txt"
ls -l "$here/fonts"
