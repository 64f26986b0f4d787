package client_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/didkey"
	"github.com/agentvault/teg-layer/server/auth/login"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
	"github.com/agentvault/teg-layer/server/client"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/teg"
)

// A payment, and what there was.
func Example() {
	base, token, closeAll := serveExample()
	defer closeAll()
	if err := buy(context.Background(), base, token); err != nil {
		log.Fatal(err)
	}

	// Output:
	// paid 10 AVT, fee 0.001 AVT, left 89.999 AVT
	// transfer 10
	// issuance 100
}

func buy(ctx context.Context, base, token string) error {
	// region client
	c, err := client.New(base, client.WithToken(token)) // or client.WithLogin(agent, key)
	if err != nil {
		return err
	}
	sent, err := c.Transfer(ctx, client.TransferRequest{
		ReceiverAgentID: did.MustParse("did:example:bob"), Amount: amount.MustParse("10"), Message: "inference, 2 h",
	}, client.Key("order-17"))
	switch {
	case errors.Is(err, client.ErrInsufficientBalance):
		return fmt.Errorf("sell something first: %w", err)
	case err != nil: // after retries; the error says if the payment may have been made all the same
		return err
	}
	fmt.Println("paid", sent.Amount, "AVT, fee", sent.FeeAmount, "AVT, left", sent.NewSenderBalance, "AVT")

	for tx, err := range c.AllTransactions(ctx, client.ListTransactionsQuery{Limit: 50}) { // page by page
		if err != nil {
			return err
		}
		fmt.Println(tx.TransactionType, tx.Amount)
	}
	// endregion
	return nil
}

// What the server refuses matches its code, and says what to do.
func ExampleError() {
	base, token, closeAll := serveExample()
	defer closeAll()
	c, err := client.New(base, client.WithToken(token))
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.Transfer(context.Background(), client.TransferRequest{ReceiverAgentID: did.MustParse("did:example:bob")}, client.RequestID("r-2"))
	fmt.Println(errors.Is(err, client.ErrInvalidInput))
	fmt.Println(err)

	// Output:
	// true
	// client: transfer: VALIDATION_INVALID_INPUT: the request is not valid; amount must be more than zero [request r-2]
}

// An agent makes a DID of its key and calls; the client logs in by itself.
func ExampleWithLogin() {
	base, _, closeAll := serveExample()
	defer closeAll()
	private := ed25519.NewKeyFromSeed([]byte("a seed of thirty-two bytes, fixed")[:32])
	key, err := pubkey.New(private.Public())
	if err != nil {
		log.Fatal(err)
	}
	balance, err := balanceOf(context.Background(), base, didkey.Of(key), private)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(balance.AgentID, "has", balance.Balance, "AVT")

	// Output: did:key:z6Mkoq3hQwjj9hUjfiWrhzd9ZQqnGgYc7nTikKFFt4itD6xd has 0 AVT
}

func balanceOf(ctx context.Context, base string, agent did.DID, private crypto.Signer) (*client.Balance, error) {
	// region login
	c, err := client.New(base, client.WithLogin(agent, private), client.WithService("teg"))
	if err != nil {
		return nil, err
	}
	balance, err := c.GetBalance(ctx) // logs in first
	if err != nil {
		return nil, err
	}
	return balance, c.EndSession(ctx)
	// endregion
}

// serveExample serves an economy in memory, in which alice has 100 AVT, and mints her a
// token.
func serveExample() (base, token string, closeAll func()) {
	ctx := context.Background()
	st, err := sqlite.OpenMemory(ctx)
	if err != nil {
		log.Fatal(err)
	}
	engine, err := teg.New(ctx, st, teg.Config{})
	if err != nil {
		log.Fatal(err)
	}
	for agent, sum := range map[string]string{"did:example:alice": "100", "did:example:bob": "1"} {
		_, err := engine.Issue(ctx, teg.IssueParams{By: teg.Agent("did:example:root"), To: teg.Agent(agent), Amount: teg.AVT(sum), Reason: "a start"})
		if err != nil {
			log.Fatal(err)
		}
	}
	keys := auth.Config{Secret: []byte("a secret of at least thirty-two bytes")}
	signer, err := auth.NewSigner(keys, nil)
	if err != nil {
		log.Fatal(err)
	}
	service, err := login.New(ctx, login.Config{Sessions: st.Sessions(), Signer: signer, Resolver: login.Resolvers{"key": didkey.Key{}}})
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := auth.New(keys)
	if err != nil {
		log.Fatal(err)
	}
	token, err = auth.Mint(keys, nil, auth.Identity{Agent: did.MustParse("did:example:alice"), Roles: auth.RolesOf(auth.Agent)}, time.Hour)
	if err != nil {
		log.Fatal(err)
	}
	served := httptest.NewServer(server.New(engine, server.Config{Verifier: verifier, Login: service, ProvisionSelf: true}))
	return served.URL, token, func() {
		served.Close()
		_ = engine.Close()
		_ = st.Close()
	}
}
