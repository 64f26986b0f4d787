package server_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/didkey"
	"github.com/agentvault/teg-layer/server/auth/login"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/teg"
)

// An agent makes a DID of its key, signs what the server asks it to sign, and is in.
func Example_login() {
	api, closeAll := serveWithLogin()
	defer closeAll()

	private := ed25519.NewKeyFromSeed([]byte("a seed of thirty-two bytes, fixed")[:32])
	key, err := pubkey.New(private.Public())
	if err != nil {
		log.Fatal(err)
	}
	agent := didkey.Of(key).String()
	fmt.Println("I am", agent)

	challenge := examplePost(api+"/auth/challenge", map[string]string{"agent_did": agent})["challenge"].(string)
	signature := ed25519.Sign(private, []byte(challenge))
	tokens := examplePost(api+"/auth/token", map[string]string{
		"agent_did": agent, "challenge": challenge, "signature": base64.RawURLEncoding.EncodeToString(signature),
	})
	fmt.Println("token type", tokens["token_type"], "for", tokens["expires_in"], "seconds")

	tokens = examplePost(api+"/auth/refresh", map[string]string{"refresh_token": tokens["refresh_token"].(string)})
	fmt.Println("balance", exampleGet(api+"/token/balance", tokens["access_token"].(string))["balance"])

	examplePost(api+"/auth/revoke", map[string]string{"refresh_token": tokens["refresh_token"].(string)})
	fmt.Println("after that", exampleGet(api+"/token/balance", tokens["access_token"].(string))["error_code"])

	// Output:
	// I am did:key:z6Mkoq3hQwjj9hUjfiWrhzd9ZQqnGgYc7nTikKFFt4itD6xd
	// token type Bearer for 3600 seconds
	// balance 0
	// after that AUTH_TOKEN_REVOKED
}

// serveWithLogin serves an economy in memory, whose agents log in with did:key.
func serveWithLogin() (api string, closeAll func()) {
	ctx := context.Background()
	st, err := sqlite.OpenMemory(ctx)
	if err != nil {
		log.Fatal(err)
	}
	engine, err := teg.New(ctx, st, teg.Config{})
	if err != nil {
		log.Fatal(err)
	}
	tokens := auth.Config{Secret: []byte("a secret of at least thirty-two bytes")}
	signer, err := auth.NewSigner(tokens, nil)
	if err != nil {
		log.Fatal(err)
	}
	service, err := login.New(ctx, login.Config{
		Sessions: st.Sessions(), Signer: signer, Resolver: login.Resolvers{"key": didkey.Key{}}, Reserved: engine.IsSystem,
	})
	if err != nil {
		log.Fatal(err)
	}
	tokens.Revocations = service
	verifier, err := auth.New(tokens)
	if err != nil {
		log.Fatal(err)
	}
	// Start Run of the server beside it, so that it learns what other servers end.
	served := httptest.NewServer(server.New(engine, server.Config{Verifier: verifier, Login: service, ProvisionSelf: true}))
	return served.URL + "/api/v1", func() {
		served.Close()
		_ = engine.Close()
		_ = st.Close()
	}
}

func examplePost(url string, body map[string]string) map[string]any {
	text, err := json.Marshal(body)
	if err != nil {
		log.Fatal(err)
	}
	answer, err := http.Post(url, "application/json", bytes.NewReader(text))
	return exampleRead(answer, err)
}

func exampleGet(url, token string) map[string]any {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	return exampleRead(answer, err)
}

func exampleRead(answer *http.Response, err error) map[string]any {
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	var body map[string]any
	if answer.StatusCode != http.StatusNoContent {
		if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
			log.Fatal(err)
		}
	}
	return body
}
