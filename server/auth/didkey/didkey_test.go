package didkey_test

import (
	"context"
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth/didkey"
)

func TestKey(t *testing.T) {
	id := did.MustParse("did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme")
	keys, err := didkey.Key{}.Keys(context.Background(), id)
	require.NoError(t, err)
	require.Len(t, keys, 1)
	require.Equal(t, id, didkey.Of(keys[0]))
	for _, other := range []string{"did:web:example.com", "did:key:z6Mk", "did:key:6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp", "did:key:a:b"} {
		_, err := didkey.Key{}.Keys(context.Background(), did.MustParse(other))
		require.Error(t, err, other)
	}
}

// The example of the did:jwk specification, and what is none.
func TestJWK(t *testing.T) {
	id := did.MustParse("did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9")
	keys, err := didkey.JWK{}.Keys(context.Background(), id)
	require.NoError(t, err)
	require.Equal(t, "ES256", keys[0].Algorithm())
	const ed = `"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`
	for text, good := range map[string]bool{
		`{` + ed + `}`: true, `{` + ed + `,"alg":"EdDSA"}`: true, `{` + ed + `,"alg":"ES256"}`: false, `{` + ed + `,"use":"enc"}`: false, `{` + ed + `,"d":"AA"}`: false, `{}`: false, `x`: false,
	} {
		_, err := didkey.JWK{}.Keys(context.Background(), did.MustParse("did:jwk:"+base64.RawURLEncoding.EncodeToString([]byte(text))))
		require.Equal(t, good, err == nil, text)
	}
	for _, other := range []string{"did:key:z6Mk", "did:jwk:e%30", "did:jwk:e30.", "did:jwk:a"} {
		_, err := didkey.JWK{}.Keys(context.Background(), did.MustParse(other))
		require.Error(t, err, other)
	}
}
