# Needs: git, make, Python 3.11+. Everything else comes by `make setup`.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STAMPS := .venv/stamps
# Only files that are there: a tracked one may be deleted and not yet committed.
WEB_SOURCES := $(wildcard $(shell git ls-files web 2>/dev/null) web/src/*/*.ts*)
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: setup demo test check audit incidents test-python test-web bench lock web wheel clean help

help:            ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

setup: $(STAMPS)/package $(STAMPS)/web   ## .venv with the amaan command and the built console

demo: setup      ## the demo city: cameras, traffic, a wanted car; opens the console
	$(BIN)/amaan demo

test: $(STAMPS)/dev $(STAMPS)/web $(STAMPS)/system   ## every check and every test
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser"
	$(BIN)/python -m pytest -n 2 --dist loadfile -m browser

check: $(STAMPS)/dev $(STAMPS)/web-packages   ## style, types, contracts, house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/tidy.py
	$(BIN)/python scripts/biometrics.py
	cd web && npm run --silent check

audit: $(STAMPS)/dev $(STAMPS)/web-packages   ## known weaknesses of dependencies; says INCOMPLETE where no source answers
	$(BIN)/python scripts/audit.py --allow-incomplete

incidents: $(STAMPS)/dev   ## real incidents of such systems tried against a running centre; writes docs/security.md
	$(BIN)/python scripts/incidents.py

bench: $(STAMPS)/dev   ## the figures of docs/benchmarks.md, measured on this machine (about 25 minutes)
	scripts/system.sh bench
	$(BIN)/python scripts/bench.py

lock: $(STAMPS)/dev   ## pin every dependency anew, with hashes, without addresses
	$(BIN)/python scripts/lock.py

wheel: setup     ## a wheel that carries the built console
	$(BIN)/uv build --wheel

clean:           ## all that setup made
	rm -rf .venv web/node_modules src/amaan/console/static build dist

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Amaan needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || scripts/system.sh venv
	$(PYTHON) -m venv .venv
	@mkdir -p $(STAMPS)

$(STAMPS)/uv: requirements/uv.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(STAMPS)/runtime: requirements/runtime.txt requirements/node.txt | $(STAMPS)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/runtime.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/node.txt
	@touch $@

$(STAMPS)/package: pyproject.toml | $(STAMPS)/runtime
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/build.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/package
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

$(STAMPS)/web-packages: web/package.json web/package-lock.json | $(STAMPS)/runtime
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/web: $(STAMPS)/web-packages $(WEB_SOURCES)
	cd web && npm run --silent build
	@touch $@

$(STAMPS)/system: scripts/system.sh | .venv/bin/python
	scripts/system.sh test
	@touch $@
