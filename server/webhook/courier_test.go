package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/webhook"
	"github.com/agentvault/teg-layer/teg"
)

var key = []byte("0123456789abcdef0123456789abcdef")

func newCourier(t testing.TB, change func(*webhook.Config)) *webhook.Courier {
	t.Helper()
	c := webhook.Config{Key: key, AllowPrivate: true, Timeout: time.Minute}
	if change != nil {
		change(&c)
	}
	courier, err := webhook.New(c)
	require.NoError(t, err)
	t.Cleanup(courier.Close)
	return courier
}

func parcel(url string) teg.Parcel {
	return teg.Parcel{
		Webhook: teg.WebhookID{1}, URL: url, Message: teg.MessageID{2}, At: time.Now(), Generations: []int64{2, 1}, Body: []byte(`{"type":"transfer"}`),
	}
}

// Signatures are those that the library for receivers checks, with either secret.
func TestSignatures(t *testing.T) {
	var body []byte
	var header http.Header
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer receiver.Close()
	c := newCourier(t, nil)
	reply, err := c.Deliver(context.Background(), parcel(receiver.URL))
	require.NoError(t, err)
	require.Equal(t, teg.Reply{Status: 204}, reply)
	require.Equal(t, "application/json", header.Get("Content-Type"))
	require.Equal(t, teg.MessageID{2}.String(), header.Get("webhook-id"))
	for generation, good := range map[int64]bool{1: true, 2: true, 3: false} {
		checker, err := standard.NewWebhook(c.Secret(teg.WebhookID{1}, generation))
		require.NoError(t, err)
		require.Equal(t, good, checker.Verify(body, header) == nil, "generation %d", generation)
	}
	other, err := standard.NewWebhook(c.Secret(teg.WebhookID{3}, 1))
	require.NoError(t, err)
	require.Error(t, other.Verify(body, header))
	require.Equal(t, c.Secret(teg.WebhookID{1}, 1), newCourier(t, nil).Secret(teg.WebhookID{1}, 1), "of any process with the key")
	require.NotEqual(t, c.Secret(teg.WebhookID{1}, 1), newCourier(t, func(c *webhook.Config) { c.Key = bytes.ToUpper(key) }).Secret(teg.WebhookID{1}, 1))
}

// The library for JavaScript checks what is sent, where make webhook-check has installed it.
func TestSignaturesInJavaScript(t *testing.T) {
	folder := os.Getenv("TEG_TEST_STANDARDWEBHOOKS")
	if folder == "" {
		t.Log("make webhook-check does this, with the library from npm")
		return
	}
	c := newCourier(t, nil)
	var seen map[string]any
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		headers := map[string]string{}
		for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
			headers[name] = r.Header.Get(name)
		}
		seen = map[string]any{"body": string(text), "headers": headers}
		w.WriteHeader(http.StatusOK)
	}))
	defer receiver.Close()
	_, err := c.Deliver(context.Background(), parcel(receiver.URL))
	require.NoError(t, err)
	for generation, verdict := range map[int64]string{1: "good", 2: "good", 3: "bad"} {
		seen["secret"] = c.Secret(teg.WebhookID{1}, generation)
		input, err := json.Marshal(seen)
		require.NoError(t, err)
		script := exec.Command("node", "testdata/verify.cjs")
		script.Env = append(os.Environ(), "NODE_PATH="+folder+"/node_modules")
		script.Stdin = bytes.NewReader(input)
		out, err := script.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Equal(t, verdict, strings.TrimSpace(string(out)), "generation %d", generation)
	}
}

// Nothing leaves for addresses that are not public, however they are written or named.
func TestPrivateAddresses(t *testing.T) {
	var asked atomic.Int64
	receiver := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer receiver.Close()
	c := newCourier(t, func(c *webhook.Config) {
		c.AllowPrivate = false
		c.TLS = receiver.Client().Transport.(*http.Transport).TLSClientConfig
	})
	_, port, _ := strings.Cut(strings.TrimPrefix(receiver.URL, "https://"), ":")
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1"} {
		_, err := c.Deliver(context.Background(), parcel("https://"+host+":"+port))
		require.Error(t, err, host)
		require.NotContains(t, err.Error(), "refused", "what the network is like is not told")
	}
	require.Zero(t, asked.Load())
	for address, good := range map[string]bool{
		"https://agent.example/hooks?a=b": true, "http://agent.example": false, "https://user:secret@agent.example": false, "https://agent.example/#x": false,
		"https://127.0.0.1": false, "https://10.1.2.3/x": false, "https://[fd00::1]": false, "https://localhost": false, "https://db": false, "https://a.localhost.": false,
		"ftp://agent.example": false, "agent.example": false, "https://": false, "https:agent.example": false, "": false, "https://203.0.113.7": false, "https://8.8.8.8": true,
	} {
		require.Equal(t, good, c.CheckURL(address) == nil, address)
	}
	require.NoError(t, newCourier(t, nil).CheckURL("http://127.0.0.1:8080/x"))
}

// Redirects are not followed, answers are not read whole, and slow ones are left.
func TestAnswers(t *testing.T) {
	var asked atomic.Int64
	release := make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		case "/busy":
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/later":
			w.Header().Set("Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusTooManyRequests)
		case "/endless":
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		case "/silent":
			<-release
		}
	}))
	defer receiver.Close()
	defer close(release)
	c := newCourier(t, nil)
	ask := func(path string) teg.Reply {
		t.Helper()
		reply, err := c.Deliver(context.Background(), parcel(receiver.URL+path))
		require.NoError(t, err)
		return reply
	}
	require.Equal(t, 307, ask("/away").Status)
	require.EqualValues(t, 1, asked.Load())
	require.Equal(t, teg.Reply{Status: 503, RetryAfter: 2 * time.Minute}, ask("/busy"))
	require.InDelta(t, time.Hour, ask("/later").RetryAfter, float64(2*time.Minute))
	require.Equal(t, 200, ask("/endless").Status, "more than a little is not read")
	hasty := newCourier(t, func(c *webhook.Config) { c.Timeout = 100 * time.Millisecond })
	_, err := hasty.Deliver(context.Background(), parcel(receiver.URL+"/silent"))
	require.EqualError(t, err, "no answer in time")
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	defer untrusted.Close()
	_, err = c.Deliver(context.Background(), parcel(untrusted.URL))
	require.EqualError(t, err, "the certificate was not accepted")
}

func TestKeysHaveASize(t *testing.T) {
	_, err := webhook.New(webhook.Config{Key: key[:31]})
	require.ErrorContains(t, err, "32")
}
