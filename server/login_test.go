package server_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	secp "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/didkey"
	"github.com/agentvault/teg-layer/server/auth/didweb"
	"github.com/agentvault/teg-layer/server/auth/fetch"
	"github.com/agentvault/teg-layer/server/auth/login"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// lettingIn lets agents log in, with sessions in the given store.
func lettingIn(t testing.TB, st store.Store, web login.Resolver) func(*server.Config) {
	t.Helper()
	keys := auth.Config{Algorithm: auth.HS256, Secret: []byte("0123456789abcdef0123456789abcdef")}
	signer, err := auth.NewSigner(keys, nil)
	require.NoError(t, err)
	service, err := login.New(ctx(), login.Config{
		Sessions: st.Sessions(), Signer: signer, Resolver: login.Resolvers{"key": didkey.Key{}, "jwk": didkey.JWK{}, "web": web},
		Reserved: func(id teg.DID) bool { return id == teg.DefaultTreasury },
	})
	require.NoError(t, err)
	keys.Revocations = service
	verifier, err := auth.New(keys)
	require.NoError(t, err)
	return func(c *server.Config) { c.Login, c.Verifier, c.ProvisionSelf = service, verifier, true }
}

// eachDoor runs a test on each database, on a market whose agents can log in.
func eachDoor(t *testing.T, test func(t *testing.T, m *market), options ...func(*server.Config)) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		test(t, newMarketOn(t, st, append([]func(*server.Config){lettingIn(t, st, nil)}, options...)...))
	})
}

// holder is an agent with the key of its DID.
type holder struct {
	id   teg.DID
	sign func(message []byte) []byte
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func newHolder(t testing.TB) holder {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return holder{didOf(t, public), func(m []byte) []byte { return ed25519.Sign(private, m) }}
}

func didOf(t testing.TB, public any) teg.DID {
	t.Helper()
	key, err := pubkey.New(public)
	require.NoError(t, err)
	return didkey.Of(key)
}

// holders have a key of each kind, in a DID of each method.
func holders(t *testing.T, named teg.DID) map[string]holder {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	k1, err := secp256k1.GeneratePrivateKey()
	require.NoError(t, err)
	byEd := func(m []byte) []byte { return ed25519.Sign(private, m) }
	byP256 := func(m []byte) []byte {
		digest := sha256.Sum256(m)
		r, s, err := ecdsa.Sign(rand.Reader, p256, digest[:])
		require.NoError(t, err)
		if n := elliptic.P256().Params().N; new(big.Int).Lsh(s, 1).Cmp(n) > 0 {
			s.Sub(n, s)
		}
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	byK1 := func(m []byte) []byte {
		digest := sha256.Sum256(m)
		return secp.SignCompact(k1, digest[:], true)[1:]
	}
	jwk := func(text string) teg.DID { return teg.Agent("did:jwk:" + b64([]byte(text))) }
	point, err := p256.PublicKey.Bytes()
	require.NoError(t, err)
	point1 := k1.PubKey().SerializeUncompressed()
	return map[string]holder{
		"did:key Ed25519": {didOf(t, public), byEd}, "did:key P-256": {didOf(t, &p256.PublicKey), byP256}, "did:key secp256k1": {didOf(t, k1.PubKey()), byK1},
		"did:jwk Ed25519":   {jwk(`{"kty":"OKP","crv":"Ed25519","x":"` + b64(public) + `"}`), byEd},
		"did:jwk P-256":     {jwk(`{"kty":"EC","crv":"P-256","x":"` + b64(point[1:33]) + `","y":"` + b64(point[33:]) + `"}`), byP256},
		"did:jwk secp256k1": {jwk(`{"crv":"secp256k1","kty":"EC","x":"` + b64(point1[1:33]) + `","y":"` + b64(point1[33:]) + `","use":"sig"}`), byK1},
		"did:web":           {named, byEd},
	}
}

// challenge asks for one, and returns what is to be posted in answer.
func (m *market) challenge(h holder) string {
	m.t.Helper()
	made := m.post("/auth/challenge", "", `{"agent_did":"`+h.id.String()+`"}`).is(200, "")
	text := made.at("challenge").(string)
	require.Regexp(m.t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`, made.at("expires_at"))
	return proof(h.id, text, b64(h.sign([]byte(text))))
}

func proof(id teg.DID, challenge, signature string) string {
	body, err := json.Marshal(map[string]string{"agent_did": id.String(), "challenge": challenge, "signature": signature})
	if err != nil {
		panic(err)
	}
	return string(body)
}

// enter logs a holder in.
func (m *market) enter(h holder) (access, refresh string) {
	m.t.Helper()
	r := m.post("/auth/token", "", m.challenge(h)).is(200, "")
	require.Equal(m.t, []any{"Bearer", json.Number("3600"), "no-store"}, []any{r.at("token_type"), r.at("expires_in"), r.header.Get("Cache-Control")})
	return r.at("access_token").(string), r.at("refresh_token").(string)
}

func bearing(refresh string) string { return `{"refresh_token":"` + refresh + `"}` }

// Whoever can sign is let in, with a profile of its own making, and is an agent like
// any other.
func TestEveryKindOfDIDLogsIn(t *testing.T) {
	var document string
	host := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(document)) }))
	t.Cleanup(host.Close)
	trust := host.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	trust.ServerName = "example.com" // of its certificate
	client := fetch.New(fetch.Config{TLS: trust, Timeout: time.Minute, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}})
	t.Cleanup(client.Close)
	named := teg.Agent("did:web:localhost%3A" + host.URL[strings.LastIndexByte(host.URL, ':')+1:] + ":alice")
	all := holders(t, named)
	document = fmt.Sprintf(`{"id":"%s","authentication":[{"id":"#k","type":"Multikey","publicKeyMultibase":"%s"}]}`, named, all["did:key Ed25519"].id.ID())
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		m := newMarketOn(t, st, lettingIn(t, st, didweb.New(didweb.Config{Client: client})))
		for name, h := range all {
			access, _ := m.enter(h)
			require.Equal(t, h.id.String(), m.get("/agent/profile", access).is(200, "").at("agent_id"), name)
			p, err := m.engine.Profile(ctx(), h.id)
			require.NoError(t, err)
			require.Equal(t, teg.FromSelf, p.Origin)
			m.post("/token/transfer", m.aliceToken, fmt.Sprintf(`{"receiver_agent_id":"%s","amount":"2"}`, h.id)).is(200, "")
			m.post("/token/transfer", access, `{"receiver_agent_id":"did:example:bob","amount":"1"}`).is(200, "")
			m.get("/admin/metrics", access).is(403, "AUTH_FORBIDDEN")
		}
	})
}

func TestLoginIsRefused(t *testing.T) {
	eachDoor(t, func(t *testing.T, m *market) {
		one, two := newHolder(t), newHolder(t)
		var good map[string]string
		require.NoError(t, json.Unmarshal([]byte(m.challenge(one)), &good))
		for why, body := range map[string]string{
			"by another key": proof(one.id, good["challenge"], b64(two.sign([]byte(good["challenge"])))), "for another": proof(two.id, good["challenge"], b64(two.sign([]byte(good["challenge"])))),
			"another text": proof(one.id, good["challenge"], b64(one.sign([]byte("another")))), "no challenge": proof(one.id, "", b64(one.sign(nil))), "no signature": proof(one.id, good["challenge"], ""),
			"long": proof(one.id, strings.Repeat("x", 10000), strings.Repeat("x", 10000)), "unknown method": proof(m.alice, good["challenge"], good["signature"]),
			"no resolver": proof(teg.Agent("did:web:alice.example"), good["challenge"], good["signature"]), "the system": proof(teg.DefaultTreasury, good["challenge"], good["signature"]),
		} {
			r := m.post("/auth/token", "", body)
			require.Equal(t, []any{401, "AUTH_INVALID_TOKEN", "Bearer"}, []any{r.status, r.body["error_code"], r.header.Get("WWW-Authenticate")}, why)
		}
		_, err := m.engine.Profile(ctx(), one.id)
		require.ErrorIs(t, err, teg.ErrNotFound, "who was not let in got no profile")
		m.post("/auth/challenge", "", `{"agent_did":"`+teg.DefaultTreasury.String()+`"}`).is(401, "AUTH_INVALID_TOKEN")

		body := proof(one.id, good["challenge"], good["signature"])
		m.post("/auth/token", "", body).is(200, "")
		m.post("/auth/token", "", body).is(401, "AUTH_INVALID_TOKEN") // used

		require.Equal(t, []string{"agent_did"}, m.post("/auth/challenge", "", `{"agent_did":"alice"}`).is(422, "VALIDATION_INVALID_INPUT").faults())
		require.Equal(t, []string{"agent_did", "challenge", "signature"}, m.post("/auth/token", "", `{}`).is(422, "VALIDATION_INVALID_INPUT").faults())
		r := m.post("/auth/refresh", "", `{"refresh_token":["tegr_hunter2"]}`).is(422, "VALIDATION_INVALID_INPUT")
		require.NotContains(t, r.text, "hunter2")
		m.post("/auth/refresh", m.token(one.id)+"x", bearing("tegr_x")).is(401, "AUTH_INVALID_TOKEN")
	})
}

// Of a hundred who refresh with one token at once, one gets tokens; and since that token
// was used a second time, the session is dead, with the tokens that one got.
func TestRefreshRace(t *testing.T) {
	eachDoor(t, func(t *testing.T, m *market) {
		h := newHolder(t)
		access, refresh := m.enter(h)
		elsewhere, spared := m.enter(h)
		answers := make([]reply, 100)
		var racing sync.WaitGroup
		for i := range answers {
			racing.Go(func() { answers[i] = m.post("/auth/refresh", "", bearing(refresh)) })
		}
		racing.Wait()
		var won []reply
		for _, r := range answers {
			if r.status == 200 {
				won = append(won, r)
				continue
			}
			r.is(401, "AUTH_TOKEN_REVOKED")
		}
		require.Len(t, won, 1)
		m.post("/auth/refresh", "", bearing(won[0].at("refresh_token").(string))).is(401, "AUTH_TOKEN_REVOKED")
		for _, token := range []string{access, won[0].at("access_token").(string)} {
			m.get("/agent/profile", token).is(401, "AUTH_TOKEN_REVOKED")
		}
		m.get("/agent/profile", elsewhere).is(200, "")
		m.post("/auth/refresh", "", bearing(spared)).is(200, "")
	}, func(c *server.Config) { c.RequestTimeout = 10 * time.Minute })
}

func TestRefreshAndRevoke(t *testing.T) {
	eachDoor(t, func(t *testing.T, m *market) {
		access, refresh := m.enter(newHolder(t))
		r := m.post("/auth/refresh", "", bearing(refresh)).is(200, "")
		m.get("/agent/profile", r.at("access_token").(string)).is(200, "")
		gone := m.post("/auth/revoke", "", bearing(r.at("refresh_token").(string)))
		require.Equal(t, []any{204, "", ""}, []any{gone.status, gone.text, gone.header.Get("Content-Type")})
		for _, token := range []string{access, r.at("access_token").(string)} {
			dead := m.get("/token/balance", token).is(401, "AUTH_TOKEN_REVOKED")
			require.Equal(t, "Bearer", dead.header.Get("WWW-Authenticate"))
			m.get("/token/fees/config", token).is(401, "AUTH_TOKEN_REVOKED") // a token that is sent is checked
		}
		m.post("/auth/refresh", "", bearing(r.at("refresh_token").(string))).is(401, "AUTH_TOKEN_REVOKED")
		require.Equal(t, 204, m.post("/auth/revoke", "", bearing(refresh)).status, "it has ended already")
		m.post("/auth/revoke", "", bearing("tegr_AAAA")).is(401, "AUTH_INVALID_TOKEN")
		m.post("/auth/revoke", "", bearing(access)).is(401, "AUTH_INVALID_TOKEN")
	})
}

// Who is suspended logs in and reads what is its own, and does nothing else.
func TestSuspendedAgentsLogIn(t *testing.T) {
	eachDoor(t, func(t *testing.T, m *market) {
		h := newHolder(t)
		before, _ := m.enter(h)
		m.post("/admin/accounts/suspend", m.admins, fmt.Sprintf(`{"agent_id":"%s","reason":"spam"}`, h.id)).is(200, "")
		access, refresh := m.enter(h)
		for _, token := range []string{before, access, m.post("/auth/refresh", "", bearing(refresh)).is(200, "").at("access_token").(string)} {
			m.get("/token/balance", token).is(200, "")
			m.post("/token/transfer", token, `{"receiver_agent_id":"did:example:bob","amount":"1"}`).is(403, "AUTH_AGENT_SUSPENDED")
		}
	})
}

// Where self-made DIDs get no profile, they log in all the same, which is how they prove
// who they are when they come with a bootstrap token.
func TestLoginWithoutProvisioning(t *testing.T) {
	eachDoor(t, func(t *testing.T, m *market) {
		h := newHolder(t)
		access, _ := m.enter(h)
		m.get("/token/balance", access).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.get("/token/fees/config", access).is(200, "")
		_, err := m.engine.Profile(ctx(), h.id)
		require.ErrorIs(t, err, teg.ErrNotFound, "a token of an issuer would have made one")
		m.get("/token/balance", m.token(h.id)).is(200, "")
		p, err := m.engine.Profile(ctx(), h.id)
		require.NoError(t, err)
		require.Equal(t, teg.FromRegistry, p.Origin)
	}, func(c *server.Config) { c.ProvisionSelf = false })
}

// A profile that was made while nobody looked is found; one that is missing for a login
// of before is made at its first use.
func TestProvisioningAtFirstUse(t *testing.T) {
	st := memory(t)
	option := lettingIn(t, st, nil)
	closed := newMarketOn(t, st, option, func(c *server.Config) { c.ProvisionSelf = false })
	h := newHolder(t)
	access, _ := closed.enter(h)
	open := over(t, closed.engine, option)
	open.get("/token/balance", access).is(200, "")
	p, err := closed.engine.Profile(ctx(), h.id)
	require.NoError(t, err)
	require.Equal(t, teg.FromSelf, p.Origin)
}

func TestServersThatLogNobodyIn(t *testing.T) {
	m := newMarket(t)
	for route, body := range map[string]string{"/auth/challenge": `{"agent_did":"did:example:alice"}`, "/auth/token": proof(m.alice, "c", "s"), "/auth/refresh": bearing("r"), "/auth/revoke": bearing("r")} {
		r := m.post(route, "", body).is(404, "ROUTE_NOT_FOUND")
		require.Contains(t, r.at("message"), "logs nobody in")
		m.post(route, "", `{`).is(400, "VALIDATION_MALFORMED_JSON")
	}
}

func TestLoginTellsNoSecrets(t *testing.T) {
	var lines bytes.Buffer
	st := memory(t)
	m := newMarketOn(t, st, lettingIn(t, st, nil), func(c *server.Config) {
		c.Logger, c.Debug = slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug})), true
	})
	h := newHolder(t)
	proven := m.challenge(h)
	r := m.post("/auth/token", "", proven)
	access, refresh := r.at("access_token").(string), r.at("refresh_token").(string)
	again := m.post("/auth/token", "", proven).text + m.post("/auth/refresh", "", bearing(refresh+"x")).text
	var sent map[string]string
	require.NoError(t, json.Unmarshal([]byte(proven), &sent))
	for _, secret := range []string{access, refresh, sent["signature"], sent["challenge"]} {
		require.NotContains(t, lines.String()+again, secret)
	}
}

// Without a database nobody is let in, and who is in stays in until its token ends.
func TestLoginWithoutDatabase(t *testing.T) {
	st, err := sqlite.OpenMemory(ctx())
	require.NoError(t, err)
	option := lettingIn(t, st, nil)
	engine, err := teg.New(ctx(), st, teg.Config{})
	require.NoError(t, err)
	m := &market{api: over(t, engine, option)}
	h := newHolder(t)
	access, refresh := m.enter(h)
	proven := m.challenge(h)
	tegtest.Verify(t, engine)
	require.NoError(t, engine.Close())
	require.NoError(t, st.Close())
	m.post("/auth/token", "", proven).is(503, "SYS_UNAVAILABLE")
	for _, route := range []string{"/auth/refresh", "/auth/revoke"} {
		r := m.post(route, "", bearing(refresh)).is(503, "SYS_UNAVAILABLE")
		require.Contains(t, r.at("message"), "log in again")
	}
	m.send("GET", "/health/live", access, "").is(200, "")
	m.challenge(h)
}
