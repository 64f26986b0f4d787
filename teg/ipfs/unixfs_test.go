package ipfs

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/agentvault/teg-layer/teg/ipfs/ipfstest"
)

// Whatever a block holds, it is read or refused.
func FuzzNode(f *testing.F) {
	size := uint64(3)
	f.Add(ipfstest.Encode(ipfstest.Content{Kind: ipfstest.KindFile, Data: []byte("abc"), Size: &size}))
	f.Add(ipfstest.Encode(ipfstest.Content{Kind: ipfstest.KindFile, Size: &size, Sizes: []uint64{1, 2}}))
	f.Add(ipfstest.Directory())
	f.Fuzz(func(t *testing.T, block []byte) {
		n, err := parseNode(block)
		if err != nil {
			return
		}
		for _, l := range n.links {
			require.NotEmpty(t, l.target)
		}
	})
}

// Sizes may be written one by one or all in one field.
func TestPackedSizes(t *testing.T) {
	plain, err := parseNode(ipfstest.EncodeRaw([]byte{0x08, kindFile, 0x20, 5, 0x20, 0x80, 1}))
	require.NoError(t, err)
	packed, err := parseNode(ipfstest.EncodeRaw([]byte{0x08, kindFile, 0x22, 3, 5, 0x80, 1}))
	require.NoError(t, err)
	require.Equal(t, []uint64{5, 128}, plain.sizes)
	require.Equal(t, plain.sizes, packed.sizes)
}

// Who names a link twice says two things.
func TestLinkNamedTwice(t *testing.T) {
	link := []byte{0x0a, 4, 1, 0x55, 0, 0, 0x12, 0, 0x12, 1, 'x'} // the first name is empty
	_, err := parseNode(append([]byte{0x12, byte(len(link))}, append(link, 0x0a, 2, 0x08, kindDirectory)...))
	require.ErrorIs(t, err, errNode)
}

// A byte may say a size that takes eight: there are no more of them than links.
func TestManySizes(t *testing.T) {
	packed := func(count int) []byte {
		content := protowire.AppendBytes(protowire.AppendTag([]byte{0x08, kindFile}, 4, protowire.BytesType), make([]byte, count))
		return ipfstest.EncodeRaw(content)
	}
	n, err := parseNode(packed(maxLinks))
	require.NoError(t, err)
	require.Len(t, n.sizes, maxLinks)
	_, err = parseNode(packed(maxLinks + 1))
	require.ErrorIs(t, err, errNode)
	plain := bytes.Repeat([]byte{0x20, 0}, maxLinks+1)
	_, err = parseNode(ipfstest.EncodeRaw(append([]byte{0x08, kindFile}, plain...)))
	require.ErrorIs(t, err, errNode)
}
