# make plan  proposes England's areas into out/; make test runs the tests. Each makes what it needs in .venv first:
# exactly the versions of requirements/, by their hashes. A stamp bears the checksum of what is asked for, so nothing
# is installed again, and no network is asked for, until the dependencies change.
PYTHON ?= python3
OUT ?= out

# Where to run: locked (the versions of the lock), oldest (the lowest that pyproject.toml allows) or newest (today's).
IN ?= locked
VENV := .venv$(if $(filter-out locked,$(IN)),-$(IN))
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
ASKED := pyproject.toml $(wildcard requirements/*.txt)
SUM := $(if $(filter newest,$(IN)),$(shell date +%F)-)$(shell cat $(ASKED) | cksum | tr -s ' \t' '--')

# A warning is an error, but for what old versions say of the newer ones beside them.
OLD := $(foreach kind,Deprecation PendingDeprecation Future,-W default::$(kind)Warning)
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal $(if $(filter oldest,$(IN)),$(OLD))
QUICK := tests -m 'not (national or browser or slow)'
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --custom-compile-command 'make lock' pyproject.toml
EXTRA := --extra notebook --extra cluster --extra test --extra build

# Every option of the 21 areas that were invited in 2025 to propose unitary councils, and where known proposals stand.
.PHONY: plan reorganisation test quick newest oldest lock lint format bench pictures wheel clean

plan: $(VENV)/$(if $(filter locked,$(IN)),plan,all)-$(SUM)
	$(BIN)/python -m geo_devolve propose --out $(OUT)

reorganisation: $(VENV)/$(if $(filter locked,$(IN)),plan,all)-$(SUM)
	$(BIN)/python -m geo_devolve survey boundaries/england-2024/reorganisation_2025.csv --out $(OUT)/reorganisation \
	  $(addprefix --proposal ,$(sort $(wildcard boundaries/england-2024/proposal-*.csv))) \
	  --title "Local government reorganisation, 2025: every option of the 21 areas" \
	  --source "Where the proposals were read: boundaries/england-2024/README.md"

test: $(VENV)/all-$(SUM)
	$(PYTEST) $(ARGS)

quick: $(VENV)/all-$(SUM)
	$(PYTEST) $(QUICK) $(ARGS)

newest oldest:
	$(MAKE) test IN=$@

# Takes the newest versions that pyproject.toml allows; make lock ARGS= adds only what it has come to ask for.
lock: ARGS = --upgrade
lock: $(VENV)/all-$(SUM)
	$(LOCK) $(ARGS) $(EXTRA) --extra lint --extra docs --output-file requirements/all.txt
	$(LOCK) $(ARGS) --extra build --constraint requirements/all.txt --output-file requirements/plan.txt
	$(LOCK) --upgrade $(EXTRA) --resolution lowest-direct --output-file requirements/oldest.txt

lint: $(VENV)/all-$(SUM)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/all-$(SUM)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The site, into site/; a broken link or a name that is not there is an error.
docs: $(VENV)/all-$(SUM)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

bench: $(VENV)/all-$(SUM)
	$(BIN)/python -m benchmarks.propose

pictures: $(VENV)/all-$(SUM)
	PYTHONPATH=. $(BIN)/python docs/pictures.py $(ARGS)

wheel: $(VENV)/all-$(SUM)
	$(BIN)/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist .

clean:
	rm -rf .venv .venv-newest .venv-oldest dist out site

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "geo-devolve needs Python 3.11 or later; say which: make PYTHON=python3.12 ...")'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make environments; on Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Each kind of set-up keeps only its newest stamp; the one for tests serves the plan too.
$(VENV)/all-$(SUM): | $(BIN)/python
ifeq ($(IN),newest)
	$(PIP) --upgrade --upgrade-strategy eager --editable '.[notebook,cluster,test,build]'
else
	$(PIP) --require-hashes --requirement requirements/$(if $(filter locked,$(IN)),all,$(IN)).txt
	$(PIP) --no-deps --no-build-isolation --editable .
endif
	@rm -f $(VENV)/all-* $(VENV)/plan-*
	@touch $@ $(VENV)/plan-$(SUM)

$(VENV)/plan-$(SUM): | $(BIN)/python
	$(PIP) --require-hashes --requirement requirements/plan.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@rm -f $(VENV)/all-* $(VENV)/plan-*
	@touch $@
