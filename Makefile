# make run: try it out.  make test: all tests.  The rest: README.
.PHONY: run test lint bench soak asterisk lock
.DEFAULT_GOAL := test

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

$(READY): requirements.lock pyproject.toml
	@tools/prerequisites.sh venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# A country in one process, with a page; with ASTERISK=1 one call line on a real Asterisk instead.
run: $(READY)
ifeq ($(ASTERISK),1)
	@tools/prerequisites.sh espeak-ng sox sipp setpriv tzdata
	@$(BIN)/python -m tools.asterisk_tree >/dev/null
	@$(BIN)/python -m tools.try_out $(ARGS)
else
	@tools/prerequisites.sh tzdata
	@$(BIN)/samko run $(ARGS)
endif

# What cannot be installed here is skipped loudly; with SAMKO_REQUIRE_ALL=1 it is a failure.
# Whole, on all processors; with ARGS, one after the other.
test: $(READY)
	@tools/prerequisites.sh espeak-ng sox sipp setpriv tzdata redis-server openssl chromium || [ "$$SAMKO_REQUIRE_ALL" != 1 ]
ifeq ($(ARGS),)
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal \
		-m "not soak and not asterisk and not browser and not redis"
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile \
		-m "not soak and (asterisk or browser or redis)"
else
	$(BIN)/python -m pytest -m "not soak" $(ARGS)
endif

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# ciw and simpy, to be measured beside Samkö, where nothing else sees them: ciw's wheel holds a
# package `tests`, which would hide ours.
$(VENV)/.bench-ready: $(READY) benchmarks/requirements.lock
	$(PYTHON) -m venv $(VENV)/simulators
	$(VENV)/simulators/bin/pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.lock
	@touch $@

bench: $(READY) $(VENV)/.bench-ready
	@tools/prerequisites.sh espeak-ng sox sipp setpriv tzdata redis-server tcpdump
	@$(BIN)/python -m tools.asterisk_tree >/dev/null
	$(BIN)/python -m benchmarks $(ARGS)

soak: $(READY)
	@tools/prerequisites.sh espeak-ng sox sipp setpriv tzdata redis-server openssl stress
	SAMKO_CHAOS_SEEDS=$${SEEDS:-2000} SAMKO_LONG=20 $(BIN)/python -m pytest --timeout=3600 \
		tests/properties tests/config tests/runtime $(ARGS)
	SAMKO_SOAK_SEED=$${SEED:-1} $(BIN)/python -m pytest -m soak $(ARGS)

asterisk: $(READY)
	@tools/prerequisites.sh setpriv
	@$(BIN)/python -m tools.asterisk $(ARGS)

# Anew from pyproject.toml: versions and hashes, no addresses.
lock:
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --extra dev --generate-hashes \
		--no-emit-index-url --no-header -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header -o benchmarks/requirements.lock benchmarks/requirements.in
