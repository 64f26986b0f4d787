package store

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger/merkle"
)

// Tile is a complete tile of the tree over the log. It never changes.
type Tile struct {
	merkle.Tile
	// Latest is the greatest id of all events up to the end of the tile: an event with
	// a greater one stands behind it. Zero above level 0.
	Latest EventID
}

// Checkpoint is what the log was at a size, as it was given out. It never changes.
type Checkpoint struct {
	Origin string // names the log
	Size   int64
	Root   merkle.Hash
	At     time.Time
	Note   string // as it was given out, with its signatures where there are any
}

// TreeGrowth is what a step adds to the tree.
type TreeGrowth struct {
	Tiles      []Tile
	Checkpoint *Checkpoint // nil: none
	Of         LogMark     // the log that it was made of
}

// LogMark knows a log again. A standby that had not got all of a log when it took over has
// another one once that has grown: with the same beginning, and then other events at the
// same positions. Where both have one event at a position they have the same before it.
type LogMark struct {
	Tile *Tile   // the last complete tile from which on it was read; nil or index -1: from its beginning
	Size int64   // how far it was read
	Last EventID // the event before that; zero: none was read
}

// EventSearch looks for events by what no index has: within From ≤ position < To, those
// with an id or, where that is zero, those of an instant.
type EventSearch struct {
	From, To int64
	ID       EventID
	At       time.Time
}

// Leaf is an event as the tree has it.
type Leaf struct {
	ID   EventID
	Hash merkle.Hash // of its body
}

// TreeReader reads the tree over the log.
type TreeReader interface {
	// Leaves returns events as leaves, in commit order from a position on; fewer than
	// limit means that there are no more yet. From beyond the end is [ErrBeyondLog], from
	// before the tail [ErrForgotten].
	Leaves(ctx context.Context, from int64, limit int) ([]Leaf, error)
	// Tiles returns complete tiles of a level with their hashes, ordered by index, from
	// one on.
	Tiles(ctx context.Context, level int, from int64, limit int) ([]Tile, error)
	// TileRoots returns the roots alone, which takes no reading of hashes.
	TileRoots(ctx context.Context, level int, from int64, limit int) ([]merkle.Hash, error)
	// LastTile returns the last complete tile of level 0 without its hashes; its index
	// is −1 where there is none.
	LastTile(ctx context.Context) (Tile, error)
	// TileOf returns the first tile of level 0 in which an event of that id, not zero, can stand:
	// none before it has one. Where none can, it is the index after the last.
	TileOf(ctx context.Context, id EventID) (index int64, err error)
	// FindEvents returns what is looked for, ordered by position.
	FindEvents(ctx context.Context, q EventSearch) ([]Event, error)
	// LastCheckpoint returns the one of the greatest size that an origin has up to a
	// size; nil where there is none.
	LastCheckpoint(ctx context.Context, origin string, upTo int64) (*Checkpoint, error)
	// AuditCheckpoints returns those of all origins with above < size ≤ upTo, ordered by
	// size.
	AuditCheckpoints(ctx context.Context, above, upTo int64) ([]Checkpoint, error)
}
