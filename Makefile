# Everything a newcomer needs: `make demo` and `make test`, with nothing but Python 3.11+, git and make on the machine.
# The environment is made in .venv and kept as requirements-dev.lock has it.

BIN := .venv/bin
INSTALLED := .venv/.installed
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist worksteal
ARGS ?=
SEED ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test coverage check inspect bench soak format lock

help: ## Say what can be done here
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

demo: $(INSTALLED) ## Try the bot in a browser; needs no token, no key and no network
	@$(BIN)/python bot.py demo $(ARGS)

test: $(INSTALLED) ## Run all tests
	@$(PYTEST) $(ARGS)

coverage: $(INSTALLED) ## Run all tests and list what none of them ran; takes a quarter longer
	@$(PYTEST) --cov --cov-report=term:skip-covered $(ARGS)

check: inspect test ## Run what CI runs: format, lint, types, import rules, secrets, tests

inspect: $(INSTALLED) ## The checks that need no test to run
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache
	$(BIN)/python scripts/scan_secrets.py

bench: $(INSTALLED) ## Measure time to the channel, questions asked and memory; prints ratios
	@$(BIN)/python -m benchmarks $(ARGS)

soak: $(INSTALLED) ## Kill the bot a hundred times among 500 videos (SEED=n): nothing lost, paid twice or posted twice
	@$(BIN)/python -m tests.soak --seed $(SEED) $(ARGS)

format: $(INSTALLED) ## Bring the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" --extra heic --extra postgres $(ARGS) pyproject.toml

lock: $(INSTALLED) ## Resolve the dependencies anew (ARGS=--upgrade for newer versions)
	$(BIN)/$(COMPILE) --extra dev --output-file requirements-dev.lock
	$(BIN)/$(COMPILE) --constraint requirements-dev.lock --output-file requirements.lock

# pip alone can rebuild what an interrupted run left behind, so the environment is made anew where pip does not answer.
$(INSTALLED): requirements-dev.lock
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		python=$$(sh scripts/find_python.sh $(PYTHON)) || exit 1; \
		echo "Making .venv with $$python"; \
		"$$python" -m venv --clear .venv || exit 1; \
	fi
	@echo "Installing what requirements-dev.lock lists (a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
