package teg_test

import (
	"context"
	"fmt"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// A rule that finds something raises a flag, which somebody reviews. Usually
// [teg.Engine.RunAuditor] reads, beside [teg.Engine.Run].
func ExampleEngine_Audit() {
	eng, end := exampleEngine(tegtest.NewClock())
	defer end()
	ctx := context.Background()
	_, err := eng.SetRules(ctx, teg.SetRulesParams{By: admin, Changes: []teg.RuleChange{
		{Code: "LARGE_TRANSFER", Thresholds: map[string]teg.Amount{"min_amount": teg.AVT("50")}},
	}})
	if err != nil {
		panic(err)
	}
	if _, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("60")}); err != nil {
		panic(err)
	}
	progress, err := eng.Audit(ctx)
	fmt.Println(progress.Findings, err)

	page, err := eng.Flags(ctx, teg.FlagsQuery{Status: teg.FlagNew})
	flag := page.Flags[0]
	fmt.Println(flag.Code, flag.Agent, flag.Severity, err)
	fmt.Println(flag.Reason)

	_, err = eng.UpdateFlag(ctx, teg.UpdateFlagParams{By: admin, FlagID: flag.ID, Status: teg.FlagUnderReview})
	fmt.Println(err)
	done, err := eng.UpdateFlag(ctx, teg.UpdateFlagParams{By: admin, FlagID: flag.ID, Status: teg.FlagFalsePositive, Notes: "a purchase that was announced"})
	fmt.Println(done.Status, err)
	// Output:
	// 1 <nil>
	// LARGE_TRANSFER did:example:alice LOW <nil>
	// a payment of 60 AVT, where 50 are large
	// <nil>
	// FALSE_POSITIVE <nil>
}

func ExampleEngine_RaiseFlag() {
	eng, end := exampleEngine(tegtest.NewClock())
	defer end()
	ctx := context.Background()
	flag, err := eng.RaiseFlag(ctx, teg.RaiseFlagParams{
		By: admin, Agent: bob, Code: "PHISHING", Reason: "asked for a key", Severity: teg.SeverityHigh, Key: "case-7",
	})
	fmt.Println(flag.Status, flag.Severity, err)
	flag, err = eng.EscalateFlag(ctx, teg.EscalateFlagParams{By: admin, FlagID: flag.ID, Reason: "of several"})
	fmt.Println(flag.Status, flag.Severity, err)
	steps, err := eng.FlagHistory(ctx, flag.ID)
	fmt.Println(len(steps), "steps", err)
	// Output:
	// NEW HIGH <nil>
	// NEW CRITICAL <nil>
	// 2 steps <nil>
}

// A reader of its own: it keeps the position beside what it makes of the events, in one
// transaction, and so has each of them once.
func ExampleEngine_EventsFrom() {
	eng, end := exampleEngine(tegtest.NewClock())
	defer end()
	ctx := context.Background()
	if _, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1")}); err != nil {
		panic(err)
	}
	var position int64 // as it was kept
	for event, err := range eng.EventsFrom(ctx, position) {
		if err != nil {
			panic(err)
		}
		fmt.Println(event.Position, event.Action, event.Actor)
		position = event.Position + 1
	}
	fmt.Println("goes on from", position)
	// Output:
	// 0 issue did:example:admin
	// 1 register_agent did:example:bob
	// 2 transfer did:example:alice
	// goes on from 3
}

// A reader whose position the engine keeps, under its name: what its function was given
// and did not finish comes again, whatever crashed.
func ExampleEngine_Follow() {
	eng, end := exampleEngine(tegtest.NewClock())
	defer end()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	for range 3 {
		if _, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1")}); err != nil {
			panic(err)
		}
	}
	reader := teg.FollowParams{Name: "invoices", Actions: []string{"transfer"}, Batch: 2}
	payments := 0
	err := eng.Follow(ctx, reader, func(_ context.Context, events []teg.AuditLogEntry) error {
		for _, event := range events {
			fmt.Println(event.Position, event.Action)
		}
		if payments += len(events); payments == 3 {
			stop() // usually it goes on until the process ends
		}
		return nil
	})
	fmt.Println(payments, err)
	// Output:
	// 2 transfer
	// 3 transfer
	// 4 transfer
	// 3 <nil>
}
