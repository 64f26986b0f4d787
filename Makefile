.DEFAULT_GOAL := help
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
BENCHSTAT := golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
OAPI := github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2
REDOCLY := @redocly/cli@2.77.0
SWAGGER_UI := swagger-ui-dist@5.35.0
STANDARD_WEBHOOKS := standardwebhooks@1.1.1
CONSOLE_DIST := htmx.org@2.0.11 uplot@1.6.32
VULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
PG ?= postgres://postgres@127.0.0.1:5432/postgres
KEPT := docs/bench
OLD ?= HEAD
RUNS ?= 10
KILLS ?= 1000
FAILOVERS ?= 200
SOAK ?= 30m
MUTANTS ?= all
ATTESTATION := governance/attestation
PROOFS := $(CURDIR)/$(ATTESTATION)/groth16/prooftest/testdata

# kubo, for tests: a module of its own, since it needs hundreds of others. The binary lies
# beside what go build keeps, so that it is built once for each set of versions.
KUBO := teg/ipfs/kubo
IPFS_NODE = $(shell go env GOCACHE)/teg-kubo-$(firstword $(shell cksum $(KUBO)/go.sum))/ipfs

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

docs: ## the reference of all settings, from the table in server/config
	go run ./server/cmd/teg config docs > docs/configuration.md.new && mv docs/configuration.md.new docs/configuration.md

test: ## the whole suite, on PostgreSQL too where one answers
	go test ./...

race: ## the engine, its rules and its stores under the race detector
	$(MAKE) --no-print-directory -j2 race-engine race-stores

# What was translated from C is not asked for races: it is not ours, and ten times slower then.
RACE := CGO_ENABLED=1 go test -race -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false

# Tests of the engine in which something happens at once: all others have nothing for the
# race detector to see, and would take most of its time. A test holds the list.
AT_ONCE = $(shell paste -sd '|' teg/testdata/at_once.txt)

race-engine:
	$(RACE) -short -timeout 40m ./teg -rapid.checks=5 -run '^($(AT_ONCE))$$'

race-stores:
	$(RACE) -timeout 20m ./ledger/... ./store/...
	$(RACE) ./teg/tegbench -run 'TestLoad|TestGrowth'

# Of a program that serves a few tests the compiler costs more than it saves.
QUICKLY_BUILT := -tags nofuse -ldflags='-s -w' -gcflags=all='-N -l -dwarf=false'

ipfs-node: ## builds the IPFS node that tests run on (minutes, once), and prints where it is
	@node="$(IPFS_NODE)"; test -x "$$node" || \
		{ go build -C $(KUBO) $(QUICKLY_BUILT) -o "$$node.new" github.com/ipfs/kubo/cmd/ipfs && mv "$$node.new" "$$node"; } >&2; \
	test -x "$$node" && echo "$$node"

lint: ## the linters of .golangci.yml, vet among them
	go vet -tags full ./server/cmd/...
	go run $(GOLANGCI) run --allow-parallel-runners ./...

generate: ## the OpenAPI document out of server/openapi/source, and of it the types of server/api and the client
	cd server/openapi && go run ./bundle && go run ./bundle -client ../client && go run ./bundle -types ../api/types.yaml
	cd server/api && go run $(OAPI) -config oapi-codegen.yaml types.yaml && gofmt -w types.gen.go && \
		sha256sum types.yaml types.gen.go > types.sum && rm types.yaml

lint-openapi: ## the OpenAPI document by a linter of its own; needs npm
	npx --yes $(REDOCLY) lint --config server/openapi/redocly.yaml server/openapi/openapi.yaml

inspector: ## the tools of MCP by the protocol's official inspector; needs npm
	sh server/mcp/inspector.sh

swagger-ui: ## the files of the documentation page again, from their package; needs npm
	cd server/docs/dist && npm pack --silent $(SWAGGER_UI) | xargs -I{} sh -c 'tar xzf {} && rm {}'
	cd server/docs/dist && for f in swagger-ui-bundle.js swagger-ui.css; do gzip -9nc package/$$f > $$f.gz; done
	cd server/docs/dist && cp package/LICENSE package/NOTICE package/swagger-ui-bundle.js.LICENSE.txt . && rm -r package

webhook-check: ## signatures of webhooks by the library for JavaScript that receivers use; needs npm
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && npm install --silent --no-audit --no-fund --prefix "$$folder" $(STANDARD_WEBHOOKS) && \
		TEG_TEST_STANDARDWEBHOOKS=$$folder go test -count=1 -v ./server/webhook -run TestSignaturesInJavaScript

console-dist: ## the libraries of the console again, from their packages; needs npm
	cd server/console/dist && for p in $(CONSOLE_DIST); do npm pack --silent $$p | xargs -I{} sh -c 'mkdir -p package.{} && tar xzf {} -C package.{} && rm {}'; done
	cd server/console/dist && gzip -9nc package.htmx*/package/dist/htmx.min.js >htmx.min.js.gz && cp package.htmx*/package/LICENSE htmx.LICENSE
	cd server/console/dist && gzip -9nc package.uplot*/package/dist/uPlot.iife.min.js >uPlot.min.js.gz && cp package.uplot*/package/LICENSE uplot.LICENSE
	cd server/console/dist && cp package.uplot*/package/dist/uPlot.min.css uplot.css && rm -r package.*

console-check: ## walks the console in Chromium: every page, every act, axe for WCAG AA; needs npm and Chromium
	sh server/console/browser/run.sh

browser: ## the documentation page in headless Chromium, which has to be installed
	go test -C server/docs/browser -count=1 -v .

vuln: ## known faults in what is linked; VULNDB=file:///path is a copy of their database
	go run $(VULNCHECK) $(if $(VULNDB),-db $(VULNDB)) ./...

weight: ## what a host links, for docs/operations.md: modules and size by what it imports
	go run ./examples/weight

image-check: ## what the Dockerfile does, without Docker: builds twice, and runs in an empty folder; needs root
	sh deploy/tryimage.sh

backup-check: ## a base backup of PostgreSQL under load, restored with its log, and proven; on servers of its own
	sh deploy/trybasebackup.sh

bench: ## transfers against the hand-written ceilings, then attestations and disputes, both databases
	go run ./server/cmd/teg bench --ceiling --groups-of-one
	go run ./server/cmd/teg bench --ceiling --groups-of-one --database $(PG)
	go test ./teg/tegbench -run '^$$' -bench 'Attestation|Dispute'

bench-proofs: ## proofs verified per second, by one caller and by two
	go test ./$(ATTESTATION)/groth16 -run '^$$' -bench . -benchmem -cpu 1,2

circuits: ## new development keys for both circuits, and what the circuits take and refuse; needs npm
	cd $(ATTESTATION)/circuits/fairmarkup && npm ci --no-audit --no-fund && npm run setup && npm test
	cd $(ATTESTATION)/circuits/range && go vet . && go test . && go run . setup

proofs: circuits ## the keys and proofs of the tests, made again by the tools that agents use
	cd $(ATTESTATION)/circuits/fairmarkup && node fixtures.mjs $(PROOFS)/fair_markup
	cd $(ATTESTATION)/circuits/range && go run . fixtures $(PROOFS)/range
	go test ./$(ATTESTATION)/groth16/...

growth: ## long: what each verb costs with ten million rows, or a million accounts, behind it
	go run ./server/cmd/teg bench growth
	go run ./server/cmd/teg bench growth --database $(PG)
	go run ./server/cmd/teg bench growth --accounts 1000000 --rows 12000000
	go run ./server/cmd/teg bench growth --accounts 1000000 --rows 12000000 --database $(PG)

ratios: ## seconds: fails where less than half of a goal for speed is reached, both databases
	go run ./server/cmd/teg bench ratios --database sqlite://teg.db --database '$(PG)'

bench-http: ## long: what a server reaches of its goals, its memory after ten million transfers among them
	go run ./server/cmd/teg bench http
	go run ./server/cmd/teg bench http --database '$(PG)'

bench-keep: ## hours: all that is measured, RUNS times, into docs/bench, and the plots of docs/performance.md
	mkdir -p $(KEPT)
	go run ./server/cmd/teg bench --ceiling --groups-of-one --runs $(RUNS) -o $(KEPT)/transfers-sqlite.txt
	go run ./server/cmd/teg bench --ceiling --groups-of-one --runs $(RUNS) -o $(KEPT)/transfers-postgres.txt --database '$(PG)'
	go run ./server/cmd/teg bench http --runs $(RUNS) -o $(KEPT)/http-sqlite.txt
	go run ./server/cmd/teg bench http --runs $(RUNS) -o $(KEPT)/http-postgres.txt --database '$(PG)'
	go run ./server/cmd/teg bench growth --runs $(RUNS) -o $(KEPT)/growth-sqlite.txt --plot docs/growth-sqlite.svg
	go run ./server/cmd/teg bench growth --runs $(RUNS) -o $(KEPT)/growth-postgres.txt --plot docs/growth-postgres.svg --database '$(PG)'

bench-compare: ## what bench-keep wrote, by benchstat, beside what is committed at OLD
	@old=$$(mktemp -d) && for each in $(KEPT)/*.txt; do \
		before=$$old/$$(basename $$each) && git show $(OLD):$$each >$$before 2>/dev/null && \
		go run $(BENCHSTAT) old=$$before new=$$each || echo "$$each is not at $(OLD), or cannot be compared"; \
	done; rm -r $$old

fuzz: ## a minute for each fuzz target
	go test ./ledger/amount -run '^$$' -fuzz FuzzParse -fuzztime 1m
	go test ./ledger/did -run '^$$' -fuzz FuzzParse -fuzztime 1m
	go test ./server/strictjson -run '^$$' -fuzz FuzzDecode -fuzztime 1m
	go test ./server/auth -run '^$$' -fuzz FuzzVerify -fuzztime 1m
	go test ./server/ratings -run '^$$' -fuzz FuzzRead -fuzztime 1m
	go test ./server/config -run '^$$' -fuzz FuzzLoad -fuzztime 1m
	go test ./server/client -run '^$$' -fuzz FuzzDecode -fuzztime 1m
	go test ./store/archive -run '^$$' -fuzz FuzzRead -fuzztime 1m
	go test ./governance/policy -run '^$$' -fuzz FuzzParameters -fuzztime 1m
	go test ./teg -run '^$$' -fuzz FuzzCursor -fuzztime 1m
	go test ./$(ATTESTATION) -run '^$$' -fuzz FuzzCanonical -fuzztime 1m
	go test ./$(ATTESTATION)/groth16 -run '^$$' -fuzz FuzzProof -fuzztime 1m
	go test ./$(ATTESTATION)/groth16 -run '^$$' -fuzz FuzzKey -fuzztime 1m
	go test ./$(ATTESTATION)/groth16 -run '^$$' -fuzz FuzzInput -fuzztime 1m
	go test ./governance/evidence -run '^$$' -fuzz FuzzParsePointer -fuzztime 1m
	go test ./teg/ipfs -run '^$$' -fuzz FuzzNode -fuzztime 1m

model-long: ## hours: 20,000 sequences of 100 steps against the model, each database
	go test ./teg -run '^TestModel$$' -timeout 48h -rapid.checks=20000 -rapid.steps=100
	TEG_TEST_STEPS=20000 go test ./staking -run '^TestModelLong$$' -timeout 48h

crash-long: ## hours: the server killed KILLS times on each database
	TEG_TEST_KILLS=$(KILLS) go test ./server/cmd/teg -run '^(TestKilled|TestKilledWhileRegistering)$$' -timeout 48h

failover-long: ## hours: PostgreSQL's primary lost under load FAILOVERS times; on servers of its own
	TEG_TEST_FAILOVERS=$(FAILOVERS) go test ./server/cmd/teg -run '^TestFailover$$' -timeout 48h -v

soak: ## half an hour: a server on each database under mixed load for SOAK, within bounds and without growth
	TEG_TEST_SOAK=$(SOAK) go test ./server/cmd/teg -run '^TestSoak$$' -timeout 48h -v

mutants: ## an hour: faults put into the source, one at a time, and found by the tests; MUTANTS is a part of their names
	TEG_TEST_MUTANTS='$(MUTANTS)' go test . -run '^TestMutants$$' -timeout 12h -v

bench-servers: ## one, two and four servers on one PostgreSQL, as multiples of one
	go run ./server/cmd/teg bench servers --database $(PG)

faults-long: ## minutes: every call of every verb fails in every way, on each database; the network, too, and is cut at every byte
	TEG_TEST_FAULTS=all go test ./teg -run '^Test(EveryCall|ReadsFail|SpoiltFiles|RowsThatNo)' -timeout 2h
	TEG_TEST_FAULTS=all go test ./store/postgres -run '^(TestNetworkFails|TestCutAtEachByte)$$' -timeout 2h -v

nightly: model-long crash-long failover-long faults-long soak mutants growth fuzz circuits lint-openapi browser backup-check ## hours: all that takes long

.PHONY: help docs weight image-check backup-check test race race-engine race-stores ipfs-node lint generate lint-openapi inspector swagger-ui webhook-check console-dist console-check browser vuln ratios bench bench-http bench-keep bench-compare bench-proofs bench-servers circuits proofs growth fuzz model-long crash-long failover-long faults-long soak mutants nightly
