#!/bin/sh
# Every check runs, whatever the ones before it said; one failure fails all.
set -u
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
failed=""

check() {
    name=$1
    shift
    printf '== %s\n' "$name"
    "$@" || failed="$failed $name"
}

check format ruff format --check --quiet .
check lint ruff check --quiet --output-format concise .
check types mypy --no-error-summary
check boundaries lint-imports --no-cache
if [ -d templates ]; then
    # Linted, not formatted: the formatter sets inline tags on lines of their own, and the white
    # space shows ("Frost , 8C").
    check templates djlint --lint templates
fi
for script in scripts/*.sh .ci/run; do
    check "$script" bash -n "$script"
done

if [ -n "$failed" ]; then
    printf 'lint: FAILED:%s\n' "$failed" >&2
    exit 1
fi
echo "lint: all clean"
