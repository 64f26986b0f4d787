.DEFAULT_GOAL := help
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
VULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
PG ?= postgres://postgres@127.0.0.1:5432/postgres
KILLS ?= 1000

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

test: ## the whole suite, on PostgreSQL too where one answers
	go test ./...

race: ## the engine, its rules and its stores under the race detector
	go test -race -timeout 20m ./ledger/... ./store/...
	go test -race -short -timeout 20m ./teg -rapid.checks=5
	go test -race ./teg/tegbench -run 'TestLoad|TestGrowth'

lint: ## vet and the linters of .golangci.yml
	go vet ./...
	go run $(GOLANGCI) run --allow-parallel-runners ./...

vuln: ## known faults in what is linked
	go run $(VULNCHECK) ./...

bench: ## transfers against the hand-written ceilings, both databases
	go run ./server/cmd/teg bench --ceiling --groups-of-one
	go run ./server/cmd/teg bench --ceiling --groups-of-one --database $(PG)

growth: ## long: what a transfer costs with ten million rows, or a million accounts, behind it
	go run ./server/cmd/teg bench growth
	go run ./server/cmd/teg bench growth --database $(PG)
	go run ./server/cmd/teg bench growth --accounts 1000000
	go run ./server/cmd/teg bench growth --accounts 1000000 --database $(PG)

fuzz: ## a minute for each fuzz target
	go test ./ledger/amount -run '^$$' -fuzz FuzzParse -fuzztime 1m
	go test ./ledger/did -run '^$$' -fuzz FuzzParse -fuzztime 1m
	go test ./server/strictjson -run '^$$' -fuzz FuzzDecode -fuzztime 1m
	go test ./server/auth -run '^$$' -fuzz FuzzVerify -fuzztime 1m
	go test ./server/ratings -run '^$$' -fuzz FuzzRead -fuzztime 1m
	go test ./server/config -run '^$$' -fuzz FuzzLoad -fuzztime 1m

model-long: ## hours: 20,000 sequences of 100 steps against the model, each database
	go test ./teg -run '^TestModel$$' -timeout 48h -rapid.checks=20000 -rapid.steps=100

crash-long: ## hours: the server killed KILLS times on each database
	TEG_TEST_KILLS=$(KILLS) go test ./server/cmd/teg -run '^TestKilled$$' -timeout 48h

nightly: model-long crash-long growth fuzz ## hours: all that takes long

.PHONY: help test race lint vuln bench growth fuzz model-long crash-long nightly
