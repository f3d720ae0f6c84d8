# The two commands a newcomer needs: `make run` and `make test`.
# Everything they need is made on the way; nothing is made twice.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run build build-dev test test-fast check bench nlu-report lock messages clean python

# Any Python from 3.8 on starts the preparing; uv then finds 3.12 and 3.10.
PYTHON := $(shell for p in python3.12 python3.11 python3.10 python3 python; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1 && echo $$p && break; done)

help:
	@echo "make run     prepare what is missing, start the assistant, print its addresses"
	@echo "make test    run every test (prepares what is missing)"
	@echo "make check   style, types, imports, catalogues, Rasa data (about a minute)"
	@echo "make build   prepare only;  make bench  measure;  make nlu-report  how well messages are understood;  make messages  refresh the catalogues"
	@echo "make lock    renew the hashed requirement files;  make clean  remove what was built (not var/)"

python:
	@test -n "$(PYTHON)" || { echo "Sorry: no Python was found. Please install Python 3.12 and 3.10 (for example: pyenv install 3.12 3.10)."; exit 1; }

build: python
	@$(PYTHON) tools/build.py

build-dev: python
	@$(PYTHON) tools/build.py --dev

run: build
	@.venv/bin/python -m bot.launch

test: build-dev
	@$(MAKE) --no-print-directory check-only
	@.venv/bin/python -m pytest

test-fast: build-dev
	@.venv/bin/python -m pytest -m "not slow"

check: build-dev check-only

.PHONY: check-only
check-only:
	@.venv/bin/python tools/check.py

bench: build-dev
	@.venv/bin/python -m bench

# HELDOUT=file.tsv judges messages that are not in the training data; MORE=--diet lets Rasa's default pipeline learn the same.
nlu-report: build-dev
	@.venv-rasa/bin/python -W ignore -m bot.nlu.report $(if $(HELDOUT),--heldout $(HELDOUT)) --picture docs/nlu-calibration.svg --rasa $(MORE)
	@.venv/bin/python -m bot.language_report $(HELDOUT)

messages: build-dev
	@.venv/bin/python -m bot.replies.messages update

lock: python
	@$(PYTHON) tools/lock.py

clean:
	rm -rf .venv .venv-rasa .uv .build models .pytest_cache .mypy_cache .ruff_cache .hypothesis .rasa
	find . -name '*.mo' -not -path './.venv*' -delete
