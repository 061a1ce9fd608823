# make plan  proposes England's areas into out/; make test runs the tests. Each makes what it needs in .venv first.
# A stamp bears the checksum of pyproject.toml, so nothing is installed again, and no network is asked for, until
# the dependencies change.
PYTHON ?= python3
OUT ?= out
SUM := $(shell cksum < pyproject.toml | tr -s ' \t' '--')
BIN := .venv/bin

.PHONY: plan test lint format bench pictures wheel clean

plan: .venv/plan-$(SUM)
	$(BIN)/python -m geo_devolve propose --out $(OUT)

test: .venv/all-$(SUM)
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: .venv/all-$(SUM)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/all-$(SUM)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/all-$(SUM)
	$(BIN)/python -m benchmarks.propose

pictures: .venv/all-$(SUM)
	PYTHONPATH=. $(BIN)/python docs/pictures.py $(ARGS)

wheel: .venv/all-$(SUM)
	$(BIN)/python -m pip wheel --no-deps --wheel-dir dist .

clean:
	rm -rf .venv dist out

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "geo-devolve needs Python 3.11 or later; say which: make PYTHON=python3.12 ...")'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make environments; on Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

# Each kind of set-up keeps only its newest stamp; the one for tests serves the plan too.
.venv/all-$(SUM): | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint,notebook,cluster]'
	@rm -f .venv/all-* .venv/plan-*
	@touch $@ .venv/plan-$(SUM)

.venv/plan-$(SUM): | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@rm -f .venv/all-* .venv/plan-*
	@touch $@
