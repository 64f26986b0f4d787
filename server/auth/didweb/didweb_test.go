package didweb_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth/didweb"
	"github.com/agentvault/teg-layer/server/auth/fetch"
)

// Keys of the specification of did:key.
const ed25519, secp256k1, p256 = "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp", "zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"

const jwk = `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`

// web is a host of documents on this machine.
type web struct {
	*httptest.Server
	documents map[string]string // by path; read while no request is under way
	asked     atomic.Int64
	resolver  *didweb.Resolver
	now       time.Time
}

func newWeb(t *testing.T) *web {
	w := &web{documents: map[string]string{}, now: time.Unix(1_800_000_000, 0)}
	w.Server = httptest.NewTLSServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		w.asked.Add(1)
		if text, ok := w.documents[r.URL.EscapedPath()]; ok {
			_, _ = answer.Write([]byte(text))
			return
		}
		answer.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(w.Close)
	trust := w.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	trust.ServerName = "example.com"
	client := fetch.New(fetch.Config{TLS: trust, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}, Timeout: time.Minute})
	t.Cleanup(client.Close)
	w.resolver = didweb.New(didweb.Config{Client: client, Now: func() time.Time { return w.now }})
	return w
}

// id is a DID of the host.
func (w *web) id(path string) did.DID {
	return did.MustParse("did:web:localhost%3A" + w.URL[strings.LastIndexByte(w.URL, ':')+1:] + path)
}

func (w *web) keys(of did.DID) ([]string, error) {
	keys, err := w.resolver.Keys(context.Background(), of)
	var list []string
	for _, key := range keys {
		list = append(list, key.Algorithm())
	}
	return list, err
}

func TestAddress(t *testing.T) {
	for id, want := range map[string]string{
		"did:web:example.com":                     "https://example.com/.well-known/did.json",
		"did:web:example.com%3A3000":              "https://example.com:3000/.well-known/did.json",
		"did:web:example.com%3a3000:user:alice":   "https://example.com:3000/user/alice/did.json",
		"did:web:w3c-ccg.github.io:user:al%20ice": "https://w3c-ccg.github.io/user/al%20ice/did.json",
		"did:web:xn--bcher-kva.example:a%3Fb%23c": "https://xn--bcher-kva.example/a%3Fb%23c/did.json",
		"did:web:127.0.0.1":                       "", "did:web:2130706433": "", "did:web:0x7f000001": "", "did:web:0177.1": "", "did:web:a.0x7f": "",
		"did:web:%5B%3A%3A1%5D": "", "did:web:Example.com": "", "did:web:example.com.": "", "did:web:.example.com": "", "did:web:-a.com": "",
		"did:web:user%40example.com": "", "did:web:example.com%2Fa": "", "did:web:example.com%3A": "", "did:web:example.com%3A0": "", "did:web:example.com%3A99999": "",
		"did:web:example.com%3A80%3A81": "", "did:web:a%00.com": "", "did:web:example.com:..": "", "did:web:example.com:%2e%2e": "", "did:web:example.com:a%2Fb": "",
		"did:web:example.com::a": "", "did:key:z6Mk": "",
		"did:web:" + strings.Repeat("a", 64) + ".com": "",
	} {
		got, err := didweb.Address(did.MustParse(id))
		require.Equal(t, want, got, id)
		require.Equal(t, want == "", errors.Is(err, didweb.ErrNotFound), id)
	}
}

func TestKeysOfDocuments(t *testing.T) {
	w := newWeb(t)
	root, alice := w.id(""), w.id(":user:alice")
	w.documents["/.well-known/did.json"] = fmt.Sprintf(`{"@context":["https://www.w3.org/ns/did/v1"],"id":"%[1]s","verificationMethod":[
		{"id":"%[1]s#a","type":"Multikey","controller":"%[1]s","publicKeyMultibase":"%[2]s"},
		{"id":"#b","type":"JsonWebKey","controller":"%[1]s","publicKeyJwk":%[3]s},
		{"id":"%[1]s#c","type":"Multikey","controller":"%[1]s","publicKeyMultibase":"%[4]s"},
		{"id":"%[1]s#d","type":"Unknown","controller":"%[1]s","publicKeyWhat":"?"}],
		"authentication":["#a","%[1]s#b","#d","#missing",7,{"id":"#e","type":"Multikey","controller":"%[1]s","publicKeyMultibase":"%[5]s"}],
		"assertionMethod":["#c"],"service":[{"id":"#s","type":"x","serviceEndpoint":"http://127.0.0.1:1"}]}`, root, ed25519, jwk, p256, secp256k1)
	keys, err := w.keys(root)
	require.NoError(t, err)
	require.Equal(t, []string{"EdDSA", "EdDSA", "ES256K"}, keys, "those for authentication, and no others")

	w.documents["/user/alice/did.json"] = fmt.Sprintf(`{"id":"%s","authentication":[{"id":"#k","publicKeyMultibase":"%s"}]}`, alice, p256)
	keys, err = w.keys(alice)
	require.NoError(t, err)
	require.Equal(t, []string{"ES256"}, keys)
}

func TestUnsoundDocuments(t *testing.T) {
	w := newWeb(t)
	key := `{"id":"#k","publicKeyMultibase":"` + ed25519 + `"}`
	for i, text := range []string{
		`{"id":"%s","id":"%[1]s","authentication":[` + key + `]}`, `{"id":"did:web:mallory.example","authentication":[` + key + `]}`, `{"authentication":[` + key + `]}`,
		`{"id":"%s","verificationMethod":[` + key + `]}`, `{"id":"%s","authentication":"#k"}`, `{"id":"%s","authentication":[]}`, `{"id":"%s","authentication":[{"publicKeyMultibase":"z"}]}`,
		`[]`, ``, `<html>%s`, `{"id":"%s","authentication":[{"publicKeyJwk":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"AA"}}]}`,
		`{"id":"%s","authentication":[` + key + `],"x":"` + strings.Repeat("x", 64<<10) + `"}`,
	} {
		id := w.id(fmt.Sprintf(":%d", i))
		if strings.Contains(text, "%s") {
			text = fmt.Sprintf(text, id)
		}
		w.documents[fmt.Sprintf("/%d/did.json", i)] = text
		_, err := w.keys(id)
		require.ErrorIs(t, err, didweb.ErrNotFound, text)
	}
}

// A document is asked for once in a while, and one that is missing not much more often.
func TestAnswersAreRemembered(t *testing.T) {
	w := newWeb(t)
	alice, bob := w.id(":alice"), w.id(":bob")
	w.documents["/alice/did.json"] = fmt.Sprintf(`{"id":"%s","authentication":[{"publicKeyMultibase":"%s"}]}`, alice, ed25519)
	for range 3 {
		_, err := w.keys(alice)
		require.NoError(t, err)
		_, err = w.keys(bob)
		require.ErrorIs(t, err, didweb.ErrNotFound)
	}
	require.EqualValues(t, 2, w.asked.Load())

	w.documents["/bob/did.json"] = fmt.Sprintf(`{"id":"%s","authentication":[{"publicKeyMultibase":"%s"}]}`, bob, p256)
	delete(w.documents, "/alice/did.json")
	w.now = w.now.Add(30 * time.Second)
	keys, err := w.keys(bob)
	require.NoError(t, err)
	require.Equal(t, []string{"ES256"}, keys)
	_, err = w.keys(alice)
	require.NoError(t, err, "still remembered")
	w.now = w.now.Add(didweb.DefaultTTL)
	_, err = w.keys(alice)
	require.ErrorIs(t, err, didweb.ErrNotFound, "a key that was taken away is forgotten")
	require.EqualValues(t, 4, w.asked.Load())
}

// What a caller has no time for says nothing about the host.
func TestCallersWhoGo(t *testing.T) {
	w := newWeb(t)
	alice := w.id(":alice")
	w.documents["/alice/did.json"] = fmt.Sprintf(`{"id":"%s","authentication":[{"publicKeyMultibase":"%s"}]}`, alice, ed25519)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := w.resolver.Keys(gone, alice)
	require.ErrorIs(t, err, context.Canceled)
	_, err = w.keys(alice)
	require.NoError(t, err)
}

// Nobody is made to look into a private network: this machine is one.
func TestPrivateHostsAreNotAsked(t *testing.T) {
	w := newWeb(t)
	_, err := didweb.New(didweb.Config{}).Keys(context.Background(), w.id(""))
	require.ErrorIs(t, err, didweb.ErrNotFound)
	require.ErrorIs(t, err, fetch.ErrRefused)
	require.Zero(t, w.asked.Load())
}
