package auth_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
)

var (
	secret   = []byte("a secret for tests, of more than 32 bytes")
	now      = time.Unix(1_800_000_000, 0).UTC()
	alice    = did.MustParse("did:web:alice.example")
	treasury = did.MustParse("did:agentvault:treasury")
)

const hs256 = `{"alg":"HS256","typ":"JWT"}`

func config() auth.Config {
	return auth.Config{Secret: secret, Reserved: []did.DID{treasury}, Now: func() time.Time { return now }}
}

// forge makes an HS256 token of any header and payload, as an attacker who has
// the secret could.
func forge(header, payload string) string {
	signed := part(header) + "." + part(payload)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(signed))
	return signed + "." + part(string(mac.Sum(nil)))
}

func part(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// times are claims that hold now.
var times = fmt.Sprintf(`"iat":%d,"exp":%d`, now.Unix(), now.Unix()+3600)

func claims(more string) string { return `{"sub":"did:web:alice.example",` + times + more + `}` }

func verify(t *testing.T, c auth.Config, token string) (auth.Identity, error) {
	t.Helper()
	v, err := auth.New(c)
	require.NoError(t, err)
	return v.Verify(context.Background(), token)
}

// refused holds that a token is invalid for a reason, and that the message
// does not give the token away.
func refused(t *testing.T, c auth.Config, token, reason string) {
	t.Helper()
	id, err := verify(t, c, token)
	require.ErrorIs(t, err, auth.ErrInvalid)
	require.ErrorContains(t, err, reason)
	require.Zero(t, id)
	require.NotContains(t, err.Error(), "alice")
	if len(token) > 16 {
		require.NotContains(t, err.Error(), token[:16])
	}
}
