.DEFAULT_GOAL := help
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
VULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
PG ?= postgres://postgres@127.0.0.1:5432/postgres

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

test: ## the whole suite, on PostgreSQL too where one answers
	go test ./...

race: ## the engine, its rules and its stores under the race detector
	go test -race ./ledger/... ./store/...
	go test -race ./teg -rapid.checks=20

lint: ## vet and the linters of .golangci.yml
	go vet ./...
	go run $(GOLANGCI) run ./...

vuln: ## known faults in what is linked
	go run $(VULNCHECK) ./...

bench: ## transfers against the hand-written ceilings, both databases
	go run ./server/cmd/teg bench --ceiling --groups-of-one
	go run ./server/cmd/teg bench --ceiling --database $(PG)

growth: ## minutes: what a transfer costs with ten million rows behind it
	go run ./server/cmd/teg bench growth
	go run ./server/cmd/teg bench growth --database $(PG)
	go run ./server/cmd/teg bench growth --accounts 1000000

fuzz: ## a minute for each fuzz target
	go test ./ledger/amount -fuzz FuzzParse -fuzztime 1m
	go test ./ledger/did -fuzz FuzzParse -fuzztime 1m
	go test ./server/strictjson -fuzz FuzzDecode -fuzztime 1m
	go test ./server/auth -fuzz FuzzVerify -fuzztime 1m
	go test ./server/ratings -fuzz FuzzRead -fuzztime 1m
	go test ./server/config -fuzz FuzzLoad -fuzztime 1m

nightly: ## hours: the long model, the long crash test, growth, fuzzing
	go test ./teg -run TestModel -timeout 24h -rapid.checks=20000 -rapid.steps=100
	TEG_TEST_KILLS=1000 go test ./server/cmd/teg -run TestKilled -timeout 24h
	$(MAKE) growth fuzz

.PHONY: help test race lint vuln bench growth fuzz nightly
