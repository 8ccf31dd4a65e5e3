# make help lists what there is. Everything runs from .venv, which make builds by itself; nothing else needs to be set up.

SHELL := /bin/sh
BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
ARGS ?=
# Thousands of small databases: in memory where there is a disk of it with 4 GB free, else on disk.
TESTS_WRITE_TO = $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4000000 { print "/dev/shm"; found = 1 } END { if (!found) print "/tmp" }')

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format bench faults clean postgresql

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.installed-dev ## build .venv with everything, and .venv/bin/claimwire

demo: .venv/.installed ## watch invented claims live their whole life against the sandbox partner (ARGS="--claims 500 --behaviour hostile")
	$(BIN)/claimwire demo $(ARGS)

test: .venv/.installed-dev postgresql openssh ## run all tests, on SQLite and PostgreSQL (ARGS="-k posting")
	PYTEST_DEBUG_TEMPROOT=$(TESTS_WRITE_TO) $(BIN)/python -m pytest -n 3 $(ARGS)

check: .venv/.installed-dev ## lint, format, types, layers and house rules: the gate before the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -q tests/test_house_rules.py

format: .venv/.installed-dev ## put the source into the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.installed-dev ## run every measurement of benchmarks/
	@set -e; for script in benchmarks/bench_*.py; do \
		test -e "$$script" || { echo "benchmarks/ holds no bench_*.py yet" >&2; exit 1; }; \
		echo "== $$script"; $(BIN)/python "$$script"; \
	done

faults: .venv/.installed-dev postgresql ## run the whole crash matrix: 18 places, 6 faults, 2 databases, 5 times each; about half an hour
	$(BIN)/python benchmarks/faults.py $(ARGS)

clean: ## remove .venv, caches and built packages; never a database or an archive
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build *.egg-info
	find edi payers gateway schedules tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@for candidate in "$${PYTHON:-}" python3.11 python3.12 python3.13 python3; do \
		test -n "$$candidate" || continue; \
		"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		echo "building .venv with $$candidate"; \
		"$$candidate" -m venv .venv && exit 0; \
		echo "$$candidate cannot build a virtual environment (on Debian: apt-get install python3-venv)" >&2; exit 1; \
	done; \
	echo "claimwire needs Python 3.11 or later and found: $$(python3 --version 2>&1). Name one with: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; \
	exit 1

# The stamps are younger than pyproject.toml as long as what it asks for is installed.
.venv/.installed: pyproject.toml | .venv/bin/python
	@echo "installing claimwire into .venv (once)"
	$(PIP_INSTALL) --editable .
	@touch $@

.venv/.installed-dev: pyproject.toml | .venv/bin/python
	@echo "installing claimwire and its development tools into .venv (once)"
	$(PIP_INSTALL) --editable '.[dev]'
	@touch $@ .venv/.installed

# The tests start a cluster of their own; they need PostgreSQL's programs, not its service.
postgresql:
	@if test -n "$${CLAIMWIRE_TEST_POSTGRESQL:-}" || command -v initdb >/dev/null 2>&1 || test -x "$$(pg_config --bindir 2>/dev/null)/initdb" || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then :; \
	elif test "$$(id -u)" = 0 && command -v apt-get >/dev/null 2>&1; then \
		echo "PostgreSQL is not installed: installing Debian's package for the tests"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql; \
	else \
		echo "PostgreSQL is not installed: its half of the database tests cannot run here" >&2; \
	fi

# The real peer of the transport's tests; they start a server of their own on a free port, and no service.
openssh:
	@if command -v sshd >/dev/null 2>&1 || test -x /usr/sbin/sshd; then :; \
	elif test "$$(id -u)" = 0 && command -v apt-get >/dev/null 2>&1; then \
		echo "OpenSSH's server is not installed: installing Debian's package for the tests"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openssh-server; \
	else \
		echo "OpenSSH's server is not installed: the tests against a real SFTP server cannot run here" >&2; \
	fi
