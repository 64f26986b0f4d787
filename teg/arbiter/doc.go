// Package arbiter lets an outside service decide disputes: it speaks the HTTP of
// docs/arbitration.md to it, and is the [teg.Arbitrator] of an engine.
//
//	service, err := arbiter.New(arbiter.Config{URL: "https://court.example/v1", Token: token})
//	eng, err := teg.New(ctx, st, teg.Config{Arbitrator: service})
//
// The service is not trusted with more than its ruling: answers are bounded in size
// and time, redirects are not followed, and what it says is checked before it counts.
package arbiter
