# hbmcast: `make help` says what there is. Needs make and Python 3.12 or later; everything else is set up in .venv.
.DEFAULT_GOAL := help
.PHONY: help setup lock forecast report app test test-slow fuzz bench lint format schema docs clean
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
# A forecast takes the first part of the lock, which is half as large; all else takes the whole of it.
READY := $(VENV)/.ready
WHOLE := $(VENV)/.whole
SECOND_PART := \# For development, documents, the app and Dask
# Modules are compiled once, whatever the environment says.
export PYTHONDONTWRITEBYTECODE :=
# Options for the nightly: make forecast ARGS="--as-of 2024-12-31"
ARGS ?=
PIP_QUIET := -qq --disable-pip-version-check --no-input --no-compile
PIP_LOCKED := $(PIP_QUIET) --require-hashes --no-deps
PIP = pip() { "$$python" -m pip --python $(BIN)/python "$$@"; } && \
	{ pip --version >/dev/null 2>&1 || { pip() { $(BIN)/python -m pip "$$@"; } && $(BIN)/python -m ensurepip >/dev/null; }; }

help: ## Say what each target does
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(WHOLE) ## Create .venv with the locked, hash-checked requirements and hbmcast itself

# The interpreter's own pip fills the environment, where it has one: to put another into it first takes seconds.
$(READY): requirements.lock pyproject.toml .ci/python
	@python=$$(PYTHON="$(PYTHON)" sh .ci/python) && \
	echo "setup: $$python -> $(VENV)" && \
	{ test -x $(BIN)/python && $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null || \
	  { rm -rf $(VENV) && "$$python" -m venv --without-pip $(VENV); }; } && \
	$(PIP) && sed '/^$(SECOND_PART)/,$$d' requirements.lock > $(VENV)/forecast.lock && \
	pip install $(PIP_LOCKED) -r $(VENV)/forecast.lock && \
	pip install $(PIP_QUIET) --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "setup: done"

$(WHOLE): $(READY)
	@echo "setup: what is for development, documents, the app and Dask"
	@python=$$(PYTHON="$(PYTHON)" sh .ci/python) && $(PIP) && pip install $(PIP_LOCKED) -r requirements.lock
	@touch $@
	@echo "setup: all is there"

forecast: $(READY) ## Set up, then make tonight's forecast
	@$(BIN)/hbmcast nightly $(ARGS)

report: $(READY) ## Write the HTML report of the latest run again
	@$(BIN)/hbmcast report

app: $(WHOLE) ## Start the review app in the browser, on 127.0.0.1
	@$(BIN)/hbmcast app $(ARGS)

test: $(WHOLE) ## Run the fast tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-slow: $(WHOLE) ## Run every test, the slow ones too
	@$(BIN)/python -m pytest -m "slow or not slow"

fuzz: $(WHOLE) ## Try ten thousand mutated rows, files, filings and sentences against what they say
	@HBMCAST_FUZZED_ROWS=10000 $(BIN)/python -m pytest tests/models/evidence/test_cells_fuzzed.py tests/flows/sources/test_files_fuzzed.py \
		tests/flows/sources/test_filings_fuzzed.py tests/models/evidence/press/test_sentences_fuzzed.py

bench: $(WHOLE) ## Measure the engine against its rivals
	@$(BIN)/python -m tests.benchmarks; missed=$$?; $(BIN)/python -m tests.benchmarks.vintages && exit $$missed

lint: $(WHOLE) ## Check style, public documentation, types and the walls between packages and rooms
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(WHOLE) ## Rewrite the code in the house style
	@$(BIN)/ruff check --fix --exit-zero --quiet .
	@$(BIN)/ruff format --quiet .

schema: $(WHOLE) ## Write the warehouse's SQL anew from the descriptions of the tables
	@$(BIN)/python -m flows.commands.schema

docs: $(WHOLE) ## Build the documentation as a site, in build/docs/site
	@$(BIN)/python -m flows.commands.docs

lock: $(WHOLE) ## Renew requirements.lock from pyproject.toml (needs the network)
	@compile() { $(BIN)/python -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --no-annotate "$$@" pyproject.toml; } && \
	cp requirements.lock $(VENV)/whole.lock && compile --all-extras --output-file $(VENV)/whole.lock && \
	compile --constraint $(VENV)/whole.lock --output-file $(VENV)/forecast.lock && \
	{ cat $(VENV)/forecast.lock; echo "$(SECOND_PART)"; \
	  awk 'NR == FNR { first[$$1]; next } /^[^ #]/ { shown = !($$1 in first) } shown' $(VENV)/forecast.lock $(VENV)/whole.lock; \
	} > requirements.lock

clean: ## Remove what setup and the tests made (the state folder stays)
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
