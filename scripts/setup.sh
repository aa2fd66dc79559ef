#!/bin/sh
# Make .venv and install what a target needs; seconds when all is there.
#
#   scripts/setup.sh demo   Python, the product's own requirements and Pango
#   scripts/setup.sh lint   and the tools
#   scripts/setup.sh test   and PostgreSQL, Redis and Chromium of the system
#
# Missing system packages are installed with apt-get where that is allowed
# (root, or sudo); elsewhere they are named and the script stops with 1.
set -eu
cd "$(dirname "$0")/.."
level=${1:-test}

say() { printf '%s\n' "setup: $*" >&2; }
fail() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# --- system packages -------------------------------------------------------

apt_ready=no

run_as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif have sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        sudo "$@"
    else
        return 1
    fi
}

may_install() {
    have apt-get || return 1
    [ "$(id -u)" = 0 ] && return 0
    have sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }
}

refresh_package_lists() {
    [ "$apt_ready" = yes ] && return 0
    run_as_root apt-get update -qq || say "apt-get update failed; trying with the lists there are"
    apt_ready=yes
}

# install_package REASON PACKAGE...
install_package() {
    reason=$1
    shift
    may_install || fail "$reason is missing. Install the package(s) $*, then run this again."
    refresh_package_lists
    say "installing $* ($reason)"
    run_as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" >&2 ||
        fail "$reason is missing, and installing $* failed."
}

package_exists() {
    refresh_package_lists
    apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [0-9]'
}

# --- Python ----------------------------------------------------------------

recent_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if have "$candidate" && recent_enough "$candidate"; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

make_environment() {
    if [ -x .venv/bin/pip ] && recent_enough .venv/bin/python; then
        return 0
    fi
    if ! python=$(find_python); then
        install_package "Python 3.11 or newer" python3 python3-venv
        if ! python=$(find_python) && package_exists python3.11; then
            install_package "Python 3.11" python3.11 python3.11-venv  # beside an older python3
        fi
        python=$(find_python) || fail "Python 3.11 or newer is needed; this system's is older."
    fi
    # Debian keeps ensurepip, without which no environment gets pip, apart.
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        install_package "Python's venv module" "python$version-venv"
    fi
    say "making .venv with $("$python" --version 2>&1)"
    "$python" -m venv --clear .venv
}

# install_requirements NAME...: skips a file whose hash is stamped already.
install_requirements() {
    wanted=""
    for name in "$@"; do
        stamp=.venv/.installed-$name
        hash=$(sha256sum "requirements/$name.txt")
        if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$hash" ]; then
            wanted="$wanted $name"
        fi
    done
    [ -n "$wanted" ] || return 0
    say "installing the pinned requirements:$wanted"
    arguments=""
    for name in $wanted; do
        arguments="$arguments -r requirements/$name.txt"
    done
    # shellcheck disable=SC2086  # the arguments are several words
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes $arguments || fail "the requirements could not be installed."
    # Where byte code is not written by itself (PYTHONDONTWRITEBYTECODE), pip leaves it out too, and
    # every process would compile Django anew. A package's file for another Python may not compile.
    .venv/bin/python -m compileall -q -j 0 .venv/lib >/dev/null 2>&1 || true
    for name in $wanted; do
        sha256sum "requirements/$name.txt" >".venv/.installed-$name"
    done
}

# --- servers and browser of the tests --------------------------------------

have_postgresql() {
    have initdb && have postgres && return 0
    for folder in /usr/lib/postgresql/*/bin; do
        [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && return 0
    done
    return 1
}

have_chromium() {
    [ -n "${KEYWORK_TEST_CHROMIUM:-}" ] && [ -x "$KEYWORK_TEST_CHROMIUM" ] && return 0
    have chromium || have chromium-browser || have google-chrome || have google-chrome-stable
}

have_playwright_chromium() {
    .venv/bin/python scripts/chromium.py >/dev/null 2>&1
}

install_chromium() {
    # Ubuntu's package is a stub for a snap, which containers cannot run;
    # there the browser that Playwright publishes takes its place.
    if may_install && package_exists chromium &&
        ! grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; then
        install_package "Chromium" chromium
        return 0
    fi
    may_install || fail "Chromium is missing. Install the package chromium (or name a browser
in KEYWORK_TEST_CHROMIUM), then run this again."
    say "installing Playwright's Chromium"
    run_as_root .venv/bin/python -m playwright install-deps chromium >&2 ||
        fail "the libraries of Chromium could not be installed."
    .venv/bin/python -m playwright install chromium >&2 ||
        fail "Chromium could not be installed. Name a browser in KEYWORK_TEST_CHROMIUM."
}

# --- what draws PDFs ---------------------------------------------------------

have_pango() {
    .venv/bin/python -c '
from ctypes.util import find_library
raise SystemExit(not (find_library("pango-1.0") and find_library("pangoft2-1.0")))'
}

install_pango() {
    have_pango || install_package "Pango, which draws PDFs," libpango-1.0-0 libpangoft2-1.0-0
}

# All but PDFs works without it, so nobody is kept from a first look.
install_pango_if_possible() {
    if have_pango || may_install; then
        install_pango
    else
        say "Pango is missing: no PDFs until libpango-1.0-0 and libpangoft2-1.0-0 are installed."
    fi
}

# ---------------------------------------------------------------------------

make_environment
case $level in
demo)
    install_requirements base
    install_pango_if_possible
    ;;
lint)
    install_requirements base dev
    ;;
test)
    install_requirements base dev
    install_pango
    have_postgresql || install_package "PostgreSQL" postgresql
    have redis-server || install_package "Redis" redis-server
    have_chromium || have_playwright_chromium || install_chromium
    ;;
*)
    fail "unknown level '$level': one of demo, lint, test"
    ;;
esac
