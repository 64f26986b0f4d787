package fetch_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth/fetch"
)

// loopback is what tests may dial.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// host is a server on this machine, and what trusts its certificate.
func host(t *testing.T, handle http.HandlerFunc) (*httptest.Server, *tls.Config) {
	t.Helper()
	server := httptest.NewTLSServer(handle)
	t.Cleanup(server.Close)
	trust := server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	trust.ServerName = "example.com" // which is in the certificate, whatever name it is reached by
	return server, trust
}

func client(t *testing.T, c fetch.Config) *fetch.Client {
	one := fetch.New(c)
	t.Cleanup(one.Close)
	return one
}

func TestPublic(t *testing.T) {
	for text, public := range map[string]bool{
		"8.8.8.8": true, "2606:4700:4700::1111": true, "::ffff:8.8.8.8": true, "100.63.255.255": true, "100.128.0.0": true, "198.17.255.255": true, "198.20.0.0": true,
		"172.15.255.255": true, "172.32.0.1": true,
		"127.0.0.1": false, "127.8.9.10": false, "::1": false, "0.0.0.0": false, "0.1.2.3": false, "::": false,
		"10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false, "fc00::1": false, "fd12::1": false,
		"169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "fec0::1": false, "224.0.0.1": false, "ff02::1": false, "255.255.255.255": false, "240.0.0.1": false,
		"100.64.0.1": false, "100.127.255.255": false, "198.18.0.1": false, "198.19.255.255": false, "192.0.0.170": false, "192.0.2.1": false, "198.51.100.1": false, "203.0.113.1": false,
		"192.88.99.1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::127.0.0.1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::808:808": false, "64:ff9b:1::1": false, "2002:7f00:1::1": false, "2002:808:808::1": false,
		"2001:0:53aa:64c:0:0:0:1": false, "2001:db8::1": false, "100::1": false, "3fff::1": false, "5f00::1": false,
	} {
		require.Equal(t, public, fetch.Public(netip.MustParseAddr(text)), text)
	}
	require.False(t, fetch.Public(netip.Addr{}))
}

// What is dialled counts, by whatever name it was reached.
func TestPrivateAddressesAreNotDialled(t *testing.T) {
	var asked atomic.Int64
	server, trust := host(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	guarded := client(t, fetch.Config{TLS: trust})
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	for _, address := range []string{server.URL, "https://localhost" + port, "https://[::ffff:127.0.0.1]" + port, "https://0.0.0.0" + port} {
		_, err := guarded.Get(context.Background(), address)
		require.ErrorIs(t, err, fetch.ErrRefused, address)
		require.NotContains(t, err.Error(), "127.0.0.1")
	}
	require.Zero(t, asked.Load())
	for name, c := range map[string]fetch.Config{"any": {AnyAddress: true, TLS: trust}, "this": {Networks: loopback, TLS: trust}} {
		_, err := client(t, c).Get(context.Background(), server.URL)
		require.NoError(t, err, name)
	}
	require.EqualValues(t, 2, asked.Load())
}

func TestOnlySoundAddresses(t *testing.T) {
	open := client(t, fetch.Config{AnyAddress: true})
	for _, address := range []string{"", "https://", "http://127.0.0.1:1/", "file:///etc/passwd", "https://user:hunter2@127.0.0.1:1/", "127.0.0.1", "ftp://127.0.0.1/", "https:127.0.0.1", "://"} {
		_, err := open.Get(context.Background(), address)
		require.ErrorIs(t, err, fetch.ErrRefused, address)
		require.NotContains(t, err.Error(), "hunter2")
	}
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }))
	defer plain.Close()
	_, err := open.Get(context.Background(), plain.URL)
	require.ErrorIs(t, err, fetch.ErrRefused)
	body, err := client(t, fetch.Config{AnyAddress: true, Plain: true}).Get(context.Background(), plain.URL)
	require.NoError(t, err)
	require.Equal(t, "{}", string(body))
}

// Redirects stay on their host, or are not followed at all.
func TestRedirects(t *testing.T) {
	var elsewhere atomic.Int64
	other, _ := host(t, func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) })
	server, trust := host(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/here":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/twice":
			http.Redirect(w, r, "/here", http.StatusMovedPermanently)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/elsewhere":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/plain":
			http.Redirect(w, r, "http://"+r.Host+"/end", http.StatusFound)
		case "/metadata":
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusTemporaryRedirect)
		default:
			_, _ = w.Write([]byte("here"))
		}
	})
	two := client(t, fetch.Config{Networks: loopback, TLS: trust, Redirects: 2})
	for path, good := range map[string]bool{"/end": true, "/here": true, "/twice": true, "/round": false, "/elsewhere": false, "/plain": false, "/metadata": false} {
		body, err := two.Get(context.Background(), server.URL+path)
		require.Equal(t, good, err == nil, path)
		if good {
			require.Equal(t, "here", string(body))
		} else {
			require.ErrorIs(t, err, fetch.ErrAway)
		}
	}
	_, err := client(t, fetch.Config{Networks: loopback, TLS: trust}).Get(context.Background(), server.URL+"/here")
	require.ErrorIs(t, err, fetch.ErrAway)
	require.Zero(t, elsewhere.Load())
}

func TestAnswersAreBounded(t *testing.T) {
	hung := make(chan struct{})
	server, trust := host(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie")+r.Header.Get("Authorization")+r.Header.Get("Referer") != "" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		switch r.URL.Path {
		case "/large":
			_, _ = w.Write(make([]byte, 1025))
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("cut"))
		case "/hangs":
			<-hung
		case "/headers":
			w.Header().Set("X-Long", strings.Repeat("x", 64<<10))
		case "/missing":
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = w.Write(make([]byte, 1024))
		}
	})
	defer close(hung)
	patient := client(t, fetch.Config{Networks: loopback, TLS: trust, MaxBytes: 1024, Timeout: time.Minute})
	hasty := client(t, fetch.Config{Networks: loopback, TLS: trust, Timeout: 50 * time.Millisecond, Parallel: 1})
	for range 2 {
		body, err := patient.Get(context.Background(), server.URL+"/right")
		require.NoError(t, err)
		require.Len(t, body, 1024)
	}
	for _, path := range []string{"/large", "/cut", "/headers", "/missing"} {
		_, err := patient.Get(context.Background(), server.URL+path)
		require.ErrorIs(t, err, fetch.ErrAway, path)
	}
	for range 2 { // the second finds the slot free again
		_, err := hasty.Get(context.Background(), server.URL+"/hangs")
		require.ErrorIs(t, err, fetch.ErrAway)
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := patient.Get(gone, server.URL)
	require.ErrorIs(t, err, fetch.ErrAway)
	_, err = client(t, fetch.Config{Networks: loopback}).Get(context.Background(), server.URL)
	require.ErrorIs(t, err, fetch.ErrAway, "nobody vouches for its certificate")
}

// Strangers are spoken to in HTTP/1.1, whatever else they offer.
func TestOneProtocol(t *testing.T) {
	protocol := make(chan string, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { protocol <- r.Proto }))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	_, err := client(t, fetch.Config{AnyAddress: true, TLS: &tls.Config{RootCAs: roots}}).Get(t.Context(), server.URL)
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1", <-protocol)
}
