#!/usr/bin/env bash
# Puts DuckDB's ready library into .duckdb/, from the npm package that carries it.
set -euo pipefail
cd "$(dirname "$0")/.."
version=1.5.6-r.1
case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) platform=linux-x64 ;;
    Linux-aarch64) platform=linux-arm64 ;;
    Darwin-x86_64) platform=darwin-x64 ;;
    Darwin-arm64) platform=darwin-arm64 ;;
    *) echo "no ready DuckDB library for $(uname -sm): use make release" >&2; exit 1 ;;
esac
command -v npm >/dev/null || { echo "npm is missing: install Node.js 20" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "@duckdb/node-bindings-$platform@$version" >/dev/null)
mkdir -p .duckdb
tar xzf "$work"/*.tgz -C "$work"
mv "$work"/package/libduckdb.* .duckdb/
cp "$work"/package/LICENSE .duckdb/
touch .duckdb/libduckdb.*
echo "DuckDB $version is in .duckdb/"
