package merkle_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger/merkle"
)

// reference is a log as package tlog keeps it.
type reference struct {
	hashes []tlog.Hash
	size   int64
}

func (r *reference) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		list[i] = r.hashes[index]
	}
	return list, nil
}

func (r *reference) add(t require.TestingT, content []byte) {
	hashes, err := tlog.StoredHashes(r.size, content, r)
	require.NoError(t, err)
	r.hashes, r.size = append(r.hashes, hashes...), r.size+1
}

// content of leaf n.
func content(n int64) []byte { return binary.BigEndian.AppendUint64([]byte("leaf "), uint64(n)) }

// A tree has the root and the tiles of the reference at every size, also where it was
// made again from its edges on the way.
func TestTreeIsTlogs(t *testing.T) {
	t.Parallel()
	want, tree := &reference{}, &merkle.Tree{}
	edges := map[int]map[int64][]merkle.Hash{} // roots of complete tiles, by level and index
	var tiles int
	for n := range int64(66_000) { // one tile of level 1, and a bit
		if n < 600 || n%997 == 0 || n > 65_530 && n < 65_540 {
			root, err := tlog.TreeHash(n, want)
			require.NoError(t, err)
			require.Equal(t, root, tree.Root(), "at %d", n)
		}
		if n%4096 == 0 || n == 65_536 {
			tree = again(t, tree.Size(), want)
		}
		want.add(t, content(n))
		for _, tile := range tree.Append(merkle.Leaf(content(n))) {
			tiles++
			data, err := tlog.ReadTileData(tlog.Tile{H: merkle.Height, L: tile.Level, N: tile.Index, W: merkle.Width}, want)
			require.NoError(t, err)
			require.Equal(t, data, tile.Hashes)
			root, err := want.ReadHashes([]int64{tlog.StoredHashIndex(merkle.Height*(tile.Level+1), tile.Index)})
			require.NoError(t, err)
			require.Equal(t, root[0], tile.Root)
			if edges[tile.Level] == nil {
				edges[tile.Level] = map[int64][]merkle.Hash{}
			}
			edges[tile.Level][tile.Index] = root
		}
		require.Equal(t, n+1, tree.Size())
	}
	require.Equal(t, 66_000/256+1, tiles)
	require.Len(t, edges[0], 257)
	require.Len(t, edges[1], 1)
}

// again makes a tree from what the reference knows of its edges.
func again(t require.TestingT, size int64, want *reference) *merkle.Tree {
	tree, err := merkle.Restore(size, func(level int, index int64, width int) ([]merkle.Hash, error) {
		var indexes []int64
		for i := range int64(width) {
			indexes = append(indexes, tlog.StoredHashIndex(merkle.Height*level, index*merkle.Width+i))
		}
		return want.ReadHashes(indexes)
	})
	require.NoError(t, err)
	require.Equal(t, size, tree.Size())
	return tree
}

func TestRestoreAtAnySize(t *testing.T) {
	t.Parallel()
	want := &reference{}
	for n := range int64(70_000) {
		want.add(t, content(n))
	}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(0, want.size).Draw(t, "size")
		root, err := tlog.TreeHash(size, want)
		require.NoError(t, err)
		require.Equal(t, root, again(t, size, want).Root())
	})
	wrong := errors.New("no edge")
	_, err := merkle.Restore(1, func(int, int64, int) ([]merkle.Hash, error) { return nil, wrong })
	require.ErrorIs(t, err, wrong)
}
