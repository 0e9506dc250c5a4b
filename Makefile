# RxHooks. `make demo` shows it at work, `make test` proves it; both need Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready
ONCE ?= 0

.DEFAULT_GOAL := help
.PHONY: help venv demo test test-inside test-outside lint proofs check bench soak pictures format lock clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | sort

venv: $(STAMP) ## create .venv from the lock file

$(STAMP): requirements-dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed, and $(PYTHON) was not found. Name one: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is needed (on Debian: apt-get install python3-venv)."; exit 1; }
	@echo "installing into .venv (once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: $(STAMP) ## show a card for a sample patient, then serve until Ctrl-C (ONCE=1: stop after it)
	@$(BIN)/python -m sandbox.demo $(if $(filter 1,$(ONCE)),--once)

test: $(STAMP) ## run the tests
	@$(MAKE) --no-print-directory -j2 test-inside test-outside

test-inside: $(STAMP)  # in one process, with coverage
	@$(BIN)/python -m pytest -q --cov --cov-fail-under=100 tests/unit tests/cases

test-outside: $(STAMP)  # against running services and in a browser; told when all is done
	@$(BIN)/python -m pytest -q tests/contract tests/e2e tests/browser >.test-outside.log 2>&1; told=$$?; cat .test-outside.log; exit $$told

lint: $(STAMP) ## ruff, mypy, import contracts, knowledge
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/rxhooks lint

proofs: $(STAMP) ## the items of the protocol's checklist that have no test
	@$(BIN)/python -m tests.contract.proofs

check: lint proofs test ## everything that must be green

bench: $(STAMP) ## measure speed, as ratios in one run
	@$(BIN)/python -m tests.bench

soak: $(STAMP) ## the long runs
	@$(BIN)/python -m pytest -q -m soak

pictures: $(STAMP) ## take the pictures of docs/pictures anew (needs Chromium)
	@$(BIN)/python -m tests.browser.pictures

format: $(STAMP) ## put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: ## write the lock files anew (needs uv)
	@command -v uv >/dev/null || { echo "uv is needed to write the lock files; see its documentation."; exit 1; }
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## remove what the build left
	@rm -rf .venv .test-outside.log .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info rxhooks.db*

Makefile: ;

%:
	@echo "There is no '$@' here. 'make help' lists what there is."; exit 2
