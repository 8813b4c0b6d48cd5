#!/bin/sh
# Pins every dependency with its hashes, for all platforms, without naming any index.
set -eu
cd "$(dirname "$0")/.."
uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
    --no-annotate --extra postgres --extra dev pyproject.toml -o constraints.txt
if grep -q '://' constraints.txt; then echo "constraints.txt names an address"; exit 1; fi
