# Two commands: `make run` starts the app, `make test` runs every check and test.
# Both make their own virtual environment in .venv; the README has the plain lines.

PORT ?= 8501
HOST ?= 127.0.0.1
PYTHON_IN_VENV := .venv/bin/python

# Conda and some shells export a HOST that is a name, not an address: then this machine only.
ADDRESS = $(shell case '$(HOST)' in (''|*[!0-9a-fA-F.:]*) echo 127.0.0.1;; (*) echo '$(HOST)';; esac)

.PHONY: help run test clean

help:
	@echo 'make run    start the app on http://127.0.0.1:$(PORT)  (PORT=... and HOST=... change that)'
	@echo 'make test   install what the tests need, run all checks and tests'
	@echo 'make clean  remove .venv and the caches; data in .nfm stays'

run:
	@sh scripts/environment.sh requirements.txt
	@exec $(PYTHON_IN_VENV) -m streamlit run app.py --server.port $(PORT) --server.address $(ADDRESS)

test:
	@sh scripts/environment.sh requirements-dev.txt
	@$(PYTHON_IN_VENV) scripts/browser.py --install
	$(PYTHON_IN_VENV) -m ruff check
	$(PYTHON_IN_VENV) -m ruff format --check
	$(PYTHON_IN_VENV) -m mypy
	.venv/bin/lint-imports
	$(PYTHON_IN_VENV) -m pytest

clean:
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
