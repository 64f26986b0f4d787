package ipfstest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"google.golang.org/protobuf/encoding/protowire"
)

// standIn plays kubo's RPC out of memory, as far as the store and the tests use it.
type standIn struct {
	mu     sync.Mutex
	blocks map[string][]byte // by multihash, as kubo has them
	pins   map[string]string // kind by CID
}

// StartStandIn starts the stand-in: no node, but a server that answers as one. It
// ends with the test.
func StartStandIn(t testing.TB) *Node {
	t.Helper()
	s := &standIn{blocks: map[string][]byte{}, pins: map[string]string{}}
	mux := http.NewServeMux()
	for command, answer := range map[string]func(*http.Request) (any, error){
		"version": s.version, "id": s.id, "add": s.add, "block/put": s.put, "block/get": s.get, "block/rm": s.remove,
		"pin/add": s.pin, "pin/ls": s.listPins, "repo/gc": s.collect,
	} {
		mux.HandleFunc("POST /api/v0/"+command, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, answer) })
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return &Node{API: server.URL}
}

// serve answers a command: bytes as they are, all else as JSON, and faults as kubo
// has them.
func (s *standIn) serve(w http.ResponseWriter, r *http.Request, command func(*http.Request) (any, error)) {
	s.mu.Lock()
	answer, err := command(r)
	s.mu.Unlock()
	if block, ok := answer.([]byte); ok && err == nil {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Write(block) //nolint:errcheck // who asked has gone
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		answer = map[string]any{"Message": err.Error(), "Code": 0, "Type": "error"}
	}
	json.NewEncoder(w).Encode(answer) //nolint:errcheck // who asked has gone
}

func (s *standIn) version(*http.Request) (any, error) {
	return map[string]string{"Version": "0.0.0-stand-in"}, nil
}

func (s *standIn) id(*http.Request) (any, error) {
	return map[string]any{"ID": "stand-in", "Addresses": []string{
		"/ip4/127.0.0.1/tcp/4001/p2p/stand-in", "/ip4/192.168.0.2/tcp/4001/p2p/stand-in", "/ip4/203.0.113.7/tcp/4001/p2p/stand-in",
	}}, nil
}

// add cuts a file into pieces of one size, whatever chunker and layout is asked for.
func (s *standIn) add(r *http.Request) (any, error) {
	content, err := uploaded(r)
	if err != nil {
		return nil, err
	}
	query := r.URL.Query()
	hash := multihash.Names[named(query, "hash", "sha2-256")]
	version := uint64(0)
	if query.Get("cid-version") == "1" || hash != multihash.SHA2_256 {
		version = 1
	}
	raw, err := strconv.ParseBool(named(query, "raw-leaves", strconv.FormatBool(version == 1)))
	if err != nil {
		return nil, err
	}
	size, err := strconv.Atoi(strings.TrimPrefix(named(query, "chunker", "size-262144"), "size-"))
	if err != nil {
		size = 10_000 // of a chunker that is not played
	}
	l := layout{piece: size, rawLeaves: raw, prefix: prefix(version, cid.DagProtobuf, hash)}
	root, err := l.file(content, s.keep)
	return map[string]string{"Name": "content", "Hash": root.String(), "Size": strconv.Itoa(len(content))}, err
}

func named(query url.Values, name, byDefault string) string {
	if query.Has(name) {
		return query.Get(name)
	}
	return byDefault
}

func uploaded(r *http.Request) ([]byte, error) {
	file, _, err := r.FormFile("file")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

func (s *standIn) keep(c cid.Cid, block []byte) { s.blocks[string(c.Hash())] = block }

func (s *standIn) put(r *http.Request) (any, error) {
	block, err := uploaded(r)
	if err != nil {
		return nil, err
	}
	query := r.URL.Query()
	codec := map[string]uint64{"raw": cid.Raw, "dag-pb": cid.DagProtobuf, "dag-cbor": cid.DagCBOR}[query.Get("cid-codec")]
	c, err := prefix(1, codec, multihash.Names[query.Get("mhtype")]).Sum(block)
	if err != nil {
		return nil, err
	}
	s.keep(c, block)
	return map[string]any{"Key": c.String(), "Size": len(block)}, nil
}

// find returns the block of the request's argument.
func (s *standIn) find(r *http.Request) (cid.Cid, []byte, error) {
	c, err := cid.Decode(r.URL.Query().Get("arg"))
	if err != nil {
		return cid.Undef, nil, err
	}
	block, err := s.block(c)
	return c, block, err
}

func (s *standIn) block(c cid.Cid) ([]byte, error) {
	if hash, err := multihash.Decode(c.Hash()); err == nil && hash.Code == multihash.IDENTITY {
		return hash.Digest, nil
	}
	block, ok := s.blocks[string(c.Hash())]
	if !ok {
		return nil, fmt.Errorf("block was not found locally (offline): ipld: could not find %s", c)
	}
	return block, nil
}

func (s *standIn) get(r *http.Request) (any, error) {
	_, block, err := s.find(r)
	return block, err
}

func (s *standIn) remove(r *http.Request) (any, error) {
	c, _, err := s.find(r)
	delete(s.blocks, string(c.Hash()))
	return map[string]string{"Hash": c.String()}, err
}

func (s *standIn) pin(r *http.Request) (any, error) {
	c, _, err := s.find(r)
	if err != nil {
		return nil, fmt.Errorf("pin: %w", err)
	}
	kind := map[string]string{"true": "recursive", "false": "direct"}[named(r.URL.Query(), "recursive", "true")]
	if kind == "direct" && s.pins[c.String()] == "recursive" {
		return nil, fmt.Errorf("pin: %s already pinned recursively", c)
	}
	if err := s.reach(c, kind == "recursive", func([]byte) {}); err != nil {
		return nil, fmt.Errorf("pin: %w", err)
	}
	s.pins[c.String()] = kind
	return map[string]any{"Pins": []string{c.String()}}, nil
}

func (s *standIn) listPins(r *http.Request) (any, error) {
	keys := map[string]any{}
	for c, kind := range s.pins {
		if kind == r.URL.Query().Get("type") {
			keys[c] = map[string]string{"Type": kind}
		}
	}
	return map[string]any{"Keys": keys}, nil
}

// collect drops what no pin reaches.
func (s *standIn) collect(*http.Request) (any, error) {
	kept := map[string][]byte{}
	for text, kind := range s.pins {
		c, err := cid.Decode(text)
		if err != nil {
			return nil, err
		}
		if err := s.reach(c, kind == "recursive", func(hash []byte) { kept[string(hash)] = s.blocks[string(hash)] }); err != nil {
			return nil, err
		}
	}
	s.blocks = kept
	return map[string]any{}, nil
}

// reach visits a block, and what it links to.
func (s *standIn) reach(c cid.Cid, recursive bool, visit func(hash []byte)) error {
	block, err := s.block(c)
	if err != nil {
		return err
	}
	visit(c.Hash())
	if !recursive || c.Type() != cid.DagProtobuf {
		return nil
	}
	for len(block) > 0 {
		number, _, n := protowire.ConsumeTag(block)
		text, m := protowire.ConsumeBytes(block[max(n, 0):])
		if n < 0 || m < 0 {
			return errors.New("protobuf: malformed")
		}
		block = block[n+m:]
		if number != 2 {
			continue
		}
		_, _, n = protowire.ConsumeTag(text)
		target, _ := protowire.ConsumeBytes(text[n:])
		below, err := cid.Cast(target)
		if err == nil {
			err = s.reach(below, true, visit)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
