# hbmcast: `make help` says what there is. Needs make and Python 3.12 or later; everything else is set up in .venv.
.DEFAULT_GOAL := help
.PHONY: help setup lock forecast report app test test-slow fuzz bench lint format schema docs clean
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Modules are compiled once, whatever the environment says.
export PYTHONDONTWRITEBYTECODE :=
# Options for the nightly: make forecast ARGS="--as-of 2024-12-31"
ARGS ?=
PIP_QUIET := -qq --disable-pip-version-check --no-input

help: ## Say what each target does
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Create .venv with the locked, hash-checked requirements and hbmcast itself

# The interpreter's own pip fills the environment, where it has one: to put another into it first takes seconds.
$(READY): requirements.lock pyproject.toml .ci/python
	@python=$$(PYTHON="$(PYTHON)" sh .ci/python) && \
	echo "setup: $$python -> $(VENV)" && \
	{ test -x $(BIN)/python && $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null || \
	  { rm -rf $(VENV) && "$$python" -m venv --without-pip $(VENV); }; } && \
	pip() { "$$python" -m pip --python $(BIN)/python "$$@"; } && \
	{ pip --version >/dev/null 2>&1 || \
	  { pip() { $(BIN)/python -m pip "$$@"; } && $(BIN)/python -m ensurepip >/dev/null; }; } && \
	pip install $(PIP_QUIET) --no-compile --require-hashes --no-deps -r requirements.lock && \
	pip install $(PIP_QUIET) --no-compile --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "setup: done"

forecast: $(READY) ## Set up, then make tonight's forecast
	@$(BIN)/hbmcast nightly $(ARGS)

report: $(READY) ## Write the HTML report of the latest run again
	@$(BIN)/hbmcast report

app: $(READY) ## Start the review app in the browser, on 127.0.0.1
	@$(BIN)/hbmcast app $(ARGS)

test: $(READY) ## Run the fast tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-slow: $(READY) ## Run every test, the slow ones too
	@$(BIN)/python -m pytest -m "slow or not slow"

fuzz: $(READY) ## Try ten thousand mutated rows, files, filings and sentences against what they say
	@HBMCAST_FUZZED_ROWS=10000 $(BIN)/python -m pytest tests/models/evidence/test_cells_fuzzed.py tests/flows/sources/test_files_fuzzed.py \
		tests/flows/sources/test_filings_fuzzed.py tests/models/evidence/press/test_sentences_fuzzed.py

bench: $(READY) ## Measure the engine against its rivals
	@$(BIN)/python -m tests.benchmarks; missed=$$?; $(BIN)/python -m tests.benchmarks.vintages && exit $$missed

lint: $(READY) ## Check style, public documentation, types and the walls between packages and rooms
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(READY) ## Rewrite the code in the house style
	@$(BIN)/ruff check --fix --exit-zero --quiet .
	@$(BIN)/ruff format --quiet .

schema: $(READY) ## Write the warehouse's SQL anew from the descriptions of the tables
	@$(BIN)/python -m flows.commands.schema

docs: $(READY) ## Build the documentation as a site, in build/docs/site
	@$(BIN)/python -m flows.commands.docs

lock: $(READY) ## Renew requirements.lock from pyproject.toml (needs the network)
	@$(BIN)/python -m piptools compile --quiet --all-extras --generate-hashes --allow-unsafe --strip-extras \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --no-annotate \
		--output-file requirements.lock pyproject.toml

clean: ## Remove what setup and the tests made (the state folder stays)
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
