# The workflow, executable. `make run` and `make test` do all their own set-up.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8484
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

.PHONY: run demo test lint types contracts bench clean help

help:            ## what you can do here
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run     ## install and start the service on http://127.0.0.1:8484
	$(BIN)/kikimimi run --port $(PORT)

demo: $(VENV)/.run    ## watch a crisis break in two minutes, all on this machine
	$(BIN)/kikimimi demo

test: $(VENV)/.test browser    ## tests, types, lint, import contracts, doc tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	KIKIMIMI_CHROMIUM="$$(command -v chromium || command -v chromium-browser || command -v google-chrome)" \
	  $(BIN)/pytest -q -n 2 --dist loadfile $(ARGS)

bench: $(VENV)/.test  ## quality and speed figures, beside their peers
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.quality

clean:           ## remove the virtual environment; your data in var/ stays
	rm -rf $(VENV) build *.egg-info

# ensurepip is a package of its own on Debian (python3-venv); without root, virtualenv from pip does the same.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); apt-get install -y -q python3-venv && $(PYTHON) -m venv $(VENV); } \
	  || { rm -rf $(VENV); $(PYTHON) -m pip install --user virtualenv && $(PYTHON) -m virtualenv $(VENV); }

# torch first and pinned: an open range would bring gigabytes of GPU libraries.
$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	@echo "Installing (a few minutes the first time) …"
	$(BIN)/pip install -q "torch==2.13.*"
	$(BIN)/pip install -q -e .
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	@echo "Installing with what the tests need (a few minutes the first time) …"
	$(BIN)/pip install -q "torch==2.13.*"
	$(BIN)/pip install -q -e ".[test]"
	@touch $@ $(VENV)/.run

.PHONY: browser
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
	  echo "Installing Chromium and a Japanese font from Debian …"; \
	  SUDO=; [ "$$(id -u)" = 0 ] || SUDO=sudo; \
	  $$SUDO apt-get update -q && $$SUDO apt-get install -y -q --no-install-recommends chromium fonts-noto-cjk; }
	@/sbin/ldconfig -p | grep -q libpangoft2-1.0 || { \
	  echo "Installing what PDF reports are drawn with from Debian …"; \
	  SUDO=; [ "$$(id -u)" = 0 ] || SUDO=sudo; \
	  $$SUDO apt-get update -q && $$SUDO apt-get install -y -q --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; }
