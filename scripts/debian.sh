#!/usr/bin/env bash
# Installs a Debian package whose command is missing: scripts/debian.sh PACKAGE[:COMMAND] [OPTION...]
set -euo pipefail
package=${1%%:*}
if command -v "${1#*:}" >/dev/null; then exit; fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "$package is missing: apt-get install $package" >&2
    exit 1
fi
echo "installing Debian's $package"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${@:2}" "$package" >/dev/null
