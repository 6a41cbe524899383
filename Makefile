# Everything one does with Patchbook, from a fresh clone: `make demo` looks at it, `make test` proves it.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
SERVE  ?= 1
OUT    ?= demo-out
PORT   ?= 8000
WORKERS ?= 4
BOOTSTRAP = $(PYTHON) tools/bootstrap.py
BIN = .venv/bin

.DEFAULT_GOAL := help
.PHONY: help install install-docs demo test torture check bench docs reference pictures lock clean

help:  ## show what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install:  ## make .venv with everything needed to run and to develop
	@$(BOOTSTRAP) requirements-dev.lock

install-docs:
	@$(BOOTSTRAP) requirements-docs.lock

demo:  ## open the workspace of a company that plans with real companies (SERVE=0 only writes it, OUT=folder, PORT=8000)
	@$(BOOTSTRAP) requirements.lock
	@$(BIN)/patchbook demo --out "$(OUT)" --port $(PORT) $(if $(filter 0 no false,$(SERVE)),--no-serve)

test:  ## run every test, on each core, WORKERS at most; a skipped one is a failure (ARGS=… goes to pytest, -n0 for one process)
	@$(BOOTSTRAP) requirements-dev.lock --browser --java
	@$(BIN)/python -m pytest -n logical --maxprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: install  ## style, types, and whether the locks are current
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/lock.py --check

torture:  ## the long form of the proofs of the record: crashes, power cuts, tampering, a million operations (hours)
	@$(BOOTSTRAP) requirements-dev.lock --browser
	@PATCHBOOK_TORTURE=1 $(BIN)/python -m pytest tests/db tests/ledger tests/audit tests/publishing tests/web tests/rules \
		tests/leads tests/service tests/routing $(ARGS)

bench:  ## measure the engine, the intake and the rules beside their peers (CPMP=folder adds the public league)
	@$(BOOTSTRAP) requirements-bench.lock
	@$(BIN)/python -m benchmarks $(if $(CPMP),--league $(CPMP)) $(ARGS)

docs: install-docs  ## build the documentation into docs/_build; a warning is a failure
	@$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html && echo "docs/_build/html/index.html"

reference: install  ## bring the documentation up to date: pages made from the code, outputs of commands
	@$(BIN)/python tools/reference.py
	@$(BIN)/python tools/blocks.py $(PAGES)

pictures:  ## take the pictures of the README and the documentation anew (NAMES=… takes only those)
	@$(BOOTSTRAP) requirements-dev.lock --browser
	@$(BIN)/python tools/pictures.py $(NAMES)

lock: install  ## pin every dependency; versions that still fit stay (UPGRADE=1 takes the newest)
	@$(BIN)/python tools/lock.py $(if $(UPGRADE),--upgrade)

clean:  ## remove what was built, the environment too
	rm -rf .venv docs/_build demo-out dist .mypy_cache .ruff_cache .hypothesis \
		src/patchbook/web/static/vendor tests/browser/vendor
