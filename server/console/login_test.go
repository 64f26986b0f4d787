package console_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/didkey"
	"github.com/agentvault/teg-layer/server/auth/login"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
	"github.com/agentvault/teg-layer/server/console"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Who signs with a key of its DID is in, until it logs out: then its token is worth nothing.
func TestLoginByKey(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		s := newStandWithLogin(t, open(t))
		public, private, err := ed25519.GenerateKey(rand.Reader)
		require.NoError(t, err)
		key, err := pubkey.New(public)
		require.NoError(t, err)
		agent := didkey.Of(key).String()
		b := s.browser()
		r := b.post("/console/login/challenge", url.Values{"agent_did": {agent}, "next": {"/console/staking"}})
		b.shows(r, agent, "openssl pkeyutl")
		challenge := between(r.text, `name="challenge" value="`, `"`)
		require.NotEmpty(t, challenge)
		form := url.Values{"agent_did": {agent}, "challenge": {challenge}, "signature": {"bad"}, "next": {"/console/staking"}}
		require.NotEqual(t, http.StatusSeeOther, b.post("/console/login/signature", form).status)
		require.Empty(t, b.cookies)
		form.Set("signature", base64.RawURLEncoding.EncodeToString(ed25519.Sign(private, []byte(challenge)))+"\n")
		r = b.post("/console/login/signature", form)
		require.Equal(t, http.StatusSeeOther, r.status, r.text)
		require.Equal(t, "/console/staking", r.header.Get("Location"))
		b.shows(b.get("/console"), agent)
		kept := b.cookies["teg_console"]
		require.Equal(t, http.StatusSeeOther, b.post("/console/logout", url.Values{}).status)
		b.cookies["teg_console"] = kept // as if somebody had copied it
		r = b.get("/console")
		require.Equal(t, http.StatusSeeOther, r.status, "the session has ended")
		require.Equal(t, http.StatusUnprocessableEntity, s.browser().post("/console/login/challenge", url.Values{"agent_did": {"x"}}).status)
	})
}

// newStandWithLogin is a stand whose server lets agents in who sign.
func newStandWithLogin(t *testing.T, st store.Store) *stand {
	keys := auth.Config{Algorithm: auth.HS256, Secret: []byte("0123456789abcdef0123456789abcdef")}
	signer, err := auth.NewSigner(keys, nil)
	require.NoError(t, err)
	service, err := login.New(t.Context(), login.Config{
		Sessions: st.Sessions(), Signer: signer, Resolver: login.Resolvers{"key": didkey.Key{}}, Service: "teg", AccessTTL: time.Hour, RefreshTTL: 24 * time.Hour,
	})
	require.NoError(t, err)
	keys.Revocations = service
	verifier, err := auth.New(keys)
	require.NoError(t, err)
	engine := tegtest.Over(t, st)
	s := &stand{t: t, engine: engine, keys: keys}
	s.api = server.New(engine, server.Config{Verifier: verifier, Login: service, ProvisionSelf: true})
	s.console, err = console.New(console.Config{API: s.api, Secret: []byte("a secret for tests, of more than 32 bytes")})
	require.NoError(t, err)
	return s
}
