# Thin on purpose: each target runs a script of scripts/ that can be read.
#   make test ARGS="tests/students -x"    only some tests
#   make demo PORT=9000                   another port

.PHONY: help setup demo test e2e coverage lint format bench

help:
	@echo "make demo      the site with the demo school, on http://127.0.0.1:$${PORT:-8000}"
	@echo "make test      every test, on servers of its own (ARGS=... for pytest)"
	@echo "make e2e       the browser tests alone"
	@echo "make coverage  every test, with the coverage gates"
	@echo "make lint      formatting, linting, types, import boundaries, templates"
	@echo "make format    put formatting right"
	@echo "make bench     the performance table of docs/performance.md"
	@echo "make setup     only what the others do first"

setup:
	@scripts/setup.sh test

demo: export PORT := $(or $(PORT),8000)
demo:
	@scripts/setup.sh demo
	@exec .venv/bin/python manage.py demo

test:
	@scripts/setup.sh test
	@exec .venv/bin/python scripts/run_tests.py -- $(ARGS)

e2e:
	@scripts/setup.sh test
	@exec .venv/bin/python scripts/run_tests.py --only e2e -- $(ARGS)

coverage:
	@scripts/setup.sh test
	@exec .venv/bin/python scripts/run_tests.py --coverage -- $(ARGS)

lint:
	@scripts/setup.sh lint
	@exec scripts/lint.sh

format:
	@scripts/setup.sh lint
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

bench:
	@scripts/setup.sh test
	@exec .venv/bin/python scripts/bench.py $(ARGS)
