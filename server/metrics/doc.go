// Package metrics tells Prometheus what an engine and its server do.
//
// An engine and a server are told of a [Metrics] when they are made, and it is told of
// the engine:
//
//	m := metrics.New(metrics.Config{Version: "1.2.3"})
//	engine, err := teg.New(ctx, st, teg.Config{Metrics: m})
//	m.Watch(engine)
//	api := server.New(engine, server.Config{Metrics: m, MetricsPage: m.Page()})
//
// What happens is counted as it happens. What is (balances, readers of the log, open
// flags and disputes) is read from the database when somebody scrapes, but not again
// within Config.Every, however often that is. docs/observability.md lists all metrics.
//
// Labels are words of the program alone: templates of routes, verbs, codes, names of
// accounts. No DID, no path and nothing else that a client sends is ever one.
//
// A host that mounts the server and keeps metrics of its own passes its registry. One
// that imports neither this package nor Prometheus implements [server.Metrics] and
// [teg.Metrics] itself.
package metrics
