# Everything a fresh machine needs: `make demo` runs the main job, `make test` the tests. `make help` lists all.
# Needs python3.11 with venv, git and make. No network beyond the package indexes; a second run installs nothing.

PYTHON ?= python3.11
VENV := .venv
RUN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

# One thread a process: two workers share the machine, and results do not depend on its size.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help venv wall browser demo test test-all lint types unit notebooks mutate lab build bench lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

venv: $(INSTALLED) ## make .venv from requirements.lock (exact versions, hashes checked)

$(INSTALLED): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install it (Debian: apt-get install python3.11 python3.11-venv), or name another with make PYTHON=…"; exit 2; }
	@test -x $(RUN)/python || $(PYTHON) -m venv $(VENV) || { echo "cannot make $(VENV): install python3.11-venv"; exit 2; }
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

wall: ## install bubblewrap, which confines student code, where that is allowed
	@command -v bwrap >/dev/null || deploy/install-bubblewrap

browser: ## install Chromium, in which tests open the feedback pages, where that is allowed
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || deploy/install-browser

demo: venv wall ## the main job: a class is graded, end to end
	$(RUN)/course demo

test: venv wall lint types unit notebooks mutate ## all tests; mutants in full for weeks that changed, a sample of the others
	@echo "make test: all green"

test-all: venv wall lint types unit notebooks ## all tests, every mutant of every week
	$(RUN)/course mutate

lint: venv ## ruff, stale build products, the contract of a lesson
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/course build --check
	$(RUN)/course lint

types: venv ## mypy over helpers and autograder
	$(RUN)/mypy

unit: venv wall browser ## unit tests, student notebooks, nbgrader's own commands, the demo
	$(RUN)/pytest tests --numprocesses 2 --dist loadscope

notebooks: venv ## nbval over every solution notebook, each a fresh kernel
	$(RUN)/pytest solutions --numprocesses 2 --dist loadscope --nbval-lax --nbval-cell-timeout 120

mutate: venv ## plant student mistakes and see that the exercises' own tests catch them
	$(RUN)/course mutate --changed

lab: venv ## JupyterLab with the course open
	$(RUN)/course lab

build: venv ## build the notebooks whose sources changed
	$(RUN)/course build

bench: venv wall ## measure grading, engine, convolution, the challenge's pipeline and kernel; takes minutes, wants a quiet machine
	@mkdir -p benchmarks/results
	$(RUN)/python benchmarks/autograde.py --json benchmarks/results/autograde.json
	$(RUN)/python benchmarks/engine.py --json benchmarks/results/engine.json
	$(RUN)/python benchmarks/convolution.py --json benchmarks/results/convolution.json
	$(RUN)/python benchmarks/challenge.py --json benchmarks/results/challenge_rates.json
	$(RUN)/python benchmarks/kernel.py --json benchmarks/results/kernel.json

lock: venv ## resolve pyproject.toml anew into requirements.lock (the one way to update)
	$(RUN)/uv pip compile pyproject.toml --extra development --extra postgresql --python-version 3.11 --upgrade \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --quiet --output-file requirements.lock

clean: ## remove what was installed and cached; student data in private/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
