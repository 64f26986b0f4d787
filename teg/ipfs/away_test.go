package ipfs_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/ipfs"
)

const somewhere = "ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"

// turned is a body whose first bit is another one.
type turned struct{ io.ReadCloser }

func (b *turned) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		p[0] ^= 1
		b.ReadCloser = struct {
			io.Reader
			io.Closer
		}{b.ReadCloser, b.ReadCloser}
	}
	return n, err
}

func serve(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.URL
}

// blackHole takes connections and never says a word.
func blackHole(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	return "http://" + listener.Addr().String()
}

// talk answers each connection with the same bytes, be they HTTP or not.
func talk(t *testing.T, answer string) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var talking sync.WaitGroup
	talking.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			talking.Go(func() {
				defer conn.Close()
				_, _ = http.ReadRequest(bufio.NewReader(conn))
				_, _ = io.WriteString(conn, answer)
			})
		}
	})
	t.Cleanup(func() { listener.Close(); talking.Wait() })
	return "http://" + listener.Addr().String()
}

// nobody is an address at which nobody listens.
func nobody(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	listener.Close()
	return "http://" + listener.Addr().String()
}

// Without a node, or with one that makes no sense, nothing is said about content.
func TestAway(t *testing.T) {
	for name, api := range map[string]string{
		"nobody": nobody(t), "black hole": blackHole(t),
		"slow drip": serve(t, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "a")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}),
		"another protocol": serve(t, func(w http.ResponseWriter, _ *http.Request) { // and then nothing, for ever
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				t.Cleanup(func() { _ = conn.Close() })
				fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
			}
		}),
		"cut off": serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "a")
			panic(http.ErrAbortHandler)
		}),
		"late fault": serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Trailer", "X-Stream-Error")
			fmt.Fprint(w, "a")
			w.Header().Set("X-Stream-Error", "the disk is gone")
		}),
		"redirect": serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
		}),
		"no JSON": serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, "<html>\x1b[31m"+strings.Repeat("x", 5000))
		}),
		"long fault": serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, strings.Repeat("x", 8<<20))
		}),
		"no such route":  serve(t, http.NotFound),
		"no entry":       serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }),
		"busy":           serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }),
		"no status":      talk(t, "HTTP/1.1 "+strings.Repeat("\x1b", 60_000)+"\r\n\r\n"),
		"no length":      talk(t, "HTTP/1.1 200 OK\r\nContent-Length: "+strings.Repeat("\x1b", 60_000)+"\r\n\r\n"),
		"no encoding":    talk(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: "+strings.Repeat("x", 60_000)+"\r\n\r\n"),
		"endless hints":  talk(t, strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 10_000)),
		"endless header": serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := storeOver(t, api, func(c *ipfs.Config) { c.Timeout = 300 * time.Millisecond })
			_, err := store.Fetch(t.Context(), somewhere, 0)
			for _, err := range []error{err, store.Pin(t.Context(), somewhere), store.Check(t.Context())} {
				require.ErrorIs(t, err, teg.ErrUnavailable)
				require.NotErrorIs(t, err, teg.ErrInvalidInput)
				require.NotErrorIs(t, err, teg.ErrEvidenceMismatch)
				require.Equal(t, "SYS_UNAVAILABLE", teg.CodeOf(err))
				require.Contains(t, err.Error(), "the storage of evidence is not available")
				require.NotContains(t, err.Error(), "database")
				require.NotContains(t, err.Error(), "\x1b")
				require.Less(t, len(err.Error()), 700)
			}
		})
	}
}

// A node that answers, and answers falsely.
func TestFalseAnswers(t *testing.T) {
	t.Run("other content", func(t *testing.T) {
		store := storeOver(t, serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "not this") }))
		_, err := store.Fetch(t.Context(), somewhere, 0)
		require.ErrorIs(t, err, teg.ErrEvidenceMismatch)
		require.Equal(t, "VALIDATION_INVALID_INPUT", teg.CodeOf(err))
		require.ErrorIs(t, store.Pin(t.Context(), somewhere), teg.ErrEvidenceMismatch)
		require.ErrorContains(t, store.Check(t.Context()), "this is not the RPC of an IPFS node")
	})
	t.Run("no pin", func(t *testing.T) {
		hash, err := multihash.Sum([]byte("evidence"), multihash.SHA2_256, -1)
		require.NoError(t, err)
		c := cid.NewCidV1(cid.Raw, hash)
		for _, said := range []string{"", "<html>", "{}", `{"Pins":[]}`, `{"Pins":["x"]}`, `{"Pins":["` + strings.TrimPrefix(somewhere, "ipfs://") + `"]}`} {
			store := storeOver(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/api/v0/block/get" {
					fmt.Fprint(w, "evidence")
					return
				}
				fmt.Fprint(w, said)
			}))
			_, err := store.Fetch(t.Context(), pointer(c), 0)
			require.NoError(t, err)
			require.ErrorIs(t, store.Pin(t.Context(), pointer(c)), teg.ErrUnavailable, said)
		}
	})
	t.Run("endless content", func(t *testing.T) {
		store := storeOver(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		}))
		_, err := store.Fetch(t.Context(), somewhere, 0)
		require.ErrorIs(t, err, teg.ErrInvalidInput)
		require.ErrorIs(t, store.Check(t.Context()), teg.ErrUnavailable)
	})
}

// Who asks may give up.
func TestGivingUp(t *testing.T) {
	asked := make(chan struct{}, 1)
	store := storeOver(t, serve(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	_, err := store.Fetch(ctx, somewhere, 0)
	require.ErrorIs(t, err, teg.ErrUnavailable)
	require.ErrorIs(t, err, context.Canceled)
}

// The token goes to the node, and nowhere else: not into errors either.
func TestNodeToken(t *testing.T) {
	var got string
	api := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		http.Error(w, "no", http.StatusForbidden)
	})
	store := storeOver(t, api, func(c *ipfs.Config) { c.APIToken = "hunter2" })
	err := store.Check(t.Context())
	require.ErrorContains(t, err, "the token is not taken")
	require.NotContains(t, err.Error(), "hunter2")
	require.Equal(t, "Bearer hunter2", got)
}

// What stands in an address, or comes back to whom it was sent, is in no error.
func TestSecretsComeBack(t *testing.T) {
	for name, api := range map[string]string{
		"nobody": nobody(t) + "/hunter2/node",
		"echo": serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			r.Header.Write(w)
		}),
		"message": serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprintf(w, `{"Message":%q}`, strings.Repeat(" ", 180)+r.Header.Get("Authorization"))
		}),
	} {
		t.Run(name, func(t *testing.T) {
			store := storeOver(t, api, func(c *ipfs.Config) { c.APIToken = "hunter2hunter2hunter2" })
			_, err := store.Fetch(t.Context(), somewhere, 0)
			require.ErrorIs(t, err, teg.ErrUnavailable)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestWhatIsNoConfig(t *testing.T) {
	for _, c := range []ipfs.Config{
		{}, {API: "127.0.0.1:5001"}, {API: "/ip4/127.0.0.1/tcp/5001"}, {API: "ftp://h"}, {API: "http://"}, {API: "http://u:hunter2@h"}, {API: "http://h?a=b"},
		{API: "http://h#a"}, {API: "http://h", APIToken: "a b"}, {API: "http://h", APIToken: "a\nb"}, {API: "http://h", Pinning: "nowhere"},
		{API: "http://h", MaxBytes: -1}, {API: "http://h", MaxBytes: 1 << 50}, {API: "http://h", Timeout: -1},
	} {
		_, err := ipfs.New(c)
		require.ErrorIs(t, err, teg.ErrInvalidInput, "%+v", c)
		require.NotContains(t, err.Error(), "hunter2")
	}
}
