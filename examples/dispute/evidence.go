package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
)

// publish lays a small file into an IPFS node, and returns what points at it. What it is
// called depends on its bytes alone, and is known without a node.
func publish(ctx context.Context, node string, content []byte) (pointer string, err error) {
	name, err := cid.V1Builder{Codec: cid.Raw, MhType: multihash.SHA2_256}.Sum(content)
	if err == nil && node != "" {
		err = add(ctx, node, content)
	}
	return "ipfs://" + name.String(), err
}

// add is "ipfs add --cid-version=1": the engine reads from storage, and putting things
// there is up to the agents.
func add(ctx context.Context, node string, content []byte) error {
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	part, _ := writer.CreateFormFile("file", "letters.txt") // writing into memory does not fail
	_, _ = part.Write(content)
	_ = writer.Close()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, node+"/api/v0/add?cid-version=1", &form)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", writer.FormDataContentType())
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("the node did not take the evidence: %s: %s", response.Status, answer)
	}
	return err
}
