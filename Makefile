# Everything is installed into this checkout: nothing outside it is read or written.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

STAGE ?= staging
PYTHON ?= python3
ROOT := $(CURDIR)
BIN := $(ROOT)/.venv/bin

export PATH := $(BIN):$(ROOT)/node_modules/.bin:$(PATH)
export UV_CACHE_DIR := $(ROOT)/.cache/uv
export PIP_CACHE_DIR := $(ROOT)/.cache/pip
export npm_config_cache := $(ROOT)/.cache/npm
export CDK_HOME := $(ROOT)/.cache/cdk
export CDK_DISABLE_CLI_TELEMETRY := true
export JSII_RUNTIME_PACKAGE_CACHE_ROOT := $(ROOT)/.cache/jsii
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export npm_config_update_notifier := false
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help setup
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: .cache/project.done .cache/emulator.done .cache/node.done build/functions/.done ## install everything this project needs into the checkout

.cache/uv.done: requirements/uv.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"python {sys.version.split()[0]} found, 3.11 or later needed: set PYTHON=/path/to/python3")'
	$(PYTHON) -m venv .cache/uv-venv
	.cache/uv-venv/bin/pip install --quiet -r requirements/uv.txt
	@touch $@

.cache/project.done: requirements/project.txt pyproject.toml .cache/uv.done
	.cache/uv-venv/bin/uv venv --quiet --allow-existing --python $(PYTHON) .venv
	.cache/uv-venv/bin/uv pip sync --quiet --python .venv/bin/python requirements/project.txt
	.cache/uv-venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

.cache/emulator.done: requirements/emulator.txt .cache/uv.done
	.cache/uv-venv/bin/uv venv --quiet --allow-existing --python $(PYTHON) .venv-emulator
	.cache/uv-venv/bin/uv pip sync --quiet --python .venv-emulator/bin/python requirements/emulator.txt
	@touch $@

.cache/node.done: package.json package-lock.json .npmrc .cache/project.done
	npm ci --silent
	@touch $@

build/functions/.done: requirements/functions.txt scripts/package_functions.py $(shell find runtime -name '*.py' -o -name '*.sql' -o -name '*.pem' 2>/dev/null) .cache/uv.done
	UV=.cache/uv-venv/bin/uv .venv/bin/python scripts/package_functions.py
	@touch $@
