# Needs Python 3.11 or later (below 3.15), make and a C compiler. `make` alone lists the targets.

# Tried in this order; `make setup PYTHON=python3.12` chooses another.
PYTHON ?= python3.11 python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WHEEL_TEST := build/wheel-test

# The first settlement that a newcomer sees; the folder of the gallery comes first.
demo_contract = $(1)contracts/together-for-better-lives
demo = settle $(demo_contract) --period "2027-28 Q1" --inputs $(demo_contract)/data/2027-28-Q1.csv \
	--data places=$(demo_contract)/data/places.csv --data packages=$(demo_contract)/data/packages.csv

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help setup demo test lint format types imports java postgres unit core-coverage mutation wheel wheel-test docs bench fuzz clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv and install the project in it, when pyproject.toml has changed

demo: $(READY) ## settle one quarter of a contract of the gallery
	$(BIN)/alliance $(call demo)

# The tests come last, so that their summary closes what is printed.
test: lint types imports wheel-test unit core-coverage ## every check and every test

lint: $(READY) ## style and likely mistakes
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

format: $(READY) ## put the style right where that can be done
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

types: $(READY) ## type hints
	$(BIN)/python -m mypy

imports: $(READY) ## dependencies point one way
	$(BIN)/lint-imports --no-logo

java: ## what Spark runs on, which the tests of measures count with too
	@command -v java > /dev/null || { apt-get update -qq; apt-get install -y -qq openjdk-17-jre-headless; } > /dev/null || \
		echo "Spark is not tested: Java is missing (apt-get install -y openjdk-17-jre-headless)." >&2

postgres: ## a server of PostgreSQL, which the tests of measures start for themselves
	@ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || command -v initdb > /dev/null || \
		{ apt-get update -qq; apt-get install -y -qq postgresql; } > /dev/null || \
		echo "PostgreSQL is not tested: its server is missing (apt-get install -y postgresql)." >&2

unit: $(READY) java postgres ## tests and docstring examples, with coverage; ARGS="-k corridor" chooses
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term:skip-covered $(ARGS)

# Silent unless something is missing. Reads what `make unit` left.
core-coverage: $(READY) ## what can move money is covered, every branch
	@report=$$($(BIN)/python -m coverage report --show-missing --skip-covered --fail-under=100 \
		--include='alliance/contract/*,alliance/settlement/*,alliance/rules/*,alliance/measures/*') || \
		{ echo "alliance/contract, settlement, rules and measures must be covered whole:"; echo "$$report"; exit 1; } >&2

# By hand and now and then, since it takes an hour: docs/guides/contribute.md says what came of it.
mutation: $(READY) ## change the core in small ways, which a test should notice; ARGS=settlement/sharing chooses
	@$(BIN)/python -c 'import mutmut' 2> /dev/null || $(BIN)/python -m pip install --quiet --editable '.[mutation]'
	nice $(BIN)/python -m tests.mutation $(ARGS)

wheel: $(READY) ## build the source distribution, and the wheel from it
	@rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist . > /dev/null

wheel-test: wheel ## install the wheel in a fresh environment, away from the source tree, and use it
	@rm -rf $(WHEEL_TEST)
	@$(BIN)/python -m venv --without-pip $(WHEEL_TEST)/venv
	$(BIN)/python -m pip --quiet --python $(WHEEL_TEST)/venv/bin/python install dist/alliance-*.whl
	@set -e; cd $(WHEEL_TEST); unset PYTHONPATH; PATH="$$PWD/venv/bin:$$PATH"; \
	gallery=$$(python -I -c 'if True: \
		import pathlib, sys, alliance; \
		home = pathlib.Path(alliance.__file__).parent; \
		assert home.is_relative_to(sys.prefix), f"{home} is not in the fresh environment"; \
		print(home / "_gallery")'); \
	alliance --version; \
	for contract in "$$gallery"/contracts/*/; do alliance validate "$$contract"; done; \
	alliance rules list --format csv | grep -q '^first-offer,'; \
	alliance rules show first-offer > /dev/null; \
	alliance rules test > /dev/null; \
	alliance $(call demo,"$$gallery"/) > statement.txt; \
	test -s statement.txt; \
	echo "The wheel works on its own."

docs: $(READY) ## build the documentation; a warning is an error
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

bench: $(READY) ## measure speed
	$(BIN)/python -m pip install --quiet --editable '.[dev,bench]'
	$(BIN)/python -m benchmarks.run $(ARGS)
	$(BIN)/python -m benchmarks.measures
	$(BIN)/python -m benchmarks.matchers --most-facts 10000

fuzz: $(READY) ## long random tests
	$(BIN)/python -m tests.fuzz $(ARGS)
	$(BIN)/python -m tests.rules.fuzz_rules
	$(BIN)/python -m tests.rules.fuzz_matcher --cases 100000
	$(BIN)/python -m tests.fuzz.atheris_targets --seconds 60

clean: ## remove what was built, but not .venv
	rm -rf build dist docs/_build htmlcov .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name .venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

$(READY): pyproject.toml
	@$(BIN)/python -c 'import pip' 2> /dev/null || { \
		for python in $(PYTHON); do \
			if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2> /dev/null; then \
				echo "Making $(VENV) with $$python; this is done once and takes a minute or two."; \
				exec "$$python" -m venv --clear $(VENV); \
			fi; \
		done; \
		echo "This needs Python 3.11, 3.12, 3.13 or 3.14; none of these is one: $(PYTHON). Say which: make setup PYTHON=..." >&2; \
		exit 1; }
	@$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@
