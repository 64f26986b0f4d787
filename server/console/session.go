package console

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
)

// holder is who is logged in: the bearer of a token. What is read of it here decides what is
// shown; what it is good for decides the API.
type holder struct {
	token, refresh string
	Agent          did.DID
	Roles          auth.Roles
	Ends           time.Time
}

func (h *holder) may(roles auth.Roles) bool { return h.Roles.Only(roles) != 0 }

// newHolder reads a token. Its signature is for the API to check.
func newHolder(token, refresh string) (*holder, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errNoToken
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, errNoToken
	}
	var claims struct {
		Subject did.DID  `json:"sub"`
		Roles   []string `json:"roles"`
		Expires float64  `json:"exp"`
	}
	if json.Unmarshal(text, &claims) != nil || claims.Subject.IsZero() {
		return nil, errNoToken
	}
	h := &holder{token: token, refresh: refresh, Agent: claims.Subject, Ends: time.Unix(int64(claims.Expires), 0)}
	for _, name := range claims.Roles {
		if role, err := auth.ParseRole(name); err == nil { // unknown ones give nothing
			h.Roles |= auth.RolesOf(role)
		}
	}
	return h, nil
}

var errNoToken = errors.New("that is no token: paste all three parts of it, with the dots between them")

// seal keeps sessions in cookies that nobody else can make or read.
type seal struct {
	box  cipher.AEAD
	base string
}

const leastSecret = 32

func newSeal(secret []byte, base string) (*seal, error) {
	if len(secret) < leastSecret {
		return nil, errors.New("console: Secret must have at least 32 bytes")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "teg console session 1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	box, err := cipher.NewGCM(block)
	return &seal{box, base}, err
}

// close seals a session.
func (s *seal) close(h *holder) string {
	nonce := make([]byte, s.box.NonceSize())
	_, _ = rand.Read(nonce) // which never fails
	return base64.RawURLEncoding.EncodeToString(s.box.Seal(nonce, nonce, []byte(h.token+" "+h.refresh), []byte(s.base)))
}

// open returns the session of a cookie; nil where that is none, or has ended.
func (s *seal) open(cookie string) *holder {
	text, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil || len(text) < s.box.NonceSize() {
		return nil
	}
	plain, err := s.box.Open(nil, text[:s.box.NonceSize()], text[s.box.NonceSize():], []byte(s.base))
	if err != nil {
		return nil
	}
	token, refresh, _ := strings.Cut(string(plain), " ")
	h, err := newHolder(token, refresh)
	if err != nil || !time.Now().Before(h.Ends) {
		return nil
	}
	return h
}

// The names of the cookie. Browsers take one that begins with __Host- over TLS alone, and from
// this host alone: another one of the same domain cannot give people a session of its own. Such
// a cookie has no path.
const (
	plainCookie  = "teg_console"
	secureCookie = "__Host-teg_console"
)

// maxCookie is the longest that browsers keep, with its attributes.
const maxCookie = 3900

// holder is who sent a request; nil for nobody who is logged in.
func (c *Console) holder(r *http.Request) *holder {
	cookie, err := r.Cookie(cookieName(r))
	if err != nil {
		return nil
	}
	return c.seal.open(cookie.Value)
}

// remember gives the browser a session.
func (c *Console) remember(w http.ResponseWriter, r *http.Request, h *holder) error {
	sealed := c.seal.close(h)
	if len(sealed) > maxCookie {
		return errors.New("the token is too long to be kept in a browser: use one with fewer claims")
	}
	http.SetCookie(w, c.cookie(r, sealed, int(time.Until(h.Ends)/time.Second)))
	return nil
}

// forget takes the session out of the browser.
func (c *Console) forget(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, c.cookie(r, "", -1))
}

func (c *Console) cookie(r *http.Request, value string, age int) *http.Cookie {
	name, path := cookieName(r), c.config.Base
	if name == secureCookie {
		path = "/"
	}
	return &http.Cookie{
		Name: name, Value: value, Path: path, MaxAge: age,
		HttpOnly: true, Secure: !plainLoopback(r), SameSite: http.SameSiteStrictMode,
	}
}

func cookieName(r *http.Request) string {
	if plainLoopback(r) {
		return plainCookie
	}
	return secureCookie
}

// plainLoopback reports whether a request came without TLS to this machine itself, where
// nobody listens on the way.
func plainLoopback(r *http.Request) bool {
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return false
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && address.IsLoopback()
}
