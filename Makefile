# Plain syntax: GNU make 3.81 (macOS) and BSD make read it too.
# Another Python: make test PYTHON=python3.12
# Another data folder: BARO_DATA=/path/to/data make report

PYTHON ?= python3
# Neighbours share what they are made from: each process begins with files of its own, then helps.
PYTEST_ARGS ?= -n 2 --dist worksteal
UPGRADE ?=

BIN = .venv/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check

# Makes .venv, or keeps it when it is whole. `.venv/incomplete` stands from the first step to the
# last: found at the start, an earlier set-up was killed, and .venv is made anew. (pip that ends
# by itself, as without a network, leaves .venv as it can be used: no stamp, but no new .venv.)
BEGIN = \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not one: $$($(PYTHON) --version 2>&1)." >&2; \
		echo "  -> name another one, for instance: make report PYTHON=python3.12" >&2; exit 1; }; \
	if test -e .venv/incomplete || ! $(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "Making .venv with $$($(PYTHON) --version)"; \
		rm -rf .venv && mkdir .venv && : > .venv/incomplete && $(PYTHON) -m venv .venv || { \
			echo "'$(PYTHON) -m venv' failed: its message is above." >&2; \
			echo "  -> on Debian and Ubuntu it is in the package python3-venv; or name another Python: make report PYTHON=python3.12" >&2; exit 1; }; \
	fi; \
	: > .venv/incomplete; rm -f .venv/runtime.stamp .venv/dev.stamp
INSTALL = $(PIP) install --quiet --require-hashes -r
INSTALL_SELF = $(PIP) install --quiet --no-deps --no-build-isolation --no-index --editable .
END = pwd -P > .venv/place && rm .venv/incomplete
FAILED = { rm -f .venv/incomplete; exit 1; }

# A copied or moved .venv would run the code of the folder it was made in.
HERE = @test ! -f .venv/place || test "$$(cat .venv/place)" = "$$(pwd -P)" || { \
	echo ".venv was made for $$(cat .venv/place), and this is $$(pwd -P)." >&2; \
	echo "  -> rm -rf .venv, then the same command again" >&2; exit 1; }

.NOTPARALLEL:
.PHONY: report test lint setup preview audit bench oracle damages simulate spark lock clean help

report: .venv/runtime.stamp ## build the site in _site/ (real data where BARO_DATA has them, else demonstration data)
	$(HERE)
	$(BIN)/baro build

test: lint ## lint, then run every test
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: .venv/dev.stamp ## check style, types, the layers of the code; audit the dependencies
	$(HERE)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tests.dependencies

setup: .venv/runtime.stamp ## make .venv and nothing else

preview: .venv/runtime.stamp ## serve the site on this machine, rebuild it on change
	$(HERE)
	$(BIN)/baro preview

audit: .venv/dev.stamp ## check the built site in Chromium, record it for the accessibility statement
	$(HERE)
	$(BIN)/python -m tests.browser.statement

bench: .venv/dev.stamp ## time the build, estimation against svy, R and rows, and pages on slow 3G
	$(HERE)
	$(BIN)/python tests/bench/run.py
	$(BIN)/python tests/bench/estimation.py
	$(BIN)/python tests/bench/raking.py
	$(BIN)/python tests/bench/scale.py
	$(BIN)/python tests/bench/waves.py
	$(BIN)/python tests/bench/journey.py

# The larger lock first, the smaller one held to it: the two agree on every version.
LOCK = $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-annotate --no-header --quiet \
	--no-emit-index-url --no-emit-find-links

oracle: ## make the goldens of tests/oracle anew with R survey (takes about three minutes)
	@command -v Rscript >/dev/null || { echo "R is absent: the goldens stay as they are"; exit 1; }
	cd tests/oracle && for f in ratio designs quantile tests regression imputation weighting frame sampling; do \
	  echo "$$f.R"; Rscript $$f.R || exit 1; done

damages: .venv/dev.stamp ## list in docs/damages.md what is said of each damage (five minutes at most)
	$(HERE)
	$(BIN)/python -m tests.damage.table

simulate: .venv/dev.stamp ## coverage of the intervals of a proportion, by simulation, into docs/methods
	$(HERE)
	$(BIN)/python tests/simulation/coverage.py

spark: .venv/dev.stamp ## add Spark to .venv, for rows on a cluster (450 MB; Spark needs Java)
	$(HERE)
	$(INSTALL) requirements-spark.lock

lock: .venv/dev.stamp ## write the lock files anew (UPGRADE=--upgrade for newer versions)
	$(HERE)
	$(LOCK) --group dev $(UPGRADE) --output-file requirements-dev.lock
	$(LOCK) --group build $(UPGRADE) --constraint requirements-dev.lock --output-file requirements.lock
	$(LOCK) --extra spark $(UPGRADE) --constraint requirements-dev.lock --output-file requirements-spark.lock

clean: ## remove what was built (keeps .venv and the data)
	rm -rf _site build dist .quarto .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -path ./.venv -prune -o -name '*.quarto_ipynb' -type f -exec rm -f {} +

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

.venv/runtime.stamp: requirements.lock pyproject.toml
	@$(BEGIN); \
	echo "Installing what the reports need (the first time: several hundred MB on disk, a minute or two)"; \
	{ $(INSTALL) requirements.lock && $(INSTALL_SELF); } || $(FAILED); \
	$(END) && touch $@

# A superset of the runtime: either order works, and neither undoes the other.
.venv/dev.stamp: requirements-dev.lock requirements.lock pyproject.toml
	@$(BEGIN); \
	echo "Installing what the tests need (the first time: several hundred MB on disk, a minute or two)"; \
	{ $(INSTALL) requirements-dev.lock && $(INSTALL_SELF); } || $(FAILED); \
	$(END) && touch .venv/runtime.stamp $@
