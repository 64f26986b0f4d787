package remote

import (
	"cmp"
	"crypto"
	"errors"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/didkey"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
	"github.com/agentvault/teg-layer/server/client"
)

// defaultURL is where `teg dev` serves.
const defaultURL = "http://127.0.0.1:8002"

// The environment of these commands; config.ClientVariables has their names, so that a
// server lets them stand in its own.
const (
	urlVariable       = "TEG_URL"
	prefixVariable    = "TEG_API_PREFIX"
	serviceVariable   = "TEG_SERVICE"
	tokenVariable     = "TEG_TOKEN"
	tokenFileVariable = "TEG_TOKEN_FILE"
	didVariable       = "TEG_DID"
	keyFileVariable   = "TEG_KEY_FILE"
)

// keyFileFlag names a file, whose name need not be a text.
const keyFileFlag = "key-file"

// connection is where the server is, who asks, and how answers are written: the flags that
// all commands have.
type connection struct {
	url, prefix, service string
	token, did, keyFile  string
	timeout              time.Duration
	json                 bool
	explain              bool // nothing is done: what would come of it is told
}

// flags gives a command, and those under it, the flags of the connection.
func (n *connection) flags(cmd *cobra.Command) {
	f := cmd.PersistentFlags()
	f.StringVar(&n.url, "url", "", "address of the server (environment: TEG_URL; default "+defaultURL+")")
	f.StringVar(&n.prefix, "api-prefix", "", "its API_V1_PREFIX (environment: TEG_API_PREFIX; default /api/v1)")
	f.StringVar(&n.token, "token", "", "access token; others on this machine can read flags, not TEG_TOKEN or the file TEG_TOKEN_FILE")
	f.StringVar(&n.keyFile, keyFileFlag, "", "PEM file with a private key of your DID, to log in with instead of a token (environment: TEG_KEY_FILE)")
	f.StringVar(&n.did, "did", "", "your DID, where it is not the did:key of that key (environment: TEG_DID)")
	f.StringVar(&n.service, "service", "", "log in to the server of this name alone (environment: TEG_SERVICE)")
	f.DurationVar(&n.timeout, "timeout", time.Minute, "how long to wait for each answer")
	f.BoolVar(&n.explain, explainFlag, false, "do nothing, and say what would come of it: why it would be refused, and what would pass")
	f.BoolVar(&n.json, "json", false, "write the answer as it came, for programs")
}

// open makes the client; identified says whether it has a token or a key.
func (n *connection) open() (c *client.Client, identified bool, err error) {
	options := []client.Option{
		client.WithUserAgent("teg"), client.WithHTTPClient(&http.Client{Timeout: n.timeout}),
		client.WithService(cmp.Or(n.service, os.Getenv(serviceVariable))),
	}
	if prefix := cmp.Or(n.prefix, os.Getenv(prefixVariable)); prefix != "" {
		options = append(options, client.WithPrefix(prefix))
	}
	if n.timeout <= 0 {
		return nil, false, misused("--timeout must be more than nothing")
	}
	identity, err := n.identity()
	if err != nil {
		return nil, false, err
	}
	if identity != nil {
		options = append(options, identity)
	}
	c, err = client.New(cmp.Or(n.url, os.Getenv(urlVariable), defaultURL), options...)
	if err != nil {
		text := strings.TrimPrefix(err.Error(), "client: ")
		if strings.HasPrefix(text, "the base URL") {
			text += "; see --url and TEG_URL"
		}
		return nil, false, misused("%s", text)
	}
	return c, identity != nil, nil
}

// identity is who asks: what the flags say, otherwise what the environment says; nil for
// nobody. Where both a token and a key are given, it could be two agents, and the wrong
// one would pay.
func (n *connection) identity() (client.Option, error) {
	token, keyFile := n.token, n.keyFile
	if token == "" && keyFile == "" {
		keyFile = os.Getenv(keyFileVariable)
		var err error
		if token, err = environmentToken(); err != nil {
			return nil, err
		}
	}
	switch {
	case token != "" && keyFile != "":
		return nil, misused("a token and a key file are both given, and could be two agents; keep one of them")
	case token != "" && n.did != "":
		return nil, misused("--did goes with --key-file: a token says itself whose it is")
	case token != "":
		return client.WithToken(token), nil
	case keyFile != "":
		return n.login(keyFile)
	}
	return nil, nil
}

// environmentToken is the token of the environment, by itself or in a file.
func environmentToken() (string, error) {
	token, file := os.Getenv(tokenVariable), os.Getenv(tokenFileVariable)
	switch {
	case token != "" && file != "":
		return "", misused("TEG_TOKEN is given together with TEG_TOKEN_FILE; keep one of them")
	case file == "":
		return token, nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", misused("TEG_TOKEN_FILE: %w", err)
	}
	if token = strings.TrimSpace(string(content)); token == "" {
		return "", misused("TEG_TOKEN_FILE: %s is empty", file)
	}
	return token, nil
}

// login proves a DID by its key.
func (n *connection) login(keyFile string) (client.Option, error) {
	key, err := auth.LoadPrivateKey(keyFile)
	if err != nil {
		return nil, misused("--key-file: %s", strings.TrimPrefix(err.Error(), "auth: "))
	}
	agent, err := didOf(key)
	if given := cmp.Or(n.did, os.Getenv(didVariable)); given != "" {
		agent, err = did.Parse(given)
	}
	if err != nil {
		return nil, misused("--did: %w", err)
	}
	return client.WithLogin(agent, key), nil
}

// didOf is the did:key of a key.
func didOf(key crypto.Signer) (did.DID, error) {
	public, err := pubkey.New(key.Public())
	if err != nil {
		return did.DID{}, errors.New("this kind of key has no did:key: use Ed25519, or ECDSA on P-256")
	}
	return didkey.Of(public), nil
}
