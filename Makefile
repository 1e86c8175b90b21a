# `make` alone says what there is. GNU make 3.81 or later, Python 3.11 or later, nothing else.
# PYTHON=python3.12 chooses the interpreter of .venv, PORT=8080 the port of `run` and `work`.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo "$$python"; break; fi; done)
PORT ?= 8000
WORKERS ?= 2
PY = .venv/bin/python
STATIC_FILES = $(shell find static merchants/static ! -name '.*' 2>/dev/null)
VAR_DIR ?= var
STATIC_STAMP = $(VAR_DIR)/static/staticfiles.json

# Each stands alone: whatever DEBUG, DEMO or DATABASE_URL the shell has, they do what they say.
AS_DEMO = DEBUG= DEMO=1 PORT=$(PORT) SITE_URL="$${SITE_URL:-http://127.0.0.1:$(PORT)}"
AT_WORK = DEMO= DEBUG=1 SITE_URL="$${SITE_URL:-http://127.0.0.1:$(PORT)}"
ON_SQLITE = DATABASE_URL=
PYTEST = $(PY) -m pytest -n $(WORKERS) --maxschedchunk 4

.DEFAULT_GOAL := help
.PHONY: help setup setup-ci setup-addok run work test lint test-sqlite test-postgres test-browser \
	test-all bench messages format lock clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

# Installation -------------------------------------------------------------------------------

setup: .venv/requirements.lock ## Make .venv from requirements.lock (nothing to do when it has not changed)

setup-ci: .venv/requirements-ci.lock

.venv/requirements.lock: requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3" >&2; exit 1; }
	"$(PYTHON)" -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@cp requirements.lock $@

.venv/requirements-ci.lock: requirements-ci.lock .venv/requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-ci.lock
	@cp requirements-ci.lock $@

setup-addok: .venv/requirements-addok.lock ## The address server for the tests of our client (needs redis-server)

# Apart, and without its own pins: see [tool.uv] in pyproject.toml.
.venv/requirements-addok.lock: requirements-addok.lock .venv/requirements.lock
	$(PY) -m venv .venv/addok
	.venv/addok/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
		-r requirements-addok.lock
	@cp requirements-addok.lock $@

# Use ----------------------------------------------------------------------------------------

run: setup $(STATIC_STAMP) ## Serve the demonstration on http://127.0.0.1:8000 (PORT=… for another port)
	@$(AS_DEMO) $(PY) manage.py migrate --verbosity 0
	@$(AS_DEMO) $(PY) manage.py load_demo
	@$(AS_DEMO) exec $(PY) -m gunicorn --config commerce_local/gunicorn.py commerce_local.wsgi

$(STATIC_STAMP): .venv/requirements.lock commerce_local/settings.py commerce_local/storage.py $(STATIC_FILES)
	@$(AS_DEMO) $(PY) manage.py collectstatic --no-input --clear --verbosity 0
	@touch $@

work: setup ## Serve the code being written: DEBUG=1, reloads by itself
	@$(AT_WORK) $(PY) manage.py migrate --verbosity 0
	@$(AT_WORK) $(PY) manage.py runserver 127.0.0.1:$(PORT)

# Checks -------------------------------------------------------------------------------------

test: lint test-sqlite ## Check everything that needs no browser and no PostgreSQL

lint: setup ## Style, format, and no migration missing
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	@$(AT_WORK) $(PY) manage.py makemigrations --check --dry-run

test-sqlite: setup
	$(ON_SQLITE) $(PYTEST) -m "not browser and not addok"

test-postgres: setup-ci ## All those of a database on PostgreSQL (that of DATABASE_URL, else one of its own)
	$(PY) -m tests.with_postgres $(PYTEST) -m "database and not browser and not addok"

test-browser: setup-ci ## The tests in Chromium (CHROMIUM=/path/to/it)
	$(ON_SQLITE) $(PYTEST) -m browser tests/browser

test-all: setup-ci setup-addok ## On PostgreSQL: a browser, an address server, a database (one example each)
	$(PY) -m tests.with_postgres $(PYTEST) --one-example -m "database or browser or addok"

bench: setup ## Measure the pages against bare Django views, in one run
	$(PY) -m tests.bench

# Upkeep -------------------------------------------------------------------------------------

format: setup ## Rewrite the code in the house format
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

messages: setup ## Bring the English catalogue up to date (needs gettext)
	@$(AT_WORK) $(PY) manage.py makemessages
	@$(AT_WORK) $(PY) manage.py compilemessages --locale en --ignore .venv

LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

lock: setup ## Bring the lock files up to date with pyproject.toml
	@PATH="$$PATH:.venv/bin"; command -v uv >/dev/null || $(PY) -m pip install --quiet uv
	PATH="$$PATH:.venv/bin"; $(LOCK) --upgrade pyproject.toml --group dev --output-file requirements.lock
	PATH="$$PATH:.venv/bin"; $(LOCK) --upgrade --group ci --constraints requirements.lock \
		--output-file requirements-ci.lock
	PATH="$$PATH:.venv/bin"; $(LOCK) --upgrade --group addok --output-file requirements-addok.lock

clean: ## Remove what make made; the data in var/ stay
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis var/static
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
