# Everything from a fresh clone: Swift 6.2 or later on PATH; on Debian and Ubuntu the rest is installed when it is missing.

SHELL := /bin/sh
export BUILD_COMMIT := $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
.DEFAULT_GOAL := help
.PHONY: help run test bench cost simulate faults contract drill mutants format lint packages clean

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

# A release build takes longer than a debug build, once; but what it shows is the speed that people came to see.
run: packages ## build, and start a private Redis, Postgres and the service with a sample sale
	@bin=$$(scripts/release.sh seckill) && exec "$$bin/seckill" up $(UP_FLAGS)

# Who builds once and from nothing gains a third by compiling each module whole.
ifdef CI
TEST_BUILD := -debug-info-format none -Xswiftc -whole-module-optimization -Xswiftc -num-threads -Xswiftc 1
endif

test: ## pass every test
	@scripts/install-packages.sh test
	@scripts/axe.sh
	swift build --build-tests $(TEST_BUILD)
	scripts/test.sh $(TEST_BUILD)

# Also installs nginx, its Lua module and wrk, which nothing else needs.
bench: ## measure the service against nginx + Lua + Redis, all on private servers (9 minutes); the report goes to reports/
	scripts/bench.sh $(BENCH_FLAGS)

cost: ## count allocations and instructions of a request, and hold them to scripts/cost.txt
	@scripts/install-packages.sh cost
	scripts/cost.sh

simulate: ## run the service in ten thousand simulated worlds, and each guard's absence in as many as it takes
	scripts/simulate.sh $(SEEDS)

faults: packages ## break what the service stands on, and judge every answer (10 minutes; ONLY=T5,A1 for some of it)
	@bin=$$(scripts/release.sh seckill FaultClock seckill-faults) && exec "$$bin/seckill-faults" run $(if $(ONLY),--only $(ONLY),--all) $(FAULTS_FLAGS)

contract: ## hold the service to docs/openapi.yaml and docs/openapi-admin.yaml, by requests made from them, run every snippet of docs/integrate.md, and have webhooks checked by a stock library (4 minutes)
	@scripts/install-packages.sh contract
	scripts/contract.sh

# Needs root.
drill: ## break the load balancers, caches and stores of deploy/, in network namespaces (10 minutes; DRILL_FLAGS="--only D1,D7")
	@scripts/install-packages.sh deploy
	scripts/drill.sh $(DRILL_FLAGS)

mutants: packages ## switch off one guard after the other, and see that a test notices (about an hour)
	scripts/mutants.pl $(MUTANTS)

format: ## write all Swift as .swift-format wants it
	swift format --in-place --parallel --recursive Sources Tests LoadTests Package.swift

lint: ## check that it is written so
	swift format lint --strict --parallel --recursive Sources Tests LoadTests Package.swift

packages: ## install what is missing with apt-get
	@scripts/install-packages.sh

clean: ## remove what was built; the data of `make run` in .seckill stay
	rm -rf .build
