package ipfs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ipfs/go-cid"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/teg"
)

// maxBlock is how large a block may be. Nodes exchange no blocks beyond 2 MiB.
const maxBlock = 4 << 20

// Node is an IPFS node that is spoken to over its RPC, as kubo has it. It is safe for
// concurrent use.
type Node struct {
	caller *caller
}

// NewNode speaks to the node whose RPC is at an address, with a bearer token where
// one is given.
func NewNode(address, token string) (*Node, error) {
	c, err := newCaller("the IPFS node", address, token)
	if err != nil {
		return nil, err
	}
	return &Node{caller: c}, nil
}

// Block returns the block that a CID names, proved by its hash. A block that the node
// has not, and does not find in its time, is teg.ErrUnavailable; other bytes than the
// CID names are teg.ErrEvidenceMismatch.
func (n *Node) Block(ctx context.Context, c cid.Cid) ([]byte, error) {
	block, err := n.call(ctx, "block/get", url.Values{"arg": {c.String()}}, maxBlock)
	if errors.Is(err, errLonger) {
		return nil, ledger.Refuse(teg.ErrInvalidInput, "block %s is larger than %d bytes", c, maxBlock)
	}
	if err != nil {
		return nil, err
	}
	sum, err := c.Prefix().Sum(block)
	if err != nil {
		return nil, ledger.Refuse(teg.ErrInvalidInput, "block %s cannot be proved: %v", c, err)
	}
	if !sum.Equals(c) {
		return nil, ledger.Refuse(teg.ErrEvidenceMismatch, "what storage gave for %s is not what it names", c)
	}
	return block, nil
}

// Pin has the node keep a block, and with recursive all that it links to. To pin what
// is pinned changes nothing.
func (n *Node) Pin(ctx context.Context, c cid.Cid, recursive bool) error {
	if isInline(c) {
		return nil // whoever has the CID has the content
	}
	answer, err := n.call(ctx, "pin/add", url.Values{"arg": {c.String()}, "recursive": {strconv.FormatBool(recursive)}}, maxAnswer)
	var said *nodeError
	if !recursive && errors.As(err, &said) && strings.Contains(said.Message, "already pinned recursively") {
		return nil
	}
	if err != nil {
		return n.plain(err)
	}
	var done struct{ Pins []string }
	isThis := func(text string) bool {
		pinned, err := cid.Decode(text)
		return err == nil && sameContent(pinned, c)
	}
	if json.Unmarshal(answer, &done) != nil || !slices.ContainsFunc(done.Pins, isThis) {
		return n.caller.unavailable(fmt.Errorf("it does not say that it has pinned %s", c))
	}
	return nil
}

// Check asks the node for its version.
func (n *Node) Check(ctx context.Context) error {
	answer, err := n.call(ctx, "version", nil, maxAnswer)
	if err != nil {
		return n.plain(err)
	}
	var version struct{ Version string }
	if json.Unmarshal(answer, &version) != nil || version.Version == "" {
		return n.caller.unavailable(errors.New("this is not the RPC of an IPFS node"))
	}
	return nil
}

// origins are the addresses at which others reach the node, for a service that is to
// fetch from it. They are a hint: where the node does not tell them there are none.
func (n *Node) origins(ctx context.Context) []string {
	answer, err := n.call(ctx, "id", nil, maxAnswer)
	var id struct{ Addresses []string }
	if err != nil || json.Unmarshal(answer, &id) != nil {
		return nil
	}
	var public []string
	for _, address := range id.Addresses {
		if isPublic(address) && len(public) < maxOrigins {
			public = append(public, address)
		}
	}
	return public
}

// isPublic tells whether a multiaddr leads anywhere from outside; it also keeps the
// addresses of a private network private.
func isPublic(multiaddr string) bool {
	parts := strings.Split(multiaddr, "/")
	if len(parts) < 4 || parts[0] != "" {
		return false
	}
	if strings.HasPrefix(parts[1], "dns") {
		return true
	}
	ip, err := netip.ParseAddr(parts[2])
	return err == nil && ip.IsGlobalUnicast() && !ip.IsPrivate()
}

// nodeError is what the node says in place of an answer.
type nodeError struct {
	Message string
	Type    string
}

// Error is the node's message.
func (e *nodeError) Error() string { return e.Message }

// call asks the node for one of its commands.
func (n *Node) call(ctx context.Context, command string, query url.Values, limit int64) ([]byte, error) {
	status, answer, err := n.caller.ask(ctx, http.MethodPost, "api/v0/"+command, query, nil, limit)
	switch {
	case err != nil && (status == http.StatusOK || !errors.Is(err, errLonger)):
		return nil, err
	case status == http.StatusOK:
		return answer, nil
	}
	var said nodeError
	if json.Unmarshal(answer, &said) == nil && said.Message != "" && status == http.StatusInternalServerError {
		return nil, n.caller.unavailable(&said)
	}
	return nil, n.caller.refused(status, string(answer))
}

// plain takes an answer that is too long for what an answer may be.
func (n *Node) plain(err error) error {
	if errors.Is(err, errLonger) {
		return n.caller.unavailable(err)
	}
	return err
}
