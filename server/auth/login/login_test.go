package login_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/didkey"
	"github.com/agentvault/teg-layer/server/auth/login"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/sqlite"
)

var secret = []byte("0123456789abcdef0123456789abcdef")

func ctx() context.Context { return context.Background() }

// desk is a service with a clock to move, and an agent who can sign.
type desk struct {
	t        *testing.T
	sessions store.Sessions
	service  *login.Service
	verifier *auth.Verifier
	agent    did.DID
	private  ed25519.PrivateKey

	mu  sync.Mutex
	now time.Time
}

func newDesk(t *testing.T, change ...func(*login.Config)) *desk {
	st, err := sqlite.OpenMemory(ctx())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	d := &desk{t: t, sessions: st.Sessions(), now: time.Now().Truncate(time.Second)}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	key, err := pubkey.New(public)
	require.NoError(t, err)
	d.agent, d.private = didkey.Of(key), private
	d.service = d.serve(secret, change...)
	d.verifier, err = auth.New(auth.Config{Secret: secret, Revocations: d.service, Now: d.clock})
	require.NoError(t, err)
	return d
}

// serve is another server on the same database.
func (d *desk) serve(secret []byte, change ...func(*login.Config)) *login.Service {
	d.t.Helper()
	signer, err := auth.NewSigner(auth.Config{Secret: secret, Now: d.clock}, nil)
	require.NoError(d.t, err)
	c := login.Config{Sessions: d.sessions, Signer: signer, Resolver: login.Resolvers{"key": didkey.Key{}}, Now: d.clock}
	for _, each := range change {
		each(&c)
	}
	service, err := login.New(ctx(), c)
	require.NoError(d.t, err)
	return service
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

func (d *desk) challenge() string {
	d.t.Helper()
	made, err := d.service.Challenge(d.agent)
	require.NoError(d.t, err)
	return made.Text
}

func (d *desk) sign(text string) string {
	return base64.RawURLEncoding.EncodeToString(ed25519.Sign(d.private, []byte(text)))
}

// open logs the agent in.
func (d *desk) open() login.Tokens {
	d.t.Helper()
	text := d.challenge()
	require.NoError(d.t, d.service.Prove(ctx(), d.agent, text, d.sign(text)))
	tokens, err := d.service.Open(ctx(), d.agent)
	require.NoError(d.t, err)
	return tokens
}

// is checks what the access token is worth.
func (d *desk) is(token string, want error) auth.Identity {
	d.t.Helper()
	id, err := d.verifier.Verify(ctx(), token)
	require.ErrorIs(d.t, err, want)
	return id
}

func TestLogin(t *testing.T) {
	d := newDesk(t)
	made, err := d.service.Challenge(d.agent)
	require.NoError(t, err)
	require.Regexp(t, `^teg-login-1\|teg\|`+d.agent.String()+`\|\d{10}\|[A-Z2-7]{26}\|[A-Za-z0-9_-]{43}$`, made.Text)
	require.Equal(t, d.clock().Add(5*time.Minute).UTC(), made.ExpiresAt)
	require.NotEqual(t, made.Text, d.challenge(), "no two are the same")
	tokens := d.open()
	id := d.is(tokens.Access, nil)
	require.Equal(t, d.agent, id.Agent)
	require.Equal(t, auth.RolesOf(auth.Agent), id.Roles)
	require.Regexp(t, `^ses_[0-9a-f]{32}$`, id.Session)
	require.NotEmpty(t, id.TokenID)
	require.Equal(t, time.Hour, tokens.ExpiresIn)
	require.NotContains(t, tokens.Access+tokens.Refresh, string(secret))
}

func TestChallengesAreOfThisServiceForThisDID(t *testing.T) {
	d := newDesk(t)
	text := d.challenge()
	at := strings.LastIndexByte(text, '|')
	foreign, err := d.serve([]byte("another secret of at least 32 bytes")).Challenge(d.agent)
	require.NoError(t, err)
	other, err := d.service.Challenge(did.MustParse("did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"))
	require.NoError(t, err)
	later := strings.Split(text, "|")
	later[3] = "9999999999"
	for why, challenge := range map[string]string{
		"of another's DID": other.Text, "by another server": foreign.Text, "nothing": "", "made up": "teg-login-1|teg|" + d.agent.String() + "|9999999999|n|c",
		"no code": text[:at], "empty code": text[:at+1], "of a longer time": strings.Join(later, "|"), "with more": text + "|", "cut": text[:len(text)-1],
		"with a space": text + " ", "long": strings.Repeat("|", 4096), "another code": text[:at+1] + strings.Repeat("A", 43), "a refresh token": d.open().Refresh,
	} {
		err := d.service.Prove(ctx(), d.agent, challenge, d.sign(challenge))
		require.ErrorIs(t, err, auth.ErrInvalid, why)
		require.ErrorContains(t, err, "not one of this service for this DID", why)
	}
	twin := d.serve(secret)
	require.NoError(t, twin.Prove(ctx(), d.agent, text, d.sign(text)), "servers with one key are one service")
}

func TestChallengesEndAndAreUsedOnce(t *testing.T) {
	d := newDesk(t)
	text := d.challenge()
	require.ErrorContains(t, d.service.Prove(ctx(), d.agent, text, d.sign("another text")), "signature")
	require.NoError(t, d.service.Prove(ctx(), d.agent, text, d.sign(text)), "a signature that is none used nothing up")
	for _, service := range []*login.Service{d.service, d.serve(secret)} {
		require.ErrorContains(t, service.Prove(ctx(), d.agent, text, d.sign(text)), "used already")
	}
	late := d.challenge()
	d.pass(5 * time.Minute)
	require.ErrorContains(t, d.service.Prove(ctx(), d.agent, late, d.sign(late)), "expired")

	twins := d.challenge()
	results := make([]error, 16)
	var racing sync.WaitGroup
	for i := range results {
		racing.Go(func() { results[i] = d.service.Prove(ctx(), d.agent, twins, d.sign(twins)) })
	}
	racing.Wait()
	let := 0
	for _, err := range results {
		if err == nil {
			let++
			continue
		}
		require.ErrorContains(t, err, "used already")
	}
	require.Equal(t, 1, let)
}

func TestSignaturesThatAreNone(t *testing.T) {
	d := newDesk(t)
	text := d.challenge()
	good := d.sign(text)
	raw, err := base64.RawURLEncoding.DecodeString(good)
	require.NoError(t, err)
	for why, signature := range map[string]string{
		"empty": "", "padded": good + "==", "broken": good[:40] + "\n" + good[40:], "another alphabet": base64.StdEncoding.EncodeToString(raw), "short": good[:84],
		"long": base64.RawURLEncoding.EncodeToString(append(raw, 0)), "trailing bits": good[:85] + string(good[85]+1), "zeros": base64.RawURLEncoding.EncodeToString(make([]byte, 64)),
	} {
		err := d.service.Prove(ctx(), d.agent, text, signature)
		require.ErrorIs(t, err, auth.ErrInvalid, why)
		require.ErrorContains(t, err, "signature", why)
	}
}

// broken resolves nothing, and says why to nobody.
type broken struct{}

func (broken) Keys(context.Context, did.DID) ([]pubkey.Key, error) {
	return nil, errors.New("dial tcp 10.0.0.7:443: connection refused")
}

func TestDIDsThatCannotLogIn(t *testing.T) {
	web := did.MustParse("did:web:alice.example")
	treasury := did.MustParse("did:agentvault:treasury")
	d := newDesk(t, func(c *login.Config) {
		c.Resolver = login.Resolvers{"web": broken{}}
		c.Reserved = func(id did.DID) bool { return id == treasury }
	})
	_, err := d.service.Challenge(treasury)
	require.ErrorIs(t, err, auth.ErrInvalid)
	for id, reason := range map[did.DID]string{web: "no keys were found", treasury: "account of the system", did.MustParse("did:example:alice"): "of this method"} {
		text := "x"
		if id != treasury {
			made, err := d.service.Challenge(id)
			require.NoError(t, err)
			text = made.Text
		}
		err := d.service.Prove(ctx(), id, text, d.sign(text))
		require.ErrorIs(t, err, auth.ErrInvalid)
		require.ErrorContains(t, err, reason)
		require.NotContains(t, err.Error(), "10.0.0.7")
	}
	gone, cancel := context.WithCancel(ctx())
	cancel()
	made, err := d.service.Challenge(web)
	require.NoError(t, err)
	require.ErrorIs(t, d.service.Prove(gone, web, made.Text, d.sign(made.Text)), context.Canceled)
}

func TestRefreshTokensRotate(t *testing.T) {
	d := newDesk(t)
	before := d.open()
	session := d.is(before.Access, nil).Session
	for range 3 {
		d.pass(10 * time.Minute)
		after, err := d.service.Refresh(ctx(), before.Refresh)
		require.NoError(t, err)
		require.NotEqual(t, before.Refresh, after.Refresh)
		require.Equal(t, session, d.is(after.Access, nil).Session)
		d.is(before.Access, nil) // its own time is not over
		before = after
	}
	d.pass(login.DefaultRefreshTTL)
	_, err := d.service.Refresh(ctx(), before.Refresh)
	require.ErrorContains(t, err, "log in again", "however often it was refreshed")
	require.ErrorIs(t, err, auth.ErrInvalid)
}

// Whoever brings an old refresh token ends its session, and with it every token of it.
func TestReuseEndsTheSession(t *testing.T) {
	var lines bytes.Buffer
	d := newDesk(t, func(c *login.Config) { c.Logger = slog.New(slog.NewTextHandler(&lines, nil)) })
	stolen, other := d.open(), d.open()
	kept, err := d.service.Refresh(ctx(), stolen.Refresh)
	require.NoError(t, err)
	_, err = d.service.Refresh(ctx(), stolen.Refresh)
	require.ErrorIs(t, err, auth.ErrRevoked)
	require.ErrorContains(t, err, "used before")
	require.Contains(t, lines.String(), "agent="+d.agent.String(), "whoever runs this is told")
	require.NotContains(t, lines.String(), stolen.Refresh)
	_, err = d.service.Refresh(ctx(), kept.Refresh)
	require.ErrorIs(t, err, auth.ErrRevoked)
	d.is(stolen.Access, auth.ErrRevoked)
	d.is(kept.Access, auth.ErrRevoked)
	d.is(other.Access, nil)
	_, err = d.service.Refresh(ctx(), other.Refresh)
	require.NoError(t, err, "other logins of the agent go on")
}

// Who knows the name of a session, which each of its access tokens says, can do nothing
// to it.
func TestForgedRefreshTokensEndNothing(t *testing.T) {
	d := newDesk(t)
	tokens := d.open()
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(tokens.Refresh, "tegr_"))
	require.NoError(t, err)
	forged := func(change func([]byte)) string {
		b := append([]byte(nil), raw...)
		change(b)
		return "tegr_" + base64.RawURLEncoding.EncodeToString(b)
	}
	for why, token := range map[string]string{
		"next generation": forged(func(b []byte) { b[23]++ }), "another session": forged(func(b []byte) { b[0]++ }), "another code": forged(func(b []byte) { b[55]++ }),
		"empty": "", "no form": tokens.Refresh[5:], "cut": tokens.Refresh[:40], "more": tokens.Refresh + "A", "padded": tokens.Refresh + "=", "a line break": tokens.Refresh + "\n",
		"the access token": tokens.Access, "a challenge": d.challenge(),
	} {
		_, err := d.service.Refresh(ctx(), token)
		require.ErrorIs(t, err, auth.ErrInvalid, why)
		require.ErrorIs(t, d.service.Revoke(ctx(), token), auth.ErrInvalid, why)
	}
	_, err = d.serve([]byte("another secret of at least 32 bytes")).Refresh(ctx(), tokens.Refresh)
	require.ErrorIs(t, err, auth.ErrInvalid, "another server's key")
	_, err = d.service.Refresh(ctx(), tokens.Refresh)
	require.NoError(t, err)
}

// Cross-JWT confusion (RFC 8725, 2.8): what is no access token does not pass for one.
func TestBCP28RefreshTokensAndChallengesAreNoAccessTokens(t *testing.T) {
	d := newDesk(t)
	tokens, text := d.open(), d.challenge()
	for _, token := range []string{tokens.Refresh, text, strings.ReplaceAll(text, "|", "."), strings.TrimPrefix(tokens.Refresh, "tegr_")} {
		d.is(token, auth.ErrInvalid)
	}
}

func TestRevokeEndsTheSession(t *testing.T) {
	d := newDesk(t)
	old := d.open()
	tokens, err := d.service.Refresh(ctx(), old.Refresh)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, d.service.Revoke(ctx(), tokens.Refresh), "again is no error")
		d.is(tokens.Access, auth.ErrRevoked)
		d.is(old.Access, auth.ErrRevoked)
	}
	_, err = d.service.Refresh(ctx(), tokens.Refresh)
	require.ErrorIs(t, err, auth.ErrRevoked)
	another := d.open()
	next, err := d.service.Refresh(ctx(), another.Refresh)
	require.NoError(t, err)
	require.NoError(t, d.service.Revoke(ctx(), another.Refresh), "by a token that was traded already, too")
	d.is(next.Access, auth.ErrRevoked)
}

// What ends on one server ends on the others of the database, on those that run and on
// those that start later.
func TestOtherServersLearn(t *testing.T) {
	d := newDesk(t)
	other := d.serve(secret)
	running, stop := context.WithCancel(ctx())
	ended := make(chan error, 1)
	go func() { ended <- other.Run(running) }()
	tokens := d.open()
	session := d.is(tokens.Access, nil).Session
	require.False(t, other.Revoked(session))
	require.NoError(t, d.service.Revoke(ctx(), tokens.Refresh))
	require.True(t, d.serve(secret).Revoked(session), "from its start on")
	require.Eventually(t, func() bool { return other.Revoked(session) }, time.Minute, 10*time.Millisecond)
	stop()
	require.NoError(t, <-ended)
}

// away is a database that does not answer.
type away struct{ store.Sessions }

var errAway = errors.New("away")

func (away) UseChallenge(context.Context, [32]byte, time.Time) (bool, error) { return true, errAway }
func (away) OpenSession(context.Context, store.Session) error                { return errAway }
func (away) EndedSessions(context.Context, time.Duration) ([]store.SessionID, error) {
	return nil, errAway
}
func (away) RotateSession(context.Context, store.SessionID, int64, time.Time) (store.Session, store.SessionState, error) {
	return store.Session{}, store.SessionOpen, errAway
}
func (away) RevokeSession(context.Context, store.SessionID, time.Time) (store.SessionState, error) {
	return store.SessionOpen, errAway
}

// startsThenGoes answers while the service starts.
type startsThenGoes struct{ away }

func (startsThenGoes) EndedSessions(context.Context, time.Duration) ([]store.SessionID, error) {
	return nil, nil
}

func TestTheDatabaseIsAway(t *testing.T) {
	d := newDesk(t)
	tokens, text := d.open(), d.challenge()
	signer, err := auth.NewSigner(auth.Config{Secret: secret}, nil)
	require.NoError(t, err)
	c := login.Config{Sessions: away{}, Signer: signer, Resolver: login.Resolvers{"key": didkey.Key{}}}
	_, err = login.New(ctx(), c)
	require.ErrorIs(t, err, errAway, "who cannot learn what has ended does not start")
	c.Sessions = startsThenGoes{}
	service, err := login.New(ctx(), c)
	require.NoError(t, err)
	require.ErrorIs(t, service.Prove(ctx(), d.agent, text, d.sign(text)), errAway)
	_, err = service.Open(ctx(), d.agent)
	require.ErrorIs(t, err, errAway)
	_, err = service.Refresh(ctx(), tokens.Refresh)
	require.ErrorIs(t, err, errAway)
	require.ErrorIs(t, service.Revoke(ctx(), tokens.Refresh), errAway)
	require.False(t, service.Revoked(d.is(tokens.Access, nil).Session), "nothing was ended")
}

func TestConfigurationsThatCannotBe(t *testing.T) {
	d := newDesk(t)
	signer, err := auth.NewSigner(auth.Config{Secret: secret}, nil)
	require.NoError(t, err)
	for _, c := range []login.Config{
		{}, {Sessions: d.sessions, Signer: signer}, {Sessions: d.sessions, Resolver: broken{}}, {Signer: signer, Resolver: broken{}},
		{Sessions: d.sessions, Signer: signer, Resolver: broken{}, AccessTTL: time.Millisecond}, {Sessions: d.sessions, Signer: signer, Resolver: broken{}, RefreshTTL: -1},
	} {
		_, err := login.New(ctx(), c)
		require.Error(t, err)
	}
}
