package bunstore

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/store"
)

// hashColumn is a hash as both databases keep it.
type hashColumn []byte

func (h hashColumn) hash() (hash merkle.Hash) {
	copy(hash[:], h)
	return hash
}

// hashesColumn are those of a complete tile. Readers take parts of them, so that their number
// is looked at here.
type hashesColumn []byte

// Scan reads hashes.
func (c *hashesColumn) Scan(src any) error {
	data, ok := src.([]byte)
	if !ok || len(data) != merkle.Width*tlog.HashSize {
		return fmt.Errorf("bunstore: the hashes of a tile are %d bytes of %T, and not %d", len(data), src, merkle.Width*tlog.HashSize)
	}
	*c = bytes.Clone(data)
	return nil
}

type tileRow struct {
	Level  int
	Idx    int64
	Latest idColumn
	Root   hashColumn
	Hashes hashesColumn
}

func (row *tileRow) tile() store.Tile {
	return store.Tile{
		Tile:   merkle.Tile{Level: row.Level, Index: row.Idx, Root: row.Root.hash(), Hashes: row.Hashes},
		Latest: store.EventID(row.Latest),
	}
}

// Leaves implements [store.TreeReader]. What is below the head never changes, so that
// this takes no view of both. Bodies are hashed where the driver has them.
func (r *Reader) Leaves(ctx context.Context, from int64, limit int) ([]store.Leaf, error) {
	log, err := r.ends(ctx)
	if err == nil {
		err = log.begins(from)
	}
	if err != nil {
		return nil, err
	}
	var leaves []store.Leaf
	var id idColumn
	var body sql.RawBytes
	err = r.scan(ctx, visitor(func(scan func(into []any) error) error {
		err := scan([]any{&id, &body})
		leaves = append(leaves, store.Leaf{ID: store.EventID(id), Hash: merkle.Leaf(body)})
		return err
	}), `SELECT id, body FROM events WHERE position >= ? AND position < ? ORDER BY position LIMIT ?`, from, log.Size, limit)
	return leaves, err
}

// Tiles implements [store.TreeReader].
func (r *Reader) Tiles(ctx context.Context, level int, from int64, limit int) ([]store.Tile, error) {
	var rows []tileRow
	err := r.scan(ctx, &rows, `SELECT level, idx, latest, root, hashes FROM log_tiles WHERE level = ? AND idx >= ? ORDER BY idx LIMIT ?`, level, from, limit)
	tiles := make([]store.Tile, len(rows))
	for i := range rows {
		tiles[i] = rows[i].tile()
	}
	return tiles, err
}

// TileRoots implements [store.TreeReader].
func (r *Reader) TileRoots(ctx context.Context, level int, from int64, limit int) ([]merkle.Hash, error) {
	var rows []hashColumn
	err := r.scan(ctx, &rows, `SELECT root FROM log_tiles WHERE level = ? AND idx >= ? ORDER BY idx LIMIT ?`, level, from, limit)
	roots := make([]merkle.Hash, len(rows))
	for i := range rows {
		roots[i] = rows[i].hash()
	}
	return roots, err
}

// LastTile implements [store.TreeReader].
func (r *Reader) LastTile(ctx context.Context) (store.Tile, error) {
	var rows []tileRow
	err := r.scan(ctx, &rows, `SELECT level, idx, latest, root FROM log_tiles WHERE level = 0 ORDER BY idx DESC LIMIT 1`)
	if err != nil || len(rows) == 0 {
		return store.Tile{Tile: merkle.Tile{Index: -1}}, err
	}
	return rows[0].tile(), nil
}

// TileOf implements [store.TreeReader]. The latest ids rise with the tiles of level 0, and
// are nil above.
func (r *Reader) TileOf(ctx context.Context, id store.EventID) (index int64, err error) {
	var found []int64
	err = r.scan(ctx, &found, `SELECT idx FROM log_tiles WHERE latest >= ? ORDER BY latest, idx LIMIT 1`, r.dialect.ID(id))
	if err != nil || len(found) > 0 {
		return append(found, 0)[0], err
	}
	last, err := r.LastTile(ctx)
	return last.Index + 1, err
}

// FindEvents implements [store.TreeReader].
func (r *Reader) FindEvents(ctx context.Context, q store.EventSearch) ([]store.Event, error) {
	which, value := `id = ?`, r.dialect.ID(q.ID)
	if q.ID == (store.EventID{}) {
		which, value = `at = ?`, r.dialect.Time(q.At)
	}
	var rows []eventRow
	err := r.scan(ctx, &rows, `SELECT `+eventColumns+` FROM events WHERE position >= ? AND position < ? AND `+which+` ORDER BY position`,
		q.From, q.To, value)
	if err != nil {
		return nil, err
	}
	return events(rows)
}

type checkpointRow struct {
	Origin string
	Size   int64
	Root   hashColumn
	At     timeColumn
	Note   string
}

const checkpointColumns = `origin, size, root, at, note`

func checkpoints(rows []checkpointRow) []store.Checkpoint {
	list := make([]store.Checkpoint, len(rows))
	for i, row := range rows {
		list[i] = store.Checkpoint{Origin: row.Origin, Size: row.Size, Root: row.Root.hash(), At: row.At.Time, Note: row.Note}
	}
	return list
}

// LastCheckpoint implements [store.TreeReader].
func (r *Reader) LastCheckpoint(ctx context.Context, origin string, upTo int64) (*store.Checkpoint, error) {
	var rows []checkpointRow
	err := r.scan(ctx, &rows, `SELECT `+checkpointColumns+` FROM log_checkpoints WHERE origin = ? AND size <= ? ORDER BY size DESC LIMIT 1`, origin, upTo)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &checkpoints(rows)[0], nil
}

// AuditCheckpoints implements [store.TreeReader].
func (r *Reader) AuditCheckpoints(ctx context.Context, above, upTo int64) ([]store.Checkpoint, error) {
	var rows []checkpointRow
	err := r.scan(ctx, &rows, `SELECT `+checkpointColumns+` FROM log_checkpoints WHERE size > ? AND size <= ? ORDER BY size, origin`, above, upTo)
	return checkpoints(rows), err
}

// execer runs a statement.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// asker asks, too.
type asker interface {
	execer
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// compare refuses another log than the one of a mark. Parts of it that have been archived
// since are in the tile.
func (d Dialect) compare(ctx context.Context, tx asker, of store.LogMark) error {
	if t := of.Tile; t != nil && t.Index >= 0 {
		err := d.has(ctx, tx, `SELECT count(*) FROM log_tiles WHERE level = 0 AND idx = %s AND root = %s`, t.Index, t.Root[:])
		if err != nil {
			return err
		}
	}
	if of.Last == (store.EventID{}) {
		return nil
	}
	return d.has(ctx, tx, `SELECT count(*) FROM events WHERE position = %s AND id = %s`, of.Size-1, d.ID(of.Last))
}

func (d Dialect) has(ctx context.Context, tx asker, question string, args ...any) error {
	var found int
	if err := tx.QueryRowContext(ctx, fmt.Sprintf(question, d.place(1), d.place(2)), args...).Scan(&found); err != nil {
		return err
	}
	if found == 0 {
		return fmt.Errorf("%w: it is another one than was read", store.ErrBeyondLog)
	}
	return nil
}

// GrowTree carries out what [store.Store] says of it, inside a transaction of the
// driver's own handle.
func (d Dialect) GrowTree(ctx context.Context, tx asker, growth store.TreeGrowth) error {
	if err := d.compare(ctx, tx, growth.Of); err != nil {
		return err
	}
	for i := range growth.Tiles {
		t := &growth.Tiles[i]
		_, err := tx.ExecContext(ctx, d.insert("log_tiles", "level", "idx", "latest", "root", "hashes"),
			t.Level, t.Index, d.ID(t.Latest), t.Root[:], t.Hashes)
		if err != nil {
			return err
		}
	}
	c := growth.Checkpoint
	if c == nil {
		return nil
	}
	_, err := tx.ExecContext(ctx, d.insert("log_checkpoints", "origin", "size", "root", "at", "note"), c.Origin, c.Size, c.Root[:], d.Time(c.At), c.Note)
	return err
}

// insert writes a statement for one row, with the placeholders of the driver.
func (d Dialect) insert(table string, columns ...string) string {
	places := make([]string, len(columns))
	for i := range places {
		places[i] = d.place(i + 1)
	}
	return `INSERT INTO ` + table + ` (` + strings.Join(columns, ", ") + `) VALUES (` + strings.Join(places, ", ") + `)`
}

// place is the driver's placeholder of the nth value.
func (d Dialect) place(n int) string {
	if d == Postgres {
		return "$" + strconv.Itoa(n)
	}
	return "?"
}
