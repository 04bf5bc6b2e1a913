# Two commands matter: `make demo` and `make test`. Both make their own environment first.
UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .bootstrap/bin/uv)
export UV_PYTHON_DOWNLOADS := never
RUN := .venv/bin/

.PHONY: install demo test check fix bench trace vectors interop fuzz clean

install: .venv/.installed

.venv/.installed: pyproject.toml uv.lock
	@command -v uv >/dev/null 2>&1 || test -x .bootstrap/bin/uv || sh tools/bootstrap.sh $(UV_VERSION)
	@$(UV) sync --locked --quiet --compile-bytecode --python "$$(command -v python3)"
	@touch $@

demo: install
	@$(RUN)python -m compileall -q src
	@$(RUN)gsomia demo $(ARGS)

test: install
	@$(RUN)python -m compileall -q src
	@$(RUN)python -m pytest $(ARGS)

check: install
	$(RUN)ruff format --check .
	$(RUN)ruff check .
	$(RUN)mypy
	$(RUN)lint-imports

fix: install
	$(RUN)ruff format .
	$(RUN)ruff check --fix .

bench: install bench/peers/.venv/.installed
	@$(RUN)python -m compileall -q src
	@$(RUN)python -m bench $(ARGS)

bench/peers/.venv/.installed: bench/peers/pyproject.toml bench/peers/uv.lock
	@$(UV) sync --project bench/peers --locked --quiet --python "$$(command -v python3)"
	@touch $@

trace: install
	@$(RUN)python tools/trace.py $(ARGS)

vectors: install
	@$(RUN)python vectors/build.py $(ARGS)

# Opens our wrapped keys with an implementation that is not ours; needs node and npm (Debian: apt install nodejs npm).
interop:
	@cd interop && npm ci --no-audit --no-fund --silent && node xwing.mjs

# `make fuzz` runs every harness for SECONDS each; `make fuzz ROOM=envelope` those of one room. Finds go to fuzz/found.
fuzz: install
	@$(UV) sync --locked --quiet --group fuzz --python "$$(command -v python3)"
	@$(RUN)python -m fuzz $(if $(ROOM),--room $(ROOM)) --seconds $(or $(SECONDS),10) $(ARGS)

clean:
	rm -rf .venv .bootstrap bench/peers/.venv .demo .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
