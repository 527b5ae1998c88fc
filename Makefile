# Every target says what it does: `make help`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.PHONY: help setup demo up quick test wide thorough chaos containers image chart check audit sbom helm dashboards bench asyncapi lock release clean

BIN := .venv/bin
LOCKED := .venv/locked
READY := .venv/ready
HELM := .venv/go-bin/helm
GITLEAKS := .venv/go-bin/gitleaks
NODE_MODULES := schemas/node_modules/.package-lock.json
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
# The first of these that runs, is new enough and can make a virtual environment. `make PYTHON=… setup` names another.
PYTHONS := $(or $(PYTHON),python3.11 python3.12 python3.13 python3.14 python3 python)
USABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

EVERY_DAY := -m "not wide and not thorough"
BUILDING := tests/architecture/test_recipe.py tests/schemas/test_wheel.py
BESIDE := tests/access tests/chassis tests/documents tests/faults tests/hot tests/properties tests/questions tests/rest tests/schemas \
	tests/security tests/services tests/simulation tests/situations tests/story

# Two runs of pytest side by side, one for each core: $(call side_by_side,OPTIONS,TESTS BESIDE,THE OTHER TESTS).
define side_by_side
@beside=$$(mktemp)
trap 'kill %1 2>/dev/null || true; rm -f "$$beside"' EXIT
echo "Two runs side by side; what the other one says comes at the end."
$(BIN)/python -m pytest $(1) $(2) >"$$beside" 2>&1 &
other=$$! status=0
$(BIN)/python -m pytest $(1) $(3) || status=$$?
wait "$$other" || status=$$?
cat "$$beside"
exit "$$status"
endef

help: ## says what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## makes .venv with everything at the versions of the lock file; the other targets call it

$(READY): $(LOCKED) pyproject.toml
	@PYTHONWARNINGS=ignore $(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

$(LOCKED): requirements.lock
	@for name in $(PYTHONS); do
		if "$$name" -c '$(USABLE)' 2>/dev/null; then python=$$name; break; fi
	done
	if [ -z "$${python:-}" ]; then
		echo "Afterward needs Python 3.11 or newer with its venv module (on Debian: apt-get install python3-venv)." >&2
		echo "Looked for: $(PYTHONS)" >&2
		exit 1
	fi
	echo "Setting up .venv with $$("$$python" --version) …"
	"$$python" -m venv --clear .venv
	$(PIP) install --require-hashes --requirement requirements.lock
	touch $@

demo: setup ## tells the stories of Shanghai 2020 and online care 2022 on a real bus and database, and compares every figure
	@$(BIN)/afterward demo

up: setup ## starts the embedded stack and all services, in the foreground
	@$(BIN)/afterward up

quick: setup ## runs tests that need no server: rules, messages, properties, the house; meant for a minute
	@export AFTERWARD_COURSES=60
	$(call side_by_side,-q $(EVERY_DAY) $(BUILDING:%=--ignore=%),tests/schemas tests/properties,tests/domain tests/architecture)

test: setup ## runs what a change can break, on both buses (Apache Kafka where Java and Maven are found); meant for 8 minutes
	$(call side_by_side,$(EVERY_DAY),$(BESIDE),$(BESIDE:%=--ignore=%))

wide: setup ## runs what CI adds to `make test`: more whole stacks, more seeds, larger loads
	$(call side_by_side,-m "wide and not thorough",$(BESIDE) tests/cli,--ignore=tests/cli $(BESIDE:%=--ignore=%))

thorough: setup ## runs the tests that `make test` and `make wide` leave out: all faults, many seeds, many patients
	$(call side_by_side,-m thorough,tests/faults,--ignore=tests/faults)

chaos: setup ## makes everything fail that can, and judges what is left: ONLY=kills SEED=7 ROW=… BUS=embedded RESUME=1
	@status=0
	if [ "$(ONLY)" != simulation ] && [ "$(ONLY)" != rest ] && [ "$(ONLY)" != courses ]; then
		$(BIN)/python -m tests.faults --only "$(ONLY)" --seed "$(SEED)" --row "$(ROW)" --bus "$(or $(BUS),apache-kafka)" \
			$(if $(RESUME),--resume) $(if $(SMALL),--small) || status=$$?
	fi
	if [ -z "$(ONLY)" ] || [ "$(ONLY)" = simulation ]; then
		$(BIN)/python -m tests.simulation --seeds "$(or $(SEEDS),20000)" || status=$$?
	fi
	if [ -z "$(ONLY)" ] || [ "$(ONLY)" = rest ]; then
		$(BIN)/python -m tests.rest --reports "$(or $(REPORTS),200000)" --seed "$(or $(SEED),0)" || status=$$?
	fi
	if [ -z "$(ONLY)" ] || [ "$(ONLY)" = courses ]; then
		AFTERWARD_COURSES=5000 AFTERWARD_PACES=500 $(BIN)/python -m pytest -q --timeout 7200 tests/situations/test_paces.py \
			tests/domain/discharge/test_oracle.py tests/domain/followup/test_oracle.py \
			tests/domain/primarycare/test_paces.py || status=$$?
	fi
	exit "$$status"

image: ## builds the one image of every process and job: IMAGE=… BASE=…
	@docker buildx build --file deploy/Dockerfile --tag "$(or $(IMAGE),afterward:latest)" --load \
		$(if $(BASE),--build-arg BASE="$(BASE)") --build-arg PIP_INDEX_URL \
		--build-arg VERSION="$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)" \
		--build-arg REVISION="$$(git rev-parse HEAD 2>/dev/null || true)" \
		--build-arg CREATED="$$(git show --no-patch --format=%cI HEAD 2>/dev/null || true)" .

containers: setup ## the whole system from compose.yaml in containers, both stories, the same figures (KILL=1 STORY=ward KEEP=1)
	@if ! docker info >/dev/null 2>&1; then
		echo "make containers needs a Docker engine with compose, and none answers here." >&2
		exit 1
	fi
	$(MAKE) --no-print-directory image
	TESTCONTAINERS_RYUK_DISABLED=true $(BIN)/python -m pytest -q tests/stack/test_containers.py tests/deploy
	$(BIN)/python -m tests.deploy $(if $(KILL),--kill) $(if $(STORY),--story $(STORY)) $(if $(KEEP),--keep)

chart: setup ## renders the Helm chart into deploy/kubernetes; builds helm where there is none, with Go
	@command -v helm >/dev/null || $(MAKE) --no-print-directory $(HELM)
	$(BIN)/python -m tests.deploy.chart

check: setup asyncapi helm dashboards ## format, lint, types, who may import whom, and whether what is generated is up to date
	@$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python -m schemas.generate --check
	$(BIN)/python -m afterward.release --check
	$(BIN)/python -m afterward.documents --check
	$(BIN)/python -m afterward.openapi --check
	$(BIN)/python -m afterward.monitoring --check
	$(BIN)/python -m tests.deploy.chart --check

audit: setup ## licences, weak code, secrets in the whole history, known holes (OFFLINE=1 leaves these out)
	@if [ ! -x $(GITLEAKS) ] && command -v go >/dev/null && ! command -v gitleaks >/dev/null; then
		$(MAKE) --no-print-directory $(GITLEAKS) || echo "Skipped: gitleaks could not be built." >&2
	fi
	$(BIN)/python -m tests.supply $(if $(OFFLINE),--offline)

sbom: setup ## what all of it is made of, as CycloneDX: FILE=build/afterward.cdx.json
	@mkdir -p "$(dir $(or $(FILE),build/afterward.cdx.json))"
	$(BIN)/python -m tests.supply.sbom "$(or $(FILE),build/afterward.cdx.json)"

bench: setup ## how fast, beside its peers, as data grows (ONLY=throughput,… REPEAT=3 RECORDS=100000 FULL=1)
	@$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY)) $(if $(REPEAT),--repeat $(REPEAT)) \
		$(if $(RECORDS),--records $(RECORDS)) $(if $(FULL),--full)

asyncapi:
	@if command -v node >/dev/null && command -v npm >/dev/null; then
		$(MAKE) --silent $(NODE_MODULES)
		node schemas/check-asyncapi.mjs schemas/published/asyncapi.json
	elif [ "$${CI:-}" = true ]; then
		echo "The AsyncAPI document cannot be checked: node and npm were not found." >&2
		exit 1
	else
		echo "Skipped: the AsyncAPI document was not checked, because node and npm were not found."
	fi

# What helm rendered is checked everywhere; that it would render the same today, where helm is or Go can build it.
helm: setup
	@if [ "$${CI:-}" != true ] && command -v go >/dev/null && ! command -v helm >/dev/null; then
		$(MAKE) --no-print-directory $(HELM) || echo "Skipped: the chart was not rendered, because helm could not be built." >&2
	fi

# Grafana's own linter, where somebody has it; its rules are tested without it, too (tests/monitoring/lint.py).
dashboards:
	@if command -v dashboard-linter >/dev/null; then
		for file in deploy/grafana/dashboards/*.json; do dashboard-linter lint --strict "$$file"; done
	else
		echo "Skipped: Grafana's linter did not look at the dashboards, because dashboard-linter was not found."
	fi

$(HELM):
	@echo "Building helm, once …"
	CGO_ENABLED=0 GOBIN="$(abspath $(@D))" go install helm.sh/helm/v3/cmd/helm@v3.22.0

$(GITLEAKS):
	@echo "Building gitleaks, once …"
	CGO_ENABLED=0 GOBIN="$(abspath $(@D))" go install github.com/zricethezav/gitleaks/v8@v8.30.0

$(NODE_MODULES): schemas/package-lock.json
	@npm ci --prefix schemas --no-fund --no-audit --loglevel=error
	touch $@

lock: setup ## resolves the versions anew into requirements.lock (upgrades: make lock UPGRADE=--upgrade)
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
		--extra dev --extra stack --extra traces --no-emit-index-url --no-emit-trusted-host --no-emit-find-links $(UPGRADE) \
		--output-file requirements.lock pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
		--extra cli --extra traces --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--constraint requirements.lock --output-file requirements.runtime.lock pyproject.toml
	for peer in faust quix; do
		CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-strip-extras \
			--no-emit-index-url --no-emit-trusted-host --no-emit-find-links $(UPGRADE) \
			--output-file "bench/peers/$$peer.txt" "bench/peers/$$peer.in"
	done
	if command -v mvn >/dev/null; then $(BIN)/python -m tests.supply.jar_lock; fi

release: check ## writes down a release, DATE=2026-11-30, of the version in pyproject.toml; then commit and tag (CONTRIBUTING.md)
	@$(BIN)/python -m tests.documents.corpus --release
	$(BIN)/python -m tests.documents.locks
	$(BIN)/python -m afterward.release "$(DATE)"

clean: ## removes .venv, caches and what a stopped stack left in .afterward
	@if [ -e .afterward/stack.json ]; then echo "A stack may be running here: afterward down, then again." >&2; exit 1; fi
	rm -rf .venv .afterward .mypy_cache .ruff_cache .pytest_cache .hypothesis schemas/node_modules docs/examples/callcentre/node_modules build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
