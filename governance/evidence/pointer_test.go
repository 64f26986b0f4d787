package evidence_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multibase"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/governance/evidence"
)

const (
	v0 = "QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR"
	v1 = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
)

func TestPointers(t *testing.T) {
	for text, path := range map[string][]string{
		"ipfs://" + v0:                         nil,
		"ipfs://" + v1:                         nil,
		"ipfs://" + v1 + "/a":                  {"a"},
		"ipfs://" + v0 + "/a%20b/c.txt":        {"a b", "c.txt"},
		"ipfs://" + v0 + "/%C3%BC/...":         {"ü", "..."},
		"ipfs://" + v1 + "/x@y:1,2;(z)/100%25": {"x@y:1,2;(z)", "100%"},
	} {
		p, err := evidence.ParsePointer(text)
		require.NoError(t, err, text)
		require.Equal(t, path, p.Path())
		again, err := evidence.ParsePointer(p.String())
		require.NoError(t, err)
		require.Equal(t, p, again, "the canonical form is read as the same")
	}
}

func TestWhatIsNoPointer(t *testing.T) {
	for _, text := range []string{
		"", "ipfs://", "ipfs:///" + v1, "IPFS://" + v1, "ipfs:" + v1, "ipns://" + v1, "https://ipfs.io/ipfs/" + v1, v1, "/ipfs/" + v1,
		" ipfs://" + v1, "ipfs://" + v1 + " ", "ipfs://" + v1 + "\x00", "ipfs://user@" + v1, "ipfs://" + v1 + ":80", "ipfs://" + v1 + "?a=b",
		"ipfs://" + v1 + "#a", "ipfs://" + v1 + "/", "ipfs://" + v1 + "//a", "ipfs://" + v1 + "/a/", "ipfs://" + v1 + "/.", "ipfs://" + v1 + "/../a",
		"ipfs://" + v1 + "/%2e%2e", "ipfs://" + v1 + "/a%2Fb", "ipfs://" + v1 + "/a b", "ipfs://" + v1 + "/a?b", "ipfs://" + v1 + "/%", "ipfs://" + v1 + "/%zz",
		"ipfs://" + v1 + "/%00", "ipfs://" + v1 + "/a%0Ab", "ipfs://" + v1 + "/%ff", "ipfs://" + v1 + "/\xff", "ipfs://" + v1 + "/" + strings.Repeat("a", 256),
		"ipfs://" + v1 + strings.Repeat("/a", evidence.MaxSegments+1), "ipfs://" + v1 + "/" + strings.Repeat("a/", 300) + "a",
		"ipfs://" + v1[:len(v1)-1], "ipfs://" + v0[:45], "ipfs://" + v0 + "1", "ipfs://QmO" + v0[3:], "ipfs://example.com", "ipfs://b", "ipfs://bafy…",
	} {
		_, err := evidence.ParsePointer(text)
		require.Error(t, err, "%q", text)
		require.NotContains(t, err.Error(), "\x00")
	}
}

// What is parsed here is what the library that computes CIDs takes for the same.
func TestCIDsAsTheLibraryReadsThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom([]uint64{multihash.SHA2_256, multihash.SHA2_512, multihash.SHA3_256, multihash.SHA3_512,
			multihash.BLAKE2B_MIN + 31, multihash.BLAKE3, multihash.IDENTITY}).Draw(t, "hash")
		content := rapid.SliceOfN(rapid.Byte(), 0, evidence.MaxInline).Draw(t, "content")
		hash, err := multihash.Sum(content, code, -1)
		require.NoError(t, err)
		c := cid.NewCidV1(rapid.SampledFrom([]uint64{cid.Raw, cid.DagProtobuf}).Draw(t, "codec"), hash)
		if code == multihash.SHA2_256 && rapid.Bool().Draw(t, "version 0") {
			c = cid.NewCidV0(hash)
		}
		got, err := evidence.ParseCID(c.String())
		require.NoError(t, err)
		require.Equal(t, c.String(), got.String())
		require.Equal(t, c.Bytes(), got.Bytes())
		require.Equal(t, c.Type(), got.Codec())
		binary, err := evidence.CIDFromBytes(c.Bytes())
		require.NoError(t, err)
		require.Equal(t, got, binary)
		within, ok := got.Inline()
		require.Equal(t, code == multihash.IDENTITY, ok)
		require.True(t, !ok || bytes.Equal(content, within))
		if c.Version() == 0 {
			return
		}
		base := rapid.SampledFrom([]multibase.Encoding{multibase.Base32Upper, multibase.Base36, multibase.Base58BTC, multibase.Base16}).Draw(t, "base")
		text, err := c.StringOfBase(base)
		require.NoError(t, err)
		if len(text) <= evidence.MaxPointer {
			got, err = evidence.ParseCID(text)
			require.NoError(t, err)
			require.Equal(t, c.String(), got.String())
		}
	})
}

// Content that could not be checked, or that is no file, is refused beforehand.
func TestCIDsThatProveNothing(t *testing.T) {
	sum := func(code uint64, length int) multihash.Multihash {
		hash, err := multihash.Sum([]byte("evidence"), code, length)
		require.NoError(t, err)
		return hash
	}
	large, err := multihash.Sum(make([]byte, evidence.MaxInline+1), multihash.IDENTITY, -1)
	require.NoError(t, err)
	for _, c := range []cid.Cid{
		cid.NewCidV1(cid.Raw, sum(multihash.SHA1, -1)), cid.NewCidV1(cid.Raw, sum(multihash.MURMUR3X64_64, -1)), cid.NewCidV1(cid.Raw, sum(multihash.MD5, -1)),
		cid.NewCidV1(cid.Raw, sum(multihash.SHA2_256, 16)), cid.NewCidV1(cid.Raw, large),
		cid.NewCidV1(cid.DagCBOR, sum(multihash.SHA2_256, -1)), cid.NewCidV1(cid.Libp2pKey, sum(multihash.SHA2_256, -1)),
	} {
		_, err := evidence.ParseCID(c.String())
		require.Error(t, err, c.String())
		_, err = evidence.CIDFromBytes(c.Bytes())
		require.Error(t, err, c.String())
	}
}

// Whatever is sent: an answer, and what is taken has a canonical form of itself.
func FuzzParsePointer(f *testing.F) {
	for _, text := range []string{"ipfs://" + v0, "ipfs://" + v1 + "/a%20b", "ipfs://z", "ipfs://Qm"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := evidence.ParsePointer(text)
		if err != nil {
			return
		}
		again, err := evidence.ParsePointer(p.String())
		if len(p.String()) <= evidence.MaxPointer {
			require.NoError(t, err)
			require.Equal(t, p.String(), again.String())
		}
		_, err = cid.Decode(p.Root().String())
		require.NoError(t, err)
	})
}
