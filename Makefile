# make run, make test: all a newcomer needs. Everything else is for work on the program.
VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
STAMP := $(VENV)/.installed

.PHONY: run test check bench bench-stock soak lock catalogues screenshots clean

run: $(STAMP)
	@$(BIN)/o2c

$(STAMP): constraints.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "o2c needs Python 3.11 or newer (on Debian: apt install python3 python3-venv)."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make an environment; on Debian and Ubuntu: apt install python3-venv."; exit 1; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r constraints.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_architecture.py

bench: $(STAMP)
	$(BIN)/python -m bench

bench-stock: $(STAMP)
	$(BIN)/python -m bench --only stock

soak: $(STAMP)
	$(BIN)/python -m pytest -m soak -n 2

catalogues: $(STAMP)
	$(BIN)/python tools/catalogues.py

screenshots: $(STAMP)
	$(BIN)/python tools/screenshots.py

lock:
	sh tools/lock.sh

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
