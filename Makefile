# Two commands are all anybody needs: `make quickstart` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
OUT ?= out/quickstart

.PHONY: setup quickstart test lint bench pages docs clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"drugripple needs Python 3.11 to 3.13, {sys.executable} is {v[0]}.{v[1]}; name another with make PYTHON=python3.12")'
	@echo "== installing drugripple and its locked dependencies into $(VENV)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

quickstart: $(STAMP)
	@echo "== running the main job on real data; the report goes to $(OUT)"
	$(BIN)/drugripple quickstart --out $(OUT)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(STAMP) lint
	@echo "== running every test (real-data tests skip, and say so, where the data folder is absent)"
	PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -rs --durations=10

bench: $(STAMP)
	$(BIN)/python -m benchmarks

pages: $(STAMP)
	$(BIN)/python -m tools.pages

docs: $(STAMP)
	@echo "== building the documentation site, strictly, into out/site/html"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[docs]'
	$(BIN)/python -m tools.site

clean:
	rm -rf $(VENV) out .pytest_cache .mypy_cache .ruff_cache .hypothesis
