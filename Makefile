# `make run` starts the app, `make test` runs every check and test, `make check` the quick ones.
# All create a virtual environment in .venv; the README has the plain commands.

PORT ?= 8501
HOST ?= 127.0.0.1
PYTHON_IN_VENV := .venv/bin/python
# Two processes of tests. Browsers are tested one after the other: each brings processes of its own.
IN_PARALLEL := -n 2 --dist worksteal

# Conda and some shells export a HOST that is a name, not an address: then this machine only.
ADDRESS = $(shell case '$(HOST)' in (''|*[!0-9a-fA-F.:]*) echo 127.0.0.1;; (*) echo '$(HOST)';; esac)

.PHONY: help run test check lint docs audit clean

help:
	@echo 'make run    start the app on http://127.0.0.1:$(PORT)  (PORT=... and HOST=... change that)'
	@echo 'make test   install what the tests need, run all checks and tests'
	@echo 'make check  style, spelling, types, import contracts, and the fast tests'
	@echo 'make docs   render the documentation into build/site'
	@echo 'make audit  look up known vulnerabilities of the installed packages'
	@echo 'make clean  remove .venv, what was built, and the caches; data in .nfm stays'

run:
	@sh scripts/environment.sh requirements.txt
	@exec $(PYTHON_IN_VENV) -m streamlit run app.py --server.port $(PORT) --server.address $(ADDRESS)

test:
	@sh scripts/environment.sh requirements-dev.txt
	@$(PYTHON_IN_VENV) scripts/browser.py --install
	@$(MAKE) --no-print-directory lint
	$(PYTHON_IN_VENV) -m pytest $(IN_PARALLEL) -m "not browser"
	$(PYTHON_IN_VENV) -m pytest -m browser

check:
	@sh scripts/environment.sh requirements-dev.txt
	@$(MAKE) --no-print-directory lint
	$(PYTHON_IN_VENV) -m pytest $(IN_PARALLEL) -m "not browser and not slow"

lint:
	$(PYTHON_IN_VENV) -m ruff check
	$(PYTHON_IN_VENV) -m ruff format --check
	.venv/bin/codespell
	$(PYTHON_IN_VENV) -m mypy
	.venv/bin/lint-imports
	@$(MAKE) --no-print-directory docs

# Needs no network; a warning is an error.
docs:
	NO_MKDOCS_2_WARNING=1 $(PYTHON_IN_VENV) -m mkdocs build --strict --quiet

audit:
	@sh scripts/environment.sh requirements-dev.txt
	@$(PYTHON_IN_VENV) scripts/audit.py

clean:
	rm -rf .venv build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
