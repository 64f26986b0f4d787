package ipfs_test

import (
	"context"
	"crypto/sha256"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/ipfs"
	"github.com/agentvault/teg-layer/teg/ipfs/ipfstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bytesOf makes content that looks like nothing, the same each time.
func bytesOf(size int) []byte {
	content := make([]byte, size)
	source := rand.NewChaCha8([32]byte{1})
	source.Read(content)
	return content
}

// patience is how long a store may take on a machine that has other things to do.
const patience = 5 * time.Minute

func storeOver(t *testing.T, api string, change ...func(*ipfs.Config)) *ipfs.Store {
	t.Helper()
	config := ipfs.Config{API: api, Timeout: patience}
	for _, c := range change {
		c(&config)
	}
	store, err := ipfs.New(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

func pointer(c cid.Cid, path ...string) string {
	return "ipfs://" + strings.Join(append([]string{c.String()}, path...), "/")
}

func fetch(t *testing.T, store *ipfs.Store, pointer string) (teg.Evidence, error) {
	t.Helper()
	return store.Fetch(t.Context(), pointer, 0)
}

// requireContent wants the content proved.
func requireContent(t *testing.T, store *ipfs.Store, pointer string, content []byte) teg.Evidence {
	t.Helper()
	got, err := fetch(t, store, pointer)
	require.NoError(t, err, pointer)
	require.Equal(t, int64(len(content)), got.Size)
	require.Equal(t, sha256.Sum256(content), got.SHA256)
	return got
}

// requireFalse wants content refused for good, with what says why.
func requireFalse(t *testing.T, store *ipfs.Store, pointer, why string) {
	t.Helper()
	_, err := fetch(t, store, pointer)
	require.ErrorIs(t, err, teg.ErrInvalidInput, why)
	require.NotErrorIs(t, err, teg.ErrUnavailable)
	require.ErrorContains(t, err, why)
	require.ErrorIs(t, store.Pin(t.Context(), pointer), teg.ErrInvalidInput, "what is no evidence is not pinned")
}

// All that a store promises, on each node.
func TestStore(t *testing.T) {
	ipfstest.Each(t, func(t *testing.T, n *ipfstest.Node) {
		for name, test := range map[string]func(*testing.T, *ipfstest.Node){
			"layouts": testLayouts, "the CIDs are kubo's": testKnown, "inline": testInline, "inline with pieces": testInlineWithPieces, "paths": testPaths, "large": testLarge,
			"unsound": testUnsound, "missing": testMissing, "lies": testLies, "pins": testPins,
		} {
			t.Run(name, func(t *testing.T) { test(t, n) })
		}
		require.NoError(t, storeOver(t, n.API).Check(t.Context()))
	})
}

// However content is cut, laid out and hashed, it is proved, and its SHA-256 is that
// of its bytes.
func testLayouts(t *testing.T, n *ipfstest.Node) {
	store := storeOver(t, n.API)
	for _, size := range []int{0, 1, 4096, 256 << 10, 600_000} {
		for _, options := range []string{
			"", "cid-version=1", "cid-version=1&raw-leaves=false", "raw-leaves=true", "chunker=size-8192", "chunker=size-8192&trickle=true",
			"chunker=rabin-4096-8192-16384", "chunker=buzhash", "hash=sha2-512", "hash=blake2b-256", "hash=blake3", "hash=sha3-256", "hash=sha3-512",
		} {
			query, err := url.ParseQuery(options)
			require.NoError(t, err)
			content := bytesOf(size)
			c := n.Add(t, content, query)
			got := requireContent(t, store, pointer(c), content)
			require.Equal(t, c.String(), got.CID, "%d %s", size, options)
		}
	}
}

// The stand-in gives the CIDs that kubo gave.
func testKnown(t *testing.T, n *ipfstest.Node) {
	content := bytesOf(1 << 20)
	for want, options := range map[string]url.Values{
		"QmbgkzH3WCfxz4MZPC4wbzv4NWL5J46KHjvA6n8Sd2WoyC":              nil,
		"bafybeighebs7olt3v46pkitkjsfweduv3qh54nxfyx6h2ewizqy3o55auu": {"cid-version": {"1"}},
		"bafybeib4hp3d2x23upe3r6bthm3nbmbmmoswcrtr226swdhusz2nvvd4fa": {"cid-version": {"1"}, "chunker": {"size-1024"}},
	} {
		require.Equal(t, want, n.Add(t, content, options).String())
	}
}

// What a CID holds itself needs nobody.
func testInline(t *testing.T, n *ipfstest.Node) {
	store := storeOver(t, n.API)
	hash, err := multihash.Sum([]byte("paid in full"), multihash.IDENTITY, -1)
	require.NoError(t, err)
	alone := pointer(cid.NewCidV1(cid.Raw, hash))
	requireContent(t, store, alone, []byte("paid in full"))
	require.NoError(t, store.Pin(t.Context(), alone))

	size := uint64(24)
	parts := ipfstest.Encode(ipfstest.Content{Kind: ipfstest.KindFile, Size: &size, Sizes: []uint64{12, 12}},
		ipfstest.Link{CID: cid.NewCidV1(cid.Raw, hash), Size: 12}, ipfstest.Link{CID: cid.NewCidV1(cid.Raw, hash), Size: 12})
	requireContent(t, store, pointer(n.Put(t, parts, "dag-pb", "sha2-256")), []byte("paid in fullpaid in full"))
}

// A CID may hold a file that has its pieces elsewhere: those are what has to be kept.
func testInlineWithPieces(t *testing.T, n *ipfstest.Node) {
	service := ipfstest.StartPinningService(t, "hunter2")
	store := storeOver(t, n.API, func(c *ipfs.Config) { c.Pinning, c.PinningToken = service.URL, "hunter2" })
	content := bytesOf(3501)[1:] // shares no piece with what other tests take away
	whole := n.Add(t, content, url.Values{"chunker": {"size-1024"}, "cid-version": {"1"}})
	inline := whole
	for range 2 { // one within the other
		block := ipfstest.Encode(ipfstest.Content{Kind: ipfstest.KindFile, Sizes: []uint64{3500}}, ipfstest.Link{CID: inline})
		hash, err := multihash.Sum(block, multihash.IDENTITY, -1)
		require.NoError(t, err)
		inline = cid.NewCidV1(cid.DagProtobuf, hash)
	}
	require.NoError(t, store.Pin(t.Context(), pointer(inline)))
	require.Equal(t, "recursive", n.Pins(t)[whole.String()])
	require.Len(t, service.Pins(), 1)
	require.Equal(t, whole.String(), service.Pins()[0].Pin.CID)
	n.CollectGarbage(t)
	require.Equal(t, inline.String(), requireContent(t, store, pointer(inline), content).CID)
}

func testPaths(t *testing.T, n *ipfstest.Node) {
	store := storeOver(t, n.API)
	content := bytesOf(5000)
	file := n.Add(t, content, url.Values{"chunker": {"size-1024"}})
	inner := n.Put(t, ipfstest.Directory(ipfstest.Link{Name: "a b.txt", CID: file}, ipfstest.Link{Name: "100%", CID: file}), "dag-pb", "sha2-256")
	root := n.Put(t, ipfstest.Directory(ipfstest.Link{Name: "in", CID: inner}, ipfstest.Link{Name: "plain", CID: n.Add(t, content, url.Values{"cid-version": {"1"}})}),
		"dag-pb", "blake2b-256")
	for _, path := range []string{"in/a%20b.txt", "in/100%25"} {
		got := requireContent(t, store, pointer(root, path), content)
		require.Equal(t, file.String(), got.CID, "the CID is that of the content")
	}
	requireContent(t, store, pointer(root, "plain"), content)

	twice := n.Put(t, ipfstest.Directory(ipfstest.Link{Name: "x", CID: file}, ipfstest.Link{Name: "x", CID: inner}), "dag-pb", "sha2-256")
	shard := n.Put(t, ipfstest.Encode(ipfstest.Content{Kind: ipfstest.KindShard}), "dag-pb", "sha2-256")
	raw := n.Put(t, []byte("leaf"), "raw", "sha2-256")
	requireFalse(t, store, pointer(root), "is a directory: add the path")
	requireFalse(t, store, pointer(root, "in"), "is a directory: add the path")
	requireFalse(t, store, pointer(root, "out"), `has no "out"`)
	requireFalse(t, store, pointer(root, "plain", "x"), "is no directory")
	requireFalse(t, store, pointer(file, "x"), "is no directory")
	requireFalse(t, store, pointer(raw, "x"), "is no directory")
	requireFalse(t, store, pointer(twice, "x"), "twice")
	requireFalse(t, store, pointer(shard, "x"), "sharded")
	requireFalse(t, store, pointer(shard), "is a directory")
}

// Nothing is read much beyond a bound.
func testLarge(t *testing.T, n *ipfstest.Node) {
	content := bytesOf(300_000)
	c := n.Add(t, content, nil)
	store := storeOver(t, n.API, func(c *ipfs.Config) { c.MaxBytes = 300_000 })
	requireContent(t, store, pointer(c), content)
	_, err := store.Fetch(t.Context(), pointer(c), 299_999)
	require.ErrorIs(t, err, teg.ErrInvalidInput)
	got, err := store.Fetch(t.Context(), pointer(c), 1<<40)
	require.NoError(t, err, "the store's own limit is above")
	require.Equal(t, int64(300_000), got.Size)

	leaf := n.Put(t, content, "raw", "sha2-256")
	small := storeOver(t, n.API, func(c *ipfs.Config) { c.MaxBytes = 299_999 })
	requireFalse(t, small, pointer(c), "larger than 299999 bytes")
	requireFalse(t, small, pointer(leaf), "larger than 299999 bytes")
	quiet := n.Put(t, ipfstest.Encode(ipfstest.Content{Kind: ipfstest.KindFile, Sizes: []uint64{300_000}}, ipfstest.Link{CID: leaf}), "dag-pb", "sha2-256")
	requireFalse(t, small, pointer(quiet), "larger than 299999 bytes")
	requireFalse(t, store, pointer(n.Put(t, make([]byte, 4<<20+1), "raw", "sha2-256")), "is larger than 4194304 bytes")
}

// A bomb: a few small blocks that say each other many times.
func TestBomb(t *testing.T) {
	n := ipfstest.StartStandIn(t)
	store := storeOver(t, n.API)
	c := n.Put(t, ipfstest.Encode(ipfstest.Content{Kind: ipfstest.KindFile}), "dag-pb", "sha2-256")
	for range 4 {
		links := make([]ipfstest.Link, 1000)
		for i := range links {
			links[i].CID = c
		}
		c = n.Put(t, ipfstest.Encode(ipfstest.Content{Kind: ipfstest.KindFile, Sizes: make([]uint64, 1000)}, links...), "dag-pb", "sha2-256")
	}
	requireFalse(t, store, pointer(c), "pieces")
	for range 40 {
		c = n.Put(t, ipfstest.Encode(ipfstest.Content{Kind: ipfstest.KindFile, Sizes: []uint64{0}}, ipfstest.Link{CID: c}), "dag-pb", "sha2-256")
	}
	requireFalse(t, store, pointer(c), "deep")
}

// Content whose form says two things is no evidence for either.
func testUnsound(t *testing.T, n *ipfstest.Node) {
	store := storeOver(t, n.API)
	leaf := n.Put(t, []byte("leaf"), "raw", "sha2-256")
	weak := n.Put(t, []byte("leaf"), "raw", "sha1")
	other := n.Put(t, []byte{0xa0}, "dag-cbor", "sha2-256")
	size := func(n uint64) *uint64 { return &n }
	file := func(total *uint64, sizes []uint64, links ...cid.Cid) []byte {
		var list []ipfstest.Link
		for _, l := range links {
			list = append(list, ipfstest.Link{CID: l})
		}
		return ipfstest.Encode(ipfstest.Content{Kind: ipfstest.KindFile, Size: total, Sizes: sizes}, list...)
	}
	requireContent(t, store, pointer(n.Put(t, file(nil, []uint64{4, 4}, leaf, leaf), "dag-pb", "sha2-256")), []byte("leafleaf"))
	for why, block := range map[string][]byte{
		"says that it has 9 bytes":   file(size(9), []uint64{4, 4}, leaf, leaf),
		"is said to have 3 bytes":    file(size(8), []uint64{3, 5}, leaf, leaf),
		"says the length of 1":       file(size(8), []uint64{8}, leaf, leaf),
		"hash 0x11":                  file(size(4), []uint64{4}, weak),
		"codec 0x71":                 file(size(4), []uint64{4}, other),
		"symbolic link":              ipfstest.Encode(ipfstest.Content{Kind: ipfstest.KindSymlink, Data: []byte("/etc/passwd")}),
		"its kind is 3":              ipfstest.Encode(ipfstest.Content{Kind: 3}),
		"is not UnixFS: its form is": []byte("no protobuf at all"),
		"is not UnixFS":              {},
		"its form is broken":         ipfstest.EncodeRaw([]byte{0x08}),
		"is larger than":             file(size(1<<63), nil),
	} {
		requireFalse(t, store, pointer(n.Put(t, block, "dag-pb", "sha2-256")), why)
	}
	for _, text := range []string{"", "ipfs://", "ipfs://" + weak.String(), "ipfs://" + other.String(), "http://127.0.0.1/"} {
		_, err := fetch(t, store, text)
		require.ErrorIs(t, err, teg.ErrInvalidInput)
	}
}

// A piece that the node has not may be found yet.
func testMissing(t *testing.T, n *ipfstest.Node) {
	store := storeOver(t, n.API)
	content := bytesOf(3000)
	c := n.Add(t, content, url.Values{"chunker": {"size-1024"}, "cid-version": {"1"}})
	requireContent(t, store, pointer(c), content)
	hash, err := multihash.Sum(content[1024:2048], multihash.SHA2_256, -1)
	require.NoError(t, err)
	n.Remove(t, cid.NewCidV1(cid.Raw, hash))
	_, err = fetch(t, store, pointer(c))
	require.ErrorIs(t, err, teg.ErrUnavailable)
	require.NotErrorIs(t, err, teg.ErrInvalidInput)
	require.ErrorContains(t, err, "not found locally")
	require.Equal(t, "SYS_UNAVAILABLE", teg.CodeOf(err))
	require.ErrorIs(t, store.Pin(t.Context(), pointer(c)), teg.ErrUnavailable)
	n.Put(t, content[1024:2048], "raw", "sha2-256")
	requireContent(t, store, pointer(c), content)
}

// A node that gives one wrong byte in any block is caught.
func testLies(t *testing.T, n *ipfstest.Node) {
	content := bytesOf(3000)
	file := n.Add(t, content, url.Values{"chunker": {"size-1024"}})
	root := n.Put(t, ipfstest.Directory(ipfstest.Link{Name: "file", CID: file}), "dag-pb", "sha2-256")
	var left atomic.Int64
	store := storeOver(t, lying(t, n.API, &left))
	for lie := range 5 { // the directory, the file, its three pieces
		left.Store(int64(lie))
		_, err := fetch(t, store, pointer(root, "file"))
		require.ErrorIs(t, err, teg.ErrEvidenceMismatch, "block %d", lie)
		require.NotErrorIs(t, err, teg.ErrUnavailable)
	}
	left.Store(5)
	requireContent(t, store, pointer(root, "file"), content)
}

// lying stands before a node, and turns a bit in the block that is asked for after
// the number of blocks that are left.
func lying(t *testing.T, api string, left *atomic.Int64) string {
	target, err := url.Parse(api)
	require.NoError(t, err)
	transport := &http.Transport{DisableKeepAlives: true}
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: transport,
		ModifyResponse: func(r *http.Response) error {
			if left.Add(-1) == -1 {
				r.Body = &turned{r.Body}
			}
			return nil
		},
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}

func testPins(t *testing.T, n *ipfstest.Node) {
	store := storeOver(t, n.API)
	content, lost := bytesOf(3000), bytesOf(2999)
	file := n.Add(t, content, url.Values{"chunker": {"size-1024"}})
	root := n.Put(t, ipfstest.Directory(ipfstest.Link{Name: "file", CID: file}), "dag-pb", "sha2-256")
	forgotten := n.Add(t, lost, nil)
	for range 2 {
		require.NoError(t, store.Pin(t.Context(), pointer(root, "file")), "to ask again changes nothing")
	}
	pins := n.Pins(t)
	require.Equal(t, "recursive", pins[file.String()])
	require.Equal(t, "direct", pins[root.String()])
	n.CollectGarbage(t)
	requireContent(t, store, pointer(root, "file"), content)
	_, err := fetch(t, store, pointer(forgotten))
	require.ErrorIs(t, err, teg.ErrUnavailable, "what was not pinned is gone")

	// A directory that somebody else pinned with all that is in it stays so.
	all := n.Put(t, ipfstest.Directory(ipfstest.Link{Name: "f", CID: file}), "dag-pb", "sha2-256")
	node, err := ipfs.NewNode(n.API, "")
	require.NoError(t, err)
	require.NoError(t, node.Pin(context.Background(), all, true))
	require.NoError(t, store.Pin(t.Context(), pointer(all, "f")))
	require.Equal(t, "recursive", n.Pins(t)[all.String()])
}
