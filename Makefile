# Every target sets up what it needs: Python 3.11-3.13, make and git are enough.
.DEFAULT_GOAL := help
SHELL := /bin/bash

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
# Test processes; three keep two processors busy, since some tests mostly wait.
WORKERS := 3
DBT_TESTS := tests/integration/dbt/test_dbt_project.py
QUICK := tests/unit $(addprefix $(DBT_TESTS)::test_,parsing_needs_no_server broken_data_fails_the_tests_that_guard_it)

.PHONY: help setup setup-dev demo up down docs test test-quick test-peers check bench screenshots pictures lock web web-packages web-check grafana grafana-packages clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | column -t -s '|'

setup: $(VENV)/.archive $(VENV)/.manifest ## Install what running needs, from the lock file, into .venv

setup-dev: setup $(VENV)/.dev ## Install what developing and testing needs as well

$(VENV)/.bootstrap: requirements/bootstrap.txt
	@python=$$(PYTHON="$(PYTHON)" ./requirements/find_python.sh) && "$$python" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(VENV)/.runtime: $(VENV)/.bootstrap requirements/runtime.txt pyproject.toml
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/runtime.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.archive: $(VENV)/.runtime connectors/embedded/archive.py
	@$(BIN)/python -m connectors.embedded.archive || echo "The capture will start a little later: its classes could not be archived."
	@touch $@

$(VENV)/.manifest: $(VENV)/.runtime application/manifest.py
	@$(BIN)/python -m application.manifest || echo "The first start will take a little longer: dbt did not parse."
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

demo: setup ## The whole way once: make demo [DATA=<folder with the Olist files>] [STACK=kafka] [KEEP=1]
	@$(BIN)/tradewind demo $(if $(DATA),--data "$(DATA)") $(if $(STACK),--stack $(STACK)) $(if $(KEEP),--keep)

up: setup ## Start the stack in the background
	@$(BIN)/tradewind up

down: ## Stop the stack
	@$(BIN)/tradewind down

docs: setup ## Serve the dbt docs site of the running stack
	@$(BIN)/tradewind docs

check: setup-dev ## Quick checks: format, lint, types, SQL, dbt parse, YAML
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/yamllint --strict .
	$(BIN)/dbt parse --quiet --warn-error --no-partial-parse --project-dir . --profiles-dir . --target-path target
	$(BIN)/python -m tests.lint_sql --nocolor --processes 2
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory web-check; \
	else echo "No npm: the dashboard's sources are not checked."; fi

test: setup-dev ## All tests: unit, integration, e2e, dbt
	@$(BIN)/python -m tradewind.lakehouse.jars || $(BIN)/python -m tradewind.lakehouse.jars || echo "Spark tests will be skipped: the jar could not be fetched."
	@$(BIN)/python -m connectors.kafka.jars || $(BIN)/python -m connectors.kafka.jars || echo "Kafka tests will be skipped: the jars could not be fetched."
	$(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=loadscope --no-loadscope-reorder $(ARGS)

test-quick: setup-dev ## Unit tests, dbt parse and one small build: under 2 minutes
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadscope --quiet $(QUICK) $(ARGS)

test-peers: setup-dev ## clickhouse-connect's and dbt-clickhouse's own suites: make test-peers SUITES=<folder of checkouts>
	@$(BIN)/python -m tests.peers "$(SUITES)" $(ARGS)

bench: setup-dev ## Benchmarks, side by side in one run
	$(BIN)/python -m benchmarks $(ARGS)

screenshots: setup-dev ## Pictures of the running stack for the README, by headless Chromium
	$(BIN)/python -m docs.screenshots

pictures: setup-dev ## Draw the pictures of docs/simulated-day.md and docs/models/
	$(BIN)/python -m docs.simulated_day
	$(BIN)/python -m docs.model_pictures
	$(BIN)/python -m docs.account_pictures

lock: setup-dev ## Resolve the dependencies again into requirements/*.txt
	./requirements/lock.sh $(UV)

web-packages: dashboards/web/node_modules/.package-lock.json ## Install what building the dashboard needs (Node 20 and npm)

dashboards/web/node_modules/.package-lock.json: dashboards/web/package-lock.json
	cd dashboards/web && npm ci --silent
	@touch $@

web: web-packages ## Build the dashboard's bundle, which the repository holds
	cd dashboards/web && npm run build

web-check: web-packages # Types and lint of the dashboard
	cd dashboards/web && npm run --silent types && npm run --silent lint

grafana: setup-dev ## Write Grafana's dashboards anew, which the repository holds
	$(BIN)/python -m dashboards.grafana

grafana-packages: dashboards/grafana/types/node_modules/.package-lock.json # Grafana's types, for a test (Node 20 and npm)

dashboards/grafana/types/node_modules/.package-lock.json: dashboards/grafana/types/package-lock.json
	cd dashboards/grafana/types && npm ci --silent
	@touch $@

clean: ## Remove the environment and the stack's state
	@test ! -x $(BIN)/tradewind || $(BIN)/tradewind down
	rm -rf $(VENV) .tradewind target logs
