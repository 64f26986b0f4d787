// Command auditlog shows that an agent need not believe the server: with public tools
// alone it checks that its payment is in the log, and that the log was never rewritten.
//
// witness.go is the agent's side, and imports nothing but golang.org/x/mod/sumdb/tlog and
// note; this file is the server that it checks.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/teg"
)

const origin = "example.com/log"

var (
	admin = teg.Agent("did:example:admin")
	alice = teg.Agent("did:example:alice")
	bob   = teg.Agent("did:example:bob")
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	e, err := open(ctx)
	if err != nil {
		return err
	}
	defer e.Close()
	paid, err := e.pay(ctx, "10")
	if err != nil {
		return err
	}
	event, position, err := e.witness.seen(ctx, paid.String())
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "a checkpoint of %s, signed: %d events\n", origin, e.witness.kept.N)
	var told struct{ Action, Sender, Receiver, Amount string }
	if err := json.Unmarshal([]byte(event), &told); err != nil {
		return err
	}
	fmt.Fprintf(out, "event %d is in it: %s of %s AVT from %s to %s\n", position, told.Action, told.Amount, told.Sender, told.Receiver)
	for range 3 {
		if _, err := e.pay(ctx, "1"); err != nil {
			return err
		}
	}
	if err := e.Tick(ctx); err != nil {
		return err
	}
	if err := e.witness.newest(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "a checkpoint of %s, signed: %d events, and nothing before them was changed\n", origin, e.witness.kept.N)
	return nil
}

// economy is a server, and somebody outside who watches its log.
type economy struct {
	*teg.Engine
	store   *sqlite.Store
	http    *http.Server
	witness *witness
}

func open(ctx context.Context) (*economy, error) {
	private, public, err := note.GenerateKey(rand.Reader, origin) // the second one is published
	if err != nil {
		return nil, err
	}
	signer, err := teg.NewLogSigner(private)
	if err != nil {
		return nil, err
	}
	st, err := sqlite.OpenMemory(ctx)
	if err != nil {
		return nil, err
	}
	began, calls := time.Now(), time.Duration(0)
	clock := func() time.Time { calls++; return began.Add(calls * time.Minute) } // so that each Tick makes a checkpoint
	e := &economy{store: st}
	if e.Engine, err = teg.New(ctx, st, teg.Config{LogSigner: signer, Clock: clock}); err != nil {
		return nil, err
	}
	if err := e.fund(ctx); err != nil {
		return nil, err
	}
	tokens := auth.Config{Secret: []byte("an example's secret of 32 bytes.")}
	verifier, err := auth.New(tokens)
	if err != nil {
		return nil, err
	}
	token, err := auth.Mint(tokens, nil, auth.Identity{Agent: bob, Roles: auth.RolesOf(auth.Agent)}, time.Hour)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e.http = &http.Server{Handler: server.New(e.Engine, server.Config{Verifier: verifier}), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = e.http.Serve(listener) }() // until it is closed
	e.witness = &witness{api: "http://" + listener.Addr().String() + "/api/v1", token: token, origin: origin}
	e.witness.key, err = note.NewVerifier(public)
	return e, err
}

// fund gives both something to spend.
func (e *economy) fund(ctx context.Context) error {
	for _, agent := range []teg.DID{alice, bob} {
		if _, err := e.Issue(ctx, teg.IssueParams{By: admin, To: agent, Amount: teg.AVT("100"), Reason: "grant"}); err != nil {
			return err
		}
	}
	return nil
}

func (e *economy) pay(ctx context.Context, sum string) (teg.TransactionID, error) {
	r, err := e.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT(sum), Message: "between us"})
	return r.TransactionID, err
}

// Close ends the server.
func (e *economy) Close() {
	_ = e.http.Close()
	_ = e.Engine.Close()
	_ = e.store.Close()
}
