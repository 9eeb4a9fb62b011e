# Everything a newcomer needs: make run. `make help` lists the rest.

# The binary is static: no C compiler is needed, and it runs on any Linux.
export CGO_ENABLED := 0

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X roster/cli/server.version=$(VERSION)
# A version of Debian begins with a digit, and later ones are greater.
PACKAGE_VERSION ?= $(shell git describe --tags --match 'v[0-9]*' 2>/dev/null | sed 's/^v//; s/-\([0-9]*\)-g/+\1.g/' | grep . || echo 0.0.0+$$(git rev-list --count HEAD).g$$(git rev-parse --short HEAD))
IMAGE ?= roster:latest
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: help build package image run test cluster cluster-test upgrade-test fuzz lint generate bench bench-tenants bench-scale clean prepare

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/roster
	@mkdir -p bin
	go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o bin/roster .

package: build ## build a Debian package in bin/package
	.package/build package '$(PACKAGE_VERSION)'

image: build ## build the container image IMAGE (roster:latest) with buildah
	.package/build image '$(IMAGE)'

run: build ## build and serve on http://127.0.0.1:3000 with data/roster.db
	@exec bin/roster serve

prepare:
	@.ci/prepare

test: prepare ## run all tests, on SQLite and on PostgreSQL
	go test -timeout 20m ./...

cluster: build ## start the reference cluster of docs/operations/cluster.md on this machine, as root
	@go build -o bin/cluster ./test/cluster
	@exec bin/cluster

cluster-test: build ## break that cluster while clients write: 16 minutes
	@go build -o bin/cluster ./test/cluster
	@exec bin/cluster -break

upgrade-test: prepare ## replace two servers of the release before by this one under load, behind HAProxy
	go test -tags upgrade -timeout 30m -count 1 -v ./test/upgrade

fuzz: prepare ## send FUZZ_REQUESTS (200000) random requests to each database, from FUZZ_SEED (1) on
	FUZZ_REQUESTS=$${FUZZ_REQUESTS:-200000} go test -timeout 2h -count 1 -v -run '^TestFuzz$$' ./test/foreman

lint: ## golangci-lint, as .golangci.yml says
	go run $(GOLANGCI) run ./...

generate: ## make the generated files again
	go run ./docs/generate

bench: prepare ## run the benchmarks
	go test -run '^$$' -bench . -skip '^Benchmark(Tenants|Scale|Snapshot)$$' -benchmem ./...

bench-tenants: prepare ## what lists cost callers in tenants, with ROSTER_BENCH_USERS (10000,100000) users
	go test -run '^$$' -bench '^BenchmarkTenants$$' -benchtime 1x -timeout 2h ./test/bench

bench-scale: prepare ## what one machine carries, with ROSTER_BENCH_USERS (10000,100000,1000000) users
	go test -run '^$$' -bench '^Benchmark(Scale|Snapshot|Replica)$$' -benchtime 1x -timeout 2h ./test/bench

clean: ## remove what was built, but not the data
	rm -rf bin
