package teg_test

import (
	"context"
	"errors"

	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
)

// atGrow is a write of the tree over the log.
const atGrow = "grow"

func (s *brittle) GrowTree(ctx context.Context, growth store.TreeGrowth) error {
	err := s.faults.hit(atGrow)
	if err == nil || errors.Is(err, errKept) {
		err = errors.Join(err, s.Store.GrowTree(ctx, growth))
	}
	return err
}

func (r *brittleReader) Leaves(ctx context.Context, from int64, limit int) ([]store.Leaf, error) {
	return read(r, "Leaves", func() ([]store.Leaf, error) { return r.sound.Leaves(ctx, from, limit) })
}

func (r *brittleReader) Tiles(ctx context.Context, level int, from int64, limit int) ([]store.Tile, error) {
	return read(r, "Tiles", func() ([]store.Tile, error) { return r.sound.Tiles(ctx, level, from, limit) })
}

func (r *brittleReader) TileRoots(ctx context.Context, level int, from int64, limit int) ([]merkle.Hash, error) {
	return read(r, "TileRoots", func() ([]merkle.Hash, error) { return r.sound.TileRoots(ctx, level, from, limit) })
}

func (r *brittleReader) LastTile(ctx context.Context) (store.Tile, error) {
	return read(r, "LastTile", func() (store.Tile, error) { return r.sound.LastTile(ctx) })
}

func (r *brittleReader) TileOf(ctx context.Context, id store.EventID) (int64, error) {
	return read(r, "TileOf", func() (int64, error) { return r.sound.TileOf(ctx, id) })
}

func (r *brittleReader) FindEvents(ctx context.Context, q store.EventSearch) ([]store.Event, error) {
	return read(r, "FindEvents", func() ([]store.Event, error) { return r.sound.FindEvents(ctx, q) })
}

func (r *brittleReader) LastCheckpoint(ctx context.Context, origin string, upTo int64) (*store.Checkpoint, error) {
	return read(r, "LastCheckpoint", func() (*store.Checkpoint, error) { return r.sound.LastCheckpoint(ctx, origin, upTo) })
}

func (r *brittleReader) AuditCheckpoints(ctx context.Context, above, upTo int64) ([]store.Checkpoint, error) {
	return read(r, "AuditCheckpoints", func() ([]store.Checkpoint, error) { return r.sound.AuditCheckpoints(ctx, above, upTo) })
}

// fillTile makes so many events that a tile of the log's tree is complete.
func (s *scene) fillTile() error {
	p := teg.BatchParams{From: s.alice}
	for range 256 {
		p.Transfers = append(p.Transfers, teg.BatchTransfer{To: s.bob, Amount: teg.AVT("0.01")})
	}
	r, err := s.eng.TransferBatch(context.Background(), p)
	if err == nil && r.Failed > 0 {
		err = r.Results[0].Err
	}
	if err == nil {
		err = s.eng.GrowTree(context.Background())
	}
	if err == nil {
		_, err = s.eng.Checkpoint(context.Background())
	}
	return err
}
