package console_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/console"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

func storeForOne(t *testing.T) store.Store { return storetest.OpenSQLite(t) }

// What agents write is text, wherever it is shown.
func TestStoredScripts(t *testing.T) {
	eachStand(t, func(s *stand) {
		hostile := `"><script>alert(1)</script><img src=x onerror=alert(2)> {{.}} javascript:alert(3)//' onmouseover='`
		r, err := s.engine.Transfer(t.Context(), teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1"), Message: hostile})
		require.NoError(s.t, err)
		b := s.loggedIn(s.bob)
		for _, path := range []string{"/console", "/console/transactions", "/console/transactions/" + r.TransactionID.String(),
			"/console/transactions?counterparty=" + url.QueryEscape(hostile), "/console/acts/pay?message=" + url.QueryEscape(hostile)} {
			p := b.get(path)
			b.shows(p, "alert(1)")
			require.NotContains(s.t, p.text, "<script>alert", path)
			require.NotContains(s.t, p.text, "<img", path)
			require.NotContains(s.t, p.text, "' onmouseover='", path)
		}
		p := s.browser().post("/console/login/challenge", url.Values{"agent_did": {hostile}, "next": {hostile}})
		require.NotContains(s.t, p.text, "<script>alert")
	})
}

// A page that was made for one agent does nothing for another who has logged in since in the same browser:
// neither what it confirms, nor the vote that it hashed for its juror.
func TestPagesOfWhoWasLoggedInBefore(t *testing.T) {
	s := newStand(t, storeForOne(t))
	carol := tegtest.Fund(t, s.engine, "did:example:carol", "1")
	given := url.Values{"receiver_agent_id": {carol.String()}, "amount": {"1"}}
	asked := s.loggedIn(s.alice).post("/console/acts/pay", given)
	given.Set("step", "do")
	for _, name := range []string{"key", "by"} {
		given.Set(name, between(asked.text, `name="`+name+`" value="`, `"`))
		require.NotEmpty(t, given.Get(name), name)
	}
	bob := s.loggedIn(s.bob)
	before := s.available(s.bob)
	r := bob.post("/console/acts/pay", given)
	require.Equal(t, http.StatusConflict, r.status)
	require.Contains(t, r.text, "Nothing was done")
	require.Equal(t, before, s.available(s.bob))
	dispute, jurors := s.summon()
	form := s.loggedIn(jurors[0]).get("/console/disputes/" + dispute.String()).text
	vote := url.Values{"dispute_id": {dispute.String()}, "by": {between(form, `name="by" value="`, `"`)}, "commitment": {strings.Repeat("0", 64)}}
	require.Equal(t, jurors[0].String(), vote.Get("by"))
	require.Equal(t, http.StatusConflict, s.loggedIn(jurors[1]).post("/console/acts/panel-commit", vote).status)
}

// Pages of others can have nothing done, and show no page in a frame.
func TestOtherOrigins(t *testing.T) {
	s := newStand(t, storeForOne(t))
	b := s.loggedIn(s.alice)
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
		{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, {"Sec-Fetch-Site", "", "Origin", "null"},
	} {
		for _, path := range []string{"/console/acts/pay", "/console/logout", "/console/login", "/console/login/signature"} {
			require.Equal(t, http.StatusForbidden, b.post(path, url.Values{"step": {"do"}}, headers...).status, "%s %s", path, headers)
		}
	}
	require.NotEmpty(t, b.cookies, "nobody was logged out")
	r := s.browser().get("/console/login?next=%2Fconsole%2Fstaking", "Sec-Fetch-Site", "cross-site") // as browsers do: without the cookie
	b.shows(r, `<a href="/console/staking">Go on`)
	r = s.browser().get("/console/login?next=%2F%2Fevil.example", "Sec-Fetch-Site", "cross-site")
	b.shows(r, `<a href="/console">Go on`)
}

// A cookie is a session only as it was sealed, by this secret, until its token ends.
func TestCookies(t *testing.T) {
	s := newStand(t, storeForOne(t))
	b := s.loggedIn(s.alice)
	good := b.cookies["teg_console"]
	require.NotEmpty(t, good)
	flipped := []byte(good)
	flipped[len(flipped)/2] ^= 1
	other, err := console.New(console.Config{API: s.api, Secret: []byte("another secret, of more than 32 bytes too")})
	require.NoError(t, err)
	elsewhere, err := console.New(console.Config{API: s.api, Base: "/elsewhere", Secret: []byte("a secret for tests, of more than 32 bytes")})
	require.NoError(t, err)
	foreign, err := other.Sealed(s.token(s.alice))
	require.NoError(t, err)
	moved, err := elsewhere.Sealed(s.token(s.alice))
	require.NoError(t, err)
	claims := fmt.Sprintf(`{"sub":"did:example:alice","roles":["agent"],"exp":%d}`, time.Now().Add(-time.Second).Unix())
	ended := "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
	late, err := s.console.Sealed(ended)
	require.NoError(t, err)
	for _, bad := range []string{"", "x", s.token(s.alice), string(flipped), good[:len(good)-1], foreign, moved, late} {
		require.False(t, s.console.Opens(bad))
		b := s.browser()
		b.cookies["teg_console"] = bad
		require.Equal(t, http.StatusSeeOther, b.get("/console").status)
	}
	require.True(t, s.console.Opens(good))
}

// The cookie is for this browser and these pages alone, over TLS unless it is this machine.
func TestCookieAttributes(t *testing.T) {
	s := newStand(t, storeForOne(t))
	r := s.browser().post("/console/login", url.Values{"token": {s.token(s.alice)}})
	cookie := r.header.Get("Set-Cookie")
	for _, part := range []string{"Path=/console", "HttpOnly", "SameSite=Strict", "Max-Age="} {
		require.Contains(t, cookie, part)
	}
	require.NotContains(t, cookie, "Secure")
	r = s.browser().post("/console/login", url.Values{"token": {s.token(s.alice)}}, "X-Forwarded-Proto", "https")
	cookie = r.header.Get("Set-Cookie")
	require.True(t, strings.HasPrefix(cookie, "__Host-teg_console="), "no other host of the domain can set it")
	for _, part := range []string{"Path=/;", "HttpOnly", "SameSite=Strict", "Secure"} { // without which browsers refuse that name
		require.Contains(t, cookie, part)
	}
	require.NotContains(t, cookie, "Domain")
}

func TestDestinations(t *testing.T) {
	s := newStand(t, storeForOne(t))
	require.Equal(t, "/console/transactions?limit=1", s.console.Destination("/console/transactions?limit=1"))
	for _, bad := range []string{"", "/", "/consoles", "//evil.example/console/", "https://evil.example/console/", "/console/../evil", "/console/%2e%2e/x",
		`/\evil.example`, `/console/\evil`, "javascript:alert(1)", "/console/x\r\nSet-Cookie: a=b", "http:/console/", "/api/v1/token/balance"} {
		require.Equal(t, "/console", s.console.Destination(bad), bad)
	}
}

// A token is in the cookie, sealed, and nowhere else.
func TestTokensStayInTheCookie(t *testing.T) {
	s := newStand(t, storeForOne(t))
	token := s.token(s.alice)
	b := s.browser()
	replies := []page{
		b.post("/console/login", url.Values{"token": {token + "x"}}), b.post("/console/login", url.Values{"token": {token}}),
		b.get("/console"), b.get("/console/acts/pay"), b.get("/console/nothing"),
		b.post("/console/acts/pay", url.Values{"receiver_agent_id": {"did:example:bob"}, "amount": {"1"}}), b.post("/console/logout", url.Values{}),
	}
	for _, r := range replies {
		require.NotContains(t, r.text, token)
		require.NotContains(t, r.header.Get("Location"), token)
		require.NotContains(t, r.header.Get("Set-Cookie"), token)
	}
	require.NotEmpty(t, s.log.String())
	require.NotContains(t, s.log.String(), token)
	require.Empty(t, b.cookies)
	require.Equal(t, http.StatusSeeOther, b.get("/console").status)
}

// Tokens that the API does not take let nobody in, and one that it takes no longer ends the
// session.
func TestTokensThatAreNotGood(t *testing.T) {
	s := newStand(t, storeForOne(t))
	foreign := auth.Config{Algorithm: auth.HS256, Secret: []byte("another secret, of more than 32 bytes too")}
	forged, err := auth.Mint(foreign, nil, auth.Identity{Agent: s.alice, Roles: auth.RolesOf(auth.Admin)}, time.Hour)
	require.NoError(t, err)
	b := s.browser()
	for _, bad := range []string{"", "x", "a.b.c", forged, s.token(s.alice) + " and more"} {
		r := b.post("/console/login", url.Values{"token": {bad}})
		require.Equal(t, http.StatusUnauthorized, r.status, bad)
		require.Contains(t, r.text, `role="alert"`)
		require.Empty(t, b.cookies)
	}
	b.cookies["teg_console"], err = s.console.Sealed(forged) // as if the key had been changed since
	require.NoError(t, err)
	r := b.get("/console/transactions")
	require.Equal(t, http.StatusSeeOther, r.status)
	require.Contains(t, r.header.Get("Location"), "why=ended")
	require.Empty(t, b.cookies)
	r = b.get("/console/transactions", "HX-Request", "true")
	require.NotEmpty(t, r.header.Get("HX-Redirect"))
}

// What is too long is refused.
func TestLongForms(t *testing.T) {
	s := newStand(t, storeForOne(t))
	b := s.loggedIn(s.alice)
	require.Equal(t, http.StatusBadRequest, b.post("/console/acts/pay", url.Values{"message": {strings.Repeat("x", 100_000)}}).status)
}

func TestConfigurationsThatAreNotGood(t *testing.T) {
	handler := http.NotFoundHandler()
	secret := []byte("a secret for tests, of more than 32 bytes")
	for _, bad := range []console.Config{{API: handler}, {API: handler, Secret: []byte("short")}, {Secret: secret}, {Secret: secret, URL: "nowhere"},
		{API: handler, Secret: secret, Base: "console"}} {
		_, err := console.New(bad)
		require.Error(t, err)
	}
}

// What is shown to be confirmed is what is done, in whole: nobody is taken for another whose
// name begins and ends like its own, and nothing is shown that is not sent.
func TestWhatIsConfirmedIsWhatIsDone(t *testing.T) {
	s := newStand(t, storeForOne(t))
	twin := "did:example:payments-of-the-trader-evil.example-accounts-01"
	tegtest.Fund(t, s.engine, twin, "0")
	b := s.loggedIn(s.alice)
	r := b.post("/console/acts/pay", url.Values{"receiver_agent_id": {twin}, "amount": {"1"}})
	b.shows(r, "This is what will be done")
	require.Contains(t, between(r.text, "<dt>Receiver</dt>", "</dd>"), ">"+twin+"<")

	r = b.post("/console/acts/pay", url.Values{"receiver_agent_id": {"did:example:bob"}, "amount": {"1"}, "message": {"first", "second"}})
	b.shows(r, `"message":"first"`)
	require.NotContains(t, r.text, "second")
	auditor := s.loggedIn(teg.Agent("did:example:auditor"), auth.Auditor)
	other, err := s.engine.RaiseFlag(t.Context(), teg.RaiseFlagParams{By: tegtest.Admin, Agent: s.bob, Code: "TOO_BAD", Reason: "as of a foe", Severity: teg.SeverityLow})
	require.NoError(t, err)
	r = auditor.post("/console/acts/flags-review", url.Values{"flag_ids": {s.flag.String(), other.ID.String()}, "status": {"UNDER_REVIEW"}})
	auditor.shows(r, `["`+s.flag.String()+`","`+other.ID.String()+`"]`)
}

// losing carries transfers out and loses their answers, until it is mended.
type losing struct {
	http.Handler
	mended atomic.Bool
}

func (l *losing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/token/transfer") && !l.mended.Load() {
		l.Handler.ServeHTTP(httptest.NewRecorder(), r)
		panic("the answer is lost")
	}
	l.Handler.ServeHTTP(w, r)
}

// Who is not told whether a payment was made, and has it made again from the page that says
// so, pays once.
func TestOutcomesInDoubt(t *testing.T) {
	s := newStand(t, storeForOne(t))
	way := &losing{Handler: s.api}
	var err error
	s.console, err = console.New(console.Config{API: way, Secret: []byte("a secret for tests, of more than 32 bytes")})
	require.NoError(t, err)
	b := s.loggedIn(s.alice)
	given := url.Values{"receiver_agent_id": {"did:example:bob"}, "amount": {"7"}}
	hidden := func(r page) url.Values {
		next := url.Values{}
		for name := range map[string]bool{"receiver_agent_id": true, "amount": true, "message": true, "key": true, "step": true} {
			next.Set(name, between(r.text, `type="hidden" name="`+name+`" value="`, `"`))
		}
		return next
	}
	r := b.post("/console/acts/pay", hidden(b.post("/console/acts/pay", given)))
	require.Equal(t, http.StatusBadGateway, r.status)
	require.Contains(t, r.text, "It is not known whether it was done")
	require.NotContains(t, r.text, "Change it")
	require.Equal(t, "22", s.available(s.bob))
	way.mended.Store(true)
	b.shows(b.post("/console/acts/pay", hidden(r)), "Done.")
	require.Equal(t, "22", s.available(s.bob), "once")
}

// A page that asks to confirm is good for less time than servers remember keys: a browser that
// sends it again days later, as it reloads what came of it, pays nothing.
func TestOldConfirmationsAreAskedForAgain(t *testing.T) {
	s := newStand(t, storeForOne(t))
	b := s.loggedIn(s.alice)
	given := url.Values{"receiver_agent_id": {"did:example:bob"}, "amount": {"7"}}
	key := between(b.post("/console/acts/pay", given).text, `name="key" value="`, `"`)
	require.False(t, console.Stale(key, time.Now().Add(11*time.Hour)))
	require.True(t, console.Stale(key, time.Now().Add(13*time.Hour)))
	given.Set("step", "do")
	given.Set("key", console.NewKey(time.Now().Add(-13*time.Hour)))
	r := b.post("/console/acts/pay", given)
	b.shows(r, "That page is old", "This is what will be done")
	require.Equal(t, "15", s.available(s.bob))
	given.Set("key", between(r.text, `name="key" value="`, `"`))
	b.shows(b.post("/console/acts/pay", given), "Done.")
	require.Equal(t, "22", s.available(s.bob))
}
