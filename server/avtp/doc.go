// Package avtp reports how services over AVTP ended, from a platform or an agent that is
// written in Go to a TEG server.
//
//	reporter, err := avtp.New(avtp.Config{URL: "https://teg.example/api/v1", Token: avtp.Always(token)})
//	go reporter.Run(ctx)
//	err = reporter.Enqueue(avtp.Report{Transaction: "avtp-17", Initiator: consumer, Responder: provider, Outcome: avtp.Success})
//
// A report is sent until the server has an answer to it: at least once, and taken in
// once, since the server answers a report that it has as it did the first time. What waits
// lies in memory: who must not lose any keeps its reports until [Config.Done] tells what
// became of them, or calls [Reporter.Report], which waits.
//
// It imports nothing of the engine.
package avtp
