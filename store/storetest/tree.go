package storetest

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
)

// treeTests are those of the tree over the log.
var treeTests = map[string]func(*testing.T, *bench){
	"tiles are read back":                          testTiles,
	"a tile is found by the ids of its events":     testTileOf,
	"checkpoints are read back":                    testCheckpoints,
	"a step of the tree is written whole":          testGrowthIsWhole,
	"tiles and checkpoints never change":           testTreeAppendOnly,
	"the tree of another log is not taken":         testTreeOfOtherLog,
	"events are found by id and instant":           testFindEvents,
	"of a tree that has not grown nothing is told": testNoTree,
}

// tile is one with everything in it.
func tile(level int, index int64, latest byte) store.Tile {
	hashes := bytes.Repeat([]byte{byte(level), byte(index), 3, 4}, 2048)
	t := store.Tile{Tile: merkle.Tile{Level: level, Index: index, Root: merkle.Hash{1, byte(index), 31: byte(level)}, Hashes: hashes}}
	if level == 0 {
		t.Latest = store.EventID{latest, 15: 1}
	}
	return t
}

func (b *bench) checkpoint(origin string, size int64) *store.Checkpoint {
	return &store.Checkpoint{Origin: origin, Size: size, Root: merkle.Hash{9, byte(size)}, At: b.now, Note: origin + "\n—\n"}
}

func (b *bench) grow(t *testing.T, g store.TreeGrowth) {
	t.Helper()
	require.NoError(t, b.store.GrowTree(background(), g))
}

func testTiles(t *testing.T, b *bench) {
	all := []store.Tile{tile(0, 0, 1), tile(0, 1, 2), tile(0, 2, 3), tile(1, 0, 0)}
	b.grow(t, store.TreeGrowth{Tiles: all})
	got, err := b.reader.Tiles(background(), 0, 1, 10)
	require.NoError(t, err)
	require.Equal(t, all[1:3], got)
	got, err = b.reader.Tiles(background(), 1, 0, 1)
	require.NoError(t, err)
	require.Equal(t, all[3:], got)
	roots, err := b.reader.TileRoots(background(), 0, 0, 2)
	require.NoError(t, err)
	require.Equal(t, []merkle.Hash{all[0].Root, all[1].Root}, roots)
	last, err := b.reader.LastTile(background())
	require.NoError(t, err)
	want := all[2]
	want.Hashes = nil
	require.Equal(t, want, last)
}

func testTileOf(t *testing.T, b *bench) {
	b.grow(t, store.TreeGrowth{Tiles: []store.Tile{tile(0, 0, 10), tile(0, 1, 10), tile(0, 2, 20), tile(1, 0, 0)}})
	for id, want := range map[byte]int64{1: 0, 10: 0, 11: 2, 20: 2, 21: 3, 200: 3} {
		index, err := b.reader.TileOf(background(), store.EventID{id, 15: 1})
		require.NoError(t, err)
		require.Equal(t, want, index, "of %d", id)
	}
}

func testCheckpoints(t *testing.T, b *bench) {
	for _, size := range []int64{0, 5, 9} {
		b.grow(t, store.TreeGrowth{Checkpoint: b.checkpoint("a.example", size)})
	}
	b.grow(t, store.TreeGrowth{Checkpoint: b.checkpoint("b.example", 7)})
	for upTo, want := range map[int64]int64{math.MaxInt64: 9, 9: 9, 8: 5, 4: 0} {
		got, err := b.reader.LastCheckpoint(background(), "a.example", upTo)
		require.NoError(t, err)
		require.Equal(t, b.checkpoint("a.example", want), got)
	}
	got, err := b.reader.LastCheckpoint(background(), "c.example", math.MaxInt64)
	require.NoError(t, err)
	require.Nil(t, got)
	all, err := b.reader.AuditCheckpoints(background(), 0, 8)
	require.NoError(t, err)
	require.Equal(t, []store.Checkpoint{*b.checkpoint("a.example", 5), *b.checkpoint("b.example", 7)}, all)
}

// testGrowthIsWhole finds a tile there, and a checkpoint, and writes nothing beside them.
func testGrowthIsWhole(t *testing.T, b *bench) {
	b.grow(t, store.TreeGrowth{Tiles: []store.Tile{tile(0, 0, 1)}, Checkpoint: b.checkpoint("a", 256)})
	for _, growth := range []store.TreeGrowth{
		{Tiles: []store.Tile{tile(0, 1, 2), tile(0, 0, 1)}},
		{Tiles: []store.Tile{tile(0, 1, 2)}, Checkpoint: b.checkpoint("a", 256)},
	} {
		require.ErrorIs(t, b.store.GrowTree(background(), growth), store.ErrConflict)
	}
	other := b.checkpoint("a", 256)
	other.Root = merkle.Hash{8}
	require.ErrorIs(t, b.store.GrowTree(background(), store.TreeGrowth{Checkpoint: other}), store.ErrConflict, "never two roots for one size")
	last, err := b.reader.LastTile(background())
	require.NoError(t, err)
	require.Zero(t, last.Index)
	b.grow(t, store.TreeGrowth{}) // nothing
	short := tile(0, 1, 2)
	short.Hashes = short.Hashes[:32]
	require.Error(t, b.store.GrowTree(background(), store.TreeGrowth{Tiles: []store.Tile{short}}), "a tile is complete")
}

func testTreeAppendOnly(t *testing.T, b *bench) {
	b.grow(t, store.TreeGrowth{Tiles: []store.Tile{tile(0, 0, 1)}, Checkpoint: b.checkpoint("a", 256)})
	db := handleOf(t, b.store)
	_, onPostgres := b.store.(*postgres.Store)
	for _, table := range []string{"log_tiles", "log_checkpoints"} {
		statements := []string{"UPDATE " + table + " SET root = root", "DELETE FROM " + table, "REPLACE INTO " + table + " SELECT * FROM " + table}
		if onPostgres {
			statements[2] = "TRUNCATE " + table
		}
		for _, statement := range statements {
			_, err := db.ExecContext(background(), statement)
			require.ErrorContains(t, err, "append-only", statement)
		}
	}
}

// testTreeOfOtherLog offers checkpoints and tiles of a log that has another event, or another
// tile, where this one has its own, or more than this one.
func testTreeOfOtherLog(t *testing.T, b *bench) {
	event := b.event("transfer", b.alice.Owner)
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{Events: []store.Event{event}}))
	first, other := tile(0, 0, 1), tile(0, 0, 1)
	b.grow(t, store.TreeGrowth{Tiles: []store.Tile{first}, Of: store.LogMark{Tile: &store.Tile{Tile: merkle.Tile{Index: -1}}, Size: 1, Last: event.ID}})
	other.Root = merkle.Hash{7}
	for _, mark := range []store.LogMark{
		{Size: 1, Last: store.EventID{1}}, {Size: 2, Last: event.ID}, {Tile: &other, Size: 1, Last: event.ID}, {Tile: &other},
	} {
		for _, growth := range []store.TreeGrowth{
			{Checkpoint: b.checkpoint("a", 1), Of: mark}, {Tiles: []store.Tile{tile(0, 1, 2)}, Of: mark}, {Tiles: []store.Tile{first}, Of: mark},
		} {
			require.ErrorIs(t, b.store.GrowTree(background(), growth), store.ErrBeyondLog)
		}
	}
	last, err := b.reader.LastCheckpoint(background(), "a", math.MaxInt64)
	require.NoError(t, err)
	require.Nil(t, last)
	b.grow(t, store.TreeGrowth{Checkpoint: b.checkpoint("a", 1), Of: store.LogMark{Tile: &first, Size: 1, Last: event.ID}})
}

func testFindEvents(t *testing.T, b *bench) {
	var made []store.Event
	for i := range 6 {
		event := b.event("transfer", b.alice.Owner)
		event.At = b.now.Add(time.Duration(i/2) * time.Second)
		tx, _ := b.begin(t, store.Need{})
		require.NoError(t, tx.Commit(background(), &store.Changes{Events: []store.Event{event}}))
		event.Position = int64(i)
		made = append(made, event)
	}
	for from, want := range map[int64][]store.Event{0: made[:4], 5: made[5:], 6: nil} {
		leaves, err := b.reader.Leaves(background(), from, 4)
		require.NoError(t, err)
		require.Len(t, leaves, len(want))
		for i := range leaves {
			require.Equal(t, store.Leaf{ID: want[i].ID, Hash: merkle.Leaf(want[i].Body)}, leaves[i])
		}
	}
	_, err := b.reader.Leaves(background(), 7, 4)
	require.ErrorIs(t, err, store.ErrBeyondLog)
	for _, q := range []struct {
		store.EventSearch
		want []store.Event
	}{
		{store.EventSearch{To: 6, ID: made[3].ID}, made[3:4]}, {store.EventSearch{To: 3, ID: made[3].ID}, nil},
		{store.EventSearch{From: 4, To: 6, ID: made[3].ID}, nil}, {store.EventSearch{To: 6, At: made[2].At}, made[2:4]},
		{store.EventSearch{From: 3, To: 6, At: made[2].At}, made[3:4]}, {store.EventSearch{To: 6, At: b.now.Add(time.Hour)}, nil},
	} {
		found, err := b.reader.FindEvents(background(), q.EventSearch)
		require.NoError(t, err)
		require.Equal(t, append([]store.Event{}, q.want...), found)
	}
}

func testNoTree(t *testing.T, b *bench) {
	last, err := b.reader.LastTile(background())
	require.NoError(t, err)
	require.EqualValues(t, -1, last.Index)
	index, err := b.reader.TileOf(background(), store.EventID{1})
	require.NoError(t, err)
	require.Zero(t, index)
	tiles, err := b.reader.Tiles(background(), 0, 0, 10)
	require.NoError(t, err)
	require.Empty(t, tiles)
	roots, err := b.reader.TileRoots(background(), 0, 0, 10)
	require.NoError(t, err)
	require.Empty(t, roots)
	all, err := b.reader.AuditCheckpoints(background(), -1, math.MaxInt64)
	require.NoError(t, err)
	require.Empty(t, all)
}
