# Two commands: `make demo` shows a crew at work, `make test` proves it. Both set up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The pin that installs without CUDA packages where no GPU is; users' own range is wider (pyproject).
TORCH ?= torch==2.13.0
DATA ?=
# Test processes at a time. Each file runs in one of them.
JOBS ?= 2
DEMO := demo
GOAL := Build a clean chat fine-tuning set from the word problems, hold out a test set, fine-tune a small LoRA and evaluate it

.PHONY: help demo test check clean

help:
	@echo "make demo [DATA=FILE]   a crew turns rows into an evaluated adapter, on CPU, without a key"
	@echo "make test               ruff, mypy and every test"
	@echo "make check              ruff and mypy only"
	@echo "make clean              remove .venv and the demo workspace"

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$(TORCH)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[all,dev]"
	@touch $@

demo: $(READY)
	@mkdir -p $(DEMO)
	@cp -n docs/demo/crewboard.toml $(DEMO)/crewboard.toml || true
	@$(BIN)/crewboard --workspace $(DEMO) init $(DEMO)
	@if [ -z "$(DATA)" ]; then \
	  $(BIN)/python -m crewboard.tools.generate $(DEMO)/word-problems.jsonl --rows 3000 --seed 7; \
	fi
	$(BIN)/crewboard --workspace $(DEMO) start "$(GOAL)" --data "$(or $(DATA),$(DEMO)/word-problems.jsonl)"

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check
	$(BIN)/pytest -n $(JOBS) --dist loadfile

clean:
	rm -rf $(VENV) $(DEMO)
