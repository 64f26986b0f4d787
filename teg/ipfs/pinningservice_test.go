package ipfs_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/ipfs"
	"github.com/agentvault/teg-layer/teg/ipfs/ipfstest"
)

// The node has the content, and the service is asked for it, once.
func TestPinningService(t *testing.T) {
	n := ipfstest.StartStandIn(t)
	service := ipfstest.StartPinningService(t, "hunter2")
	store := storeOver(t, n.API, func(c *ipfs.Config) { c.Pinning, c.PinningToken = service.URL, "hunter2" })
	require.NoError(t, store.Check(t.Context()))
	c := n.Add(t, []byte("evidence"), nil)
	for _, status := range []string{"queued", "pinning", "pinned"} {
		require.NoError(t, store.Pin(t.Context(), pointer(c)))
		pins := service.Pins()
		require.Len(t, pins, 1, "asked once")
		require.Equal(t, ipfstest.PinBody{CID: c.String(), Name: "teg evidence", Origins: []string{"/ip4/203.0.113.7/tcp/4001/p2p/stand-in"}}, pins[0].Pin)
		service.Move(status)
	}
	require.Equal(t, "recursive", n.Pins(t)[c.String()], "the node keeps it too")

	// What the service gave up it is asked for again, in place of what failed.
	service.Move("failed")
	service.Answer("failed")
	err := store.Pin(t.Context(), pointer(c))
	require.ErrorIs(t, err, teg.ErrUnavailable)
	require.ErrorContains(t, err, "no peer has it")
	service.Answer("queued")
	require.NoError(t, store.Pin(t.Context(), pointer(c)))
	require.Len(t, service.Pins(), 1)

	own, err := ipfs.NewPinningService(service.URL+"/", "hunter2")
	require.NoError(t, err)
	request, err := own.Status(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, ipfs.PinQueued, request.Status)
	request, err = own.Status(t.Context(), n.Add(t, []byte("other"), nil))
	require.NoError(t, err)
	require.Equal(t, ipfs.PinRequest{}, request)
}

// A service that does not answer as it should keeps nothing, and the same is asked
// again later; the token is in no error.
func TestPinningServiceAway(t *testing.T) {
	n := ipfstest.StartStandIn(t)
	c := n.Add(t, []byte("evidence"), nil)
	refuses := func(t *testing.T, url, token, why string) {
		t.Helper()
		store := storeOver(t, n.API, func(c *ipfs.Config) { c.Pinning, c.PinningToken = url, token })
		err := store.Pin(t.Context(), pointer(c))
		require.ErrorIs(t, err, teg.ErrUnavailable)
		require.ErrorContains(t, err, why)
		require.NotContains(t, err.Error(), "hunter2")
		_, err = store.Fetch(t.Context(), pointer(c), 0)
		require.NoError(t, err, "the content is proved without it")
	}
	service := ipfstest.StartPinningService(t, "hunter2")
	refuses(t, service.URL, "hunter22", "the token is not taken: UNAUTHORIZED Access token is missing or invalid")
	for _, status := range []int{400, 404, 409, 429, 500, 503} {
		service.Fail(status)
		refuses(t, service.URL, "hunter2", fmt.Sprintf("status %d: PLAYED the test wants it so", status))
	}
	refuses(t, nobody(t), "hunter2", "the Pinning Service at 127.0.0.1")
	refuses(t, serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{") }), "hunter2", "cannot be read")
	refuses(t, serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat(" ", 2<<20)) }), "hunter2", "too long")
	refuses(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, service.URL, http.StatusTemporaryRedirect)
	}),
		"hunter2", "redirects are not followed")

	for why, state := range map[string]map[string]any{
		"another CID":      {"requestid": "1", "status": "pinned", "pin": map[string]any{"cid": strings.TrimPrefix(somewhere, "ipfs://")}},
		"another CID than": {"requestid": "1", "status": "pinned"},
		"unknown status":   {"requestid": "1", "status": "maybe", "pin": map[string]any{"cid": c.String()}},
	} {
		refuses(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				fmt.Fprint(w, `{"count":0,"results":[]}`)
				return
			}
			w.WriteHeader(http.StatusAccepted)
			json.NewEncoder(w).Encode(state)
		}), "hunter2", why)
	}
	checked := storeOver(t, n.API, func(c *ipfs.Config) {
		c.Pinning = serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") })
	})
	require.ErrorContains(t, checked.Check(t.Context()), "not a Pinning Service")
}

// A service may name content by either version of its CID.
func TestPinningServiceOtherVersion(t *testing.T) {
	n := ipfstest.StartStandIn(t)
	c := n.Add(t, []byte("evidence"), nil)
	asked := 0
	store := storeOver(t, n.API, func(config *ipfs.Config) {
		config.Pinning = serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				asked++
			}
			fmt.Fprintf(w, `{"count":1,"results":[{"requestid":"1","status":"pinned","pin":{"cid":%q}}]}`, cid.NewCidV1(c.Type(), c.Hash()))
		})
	})
	require.NoError(t, store.Pin(t.Context(), pointer(c)))
	require.Zero(t, asked)
}

// The service's name for a request is one step of a path, and leads nowhere else.
func TestPinningServiceRequestNames(t *testing.T) {
	n := ipfstest.StartStandIn(t)
	c := n.Add(t, []byte("evidence"), nil)
	for _, name := range []string{".", "..", "../../x", "a/../../x", "%2e%2e", "a?b#c", strings.Repeat("x", 2000)} {
		var asked []string
		store := storeOver(t, n.API, func(config *ipfs.Config) {
			config.Pinning = serve(t, func(w http.ResponseWriter, r *http.Request) {
				status := "failed"
				if r.Method == http.MethodPost {
					asked = append(asked, r.RequestURI)
					w.WriteHeader(http.StatusAccepted)
					status = "queued"
				}
				said, err := json.Marshal(map[string]any{"requestid": name, "status": status, "pin": map[string]any{"cid": c.String()}})
				if err == nil && r.Method == http.MethodGet {
					said = []byte(`{"count":1,"results":[` + string(said) + `]}`)
				}
				w.Write(said)
			}) + "/psa/v1"
		})
		err := store.Pin(t.Context(), pointer(c))
		if len(name) < 3 || len(name) > 1000 {
			require.ErrorIs(t, err, teg.ErrUnavailable, name)
			require.Empty(t, asked)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, []string{"/psa/v1/pins/" + url.PathEscape(name)}, asked)
	}
}
