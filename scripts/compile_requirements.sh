#!/bin/sh
# Pin and hash requirements/*.in into requirements/*.txt.
# Extra arguments go to uv: `scripts/compile_requirements.sh --upgrade`.
set -eu
cd "$(dirname "$0")/.."
for name in base extras dev; do
    .venv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate \
        --python-version 3.11 --universal --fork-strategy fewest \
        --custom-compile-command "scripts/compile_requirements.sh" \
        "$@" --output-file "requirements/$name.txt" "requirements/$name.in"
done
