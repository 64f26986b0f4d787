package ipfstest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"testing"

	"github.com/ipfs/go-cid"
)

// Variable names the environment variable that holds the path of kubo's binary.
const Variable = "TEG_TEST_IPFS"

// Node is a node for a test, and what tests need of its RPC to lay content into it.
type Node struct {
	// API is the address of its RPC.
	API string
}

// Each runs a test on the stand-in, and on kubo where there is one.
func Each(t *testing.T, test func(t *testing.T, n *Node)) {
	t.Run("stand-in", func(t *testing.T) { test(t, StartStandIn(t)) })
	if binary := os.Getenv(Variable); binary != "" {
		t.Run("kubo", func(t *testing.T) { test(t, StartKubo(t, binary)) })
	}
}

// Add lays a file into the node as ipfs add does, with its options: chunker,
// raw-leaves, cid-version, trickle, hash, inline. It is not pinned.
func (n *Node) Add(t testing.TB, content []byte, options url.Values) cid.Cid {
	t.Helper()
	query := url.Values{"pin": {"false"}, "quieter": {"true"}, "progress": {"false"}}
	for name, values := range options {
		query[name] = values
	}
	var added struct{ Hash string }
	n.upload(t, "add", query, content, &added)
	return decode(t, added.Hash)
}

// Put lays a block into the node, whatever is in it. The codec and the hash are those
// of its CID, by their names.
func (n *Node) Put(t testing.TB, block []byte, codec, hash string) cid.Cid {
	t.Helper()
	var put struct{ Key string }
	n.upload(t, "block/put", url.Values{"cid-codec": {codec}, "mhtype": {hash}, "allow-big-block": {"true"}}, block, &put)
	return decode(t, put.Key)
}

// Remove takes a block away.
func (n *Node) Remove(t testing.TB, c cid.Cid) {
	t.Helper()
	n.call(t, "block/rm", url.Values{"arg": {c.String()}, "force": {"true"}}, "", nil)
}

// CollectGarbage has the node drop all that is not pinned.
func (n *Node) CollectGarbage(t testing.TB) {
	t.Helper()
	n.call(t, "repo/gc", nil, "", nil)
}

// Pins tells how each pinned CID is pinned: recursive or direct.
func (n *Node) Pins(t testing.TB) map[string]string {
	t.Helper()
	pins := map[string]string{}
	for _, kind := range []string{"recursive", "direct"} {
		var list struct {
			Keys map[string]struct{ Type string }
		}
		answer := n.call(t, "pin/ls", url.Values{"type": {kind}}, "", nil)
		if err := json.Unmarshal(answer, &list); err != nil {
			t.Fatalf("pin/ls: %v: %s", err, answer)
		}
		for key, pin := range list.Keys {
			pins[key] = pin.Type
		}
	}
	return pins
}

func (n *Node) upload(t testing.TB, command string, query url.Values, content []byte, into any) {
	t.Helper()
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	part, err := writer.CreateFormFile("file", "content")
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = writer.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	answer := n.call(t, command, query, writer.FormDataContentType(), &form)
	if err := json.Unmarshal(answer, into); err != nil {
		t.Fatalf("%s: %v: %s", command, err, answer)
	}
}

func (n *Node) call(t testing.TB, command string, query url.Values, contentType string, body io.Reader) []byte {
	t.Helper()
	answer, err := call(t.Context(), n.API, command, query, contentType, body)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// call asks a node for a command.
func call(ctx context.Context, api, command string, query url.Values, contentType string, body io.Reader) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, api+"/api/v0/"+command+"?"+query.Encode(), body)
	if err != nil {
		return nil, err
	}
	request.Close = true
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: status %d: %s (%w)", command, response.StatusCode, answer, err)
	}
	return answer, nil
}

func decode(t testing.TB, text string) cid.Cid {
	t.Helper()
	c, err := cid.Decode(text)
	if err != nil {
		t.Fatalf("%q is no CID: %v", text, err)
	}
	return c
}
