package teg_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// logKey is a key for checkpoints, and how they are verified.
func logKey(t testing.TB, name string) (sign func(*teg.Config), verify note.Verifier) {
	private, public, err := note.GenerateKey(nil, name)
	require.NoError(t, err)
	signer, err := teg.NewLogSigner(private + "\n")
	require.NoError(t, err)
	verify, err = note.NewVerifier(public)
	require.NoError(t, err)
	return func(c *teg.Config) { c.LogSigner = signer }, verify
}

// witness knows of a log what package tlog makes of the bodies of its events alone.
type witness struct {
	t      testing.TB
	hashes []tlog.Hash
	events []teg.AuditLogEntry
	size   int64
}

func (o *witness) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		list[i] = o.hashes[index]
	}
	return list, nil
}

// read reads on to the end of the log.
func (o *witness) read(eng *teg.Engine) {
	for entry, err := range eng.EventsFrom(context.Background(), o.size) {
		require.NoError(o.t, err)
		require.Equal(o.t, o.size, entry.Position)
		hashes, err := tlog.StoredHashes(o.size, entry.Body, o)
		require.NoError(o.t, err)
		o.hashes, o.events, o.size = append(o.hashes, hashes...), append(o.events, entry), o.size+1
	}
}

func (o *witness) root(size int64) tlog.Hash {
	root, err := tlog.TreeHash(size, o)
	require.NoError(o.t, err)
	return root
}

// check holds what an engine says of its log against what the witness knows.
func (o *witness) check(eng *teg.Engine, c teg.Checkpoint, verify note.Verifier) {
	o.t.Helper()
	o.read(eng)
	require.Equal(o.t, o.root(c.Size), c.Root)
	opened, err := note.Open([]byte(c.Note), note.VerifierList(verify))
	require.NoError(o.t, err)
	require.Equal(o.t, fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:])), opened.Text)
	for range 8 {
		o.checkTile(eng, c.Size)
		size := 1 + rand.Int64N(c.Size)
		path, to, err := eng.Consistency(context.Background(), size, c.Size)
		require.NoError(o.t, err)
		require.Equal(o.t, c.Size, to)
		require.NoError(o.t, tlog.CheckTree(path, c.Size, c.Root, size, o.root(size)))
		o.checkEvent(eng, rand.Int64N(size), size)
		o.checkEvent(eng, rand.Int64N(c.Size), 0)
	}
}

// checkTile compares a tile with the reference's.
func (o *witness) checkTile(eng *teg.Engine, size int64) {
	all := tlog.NewTiles(merkle.Height, 0, size)
	tile := all[rand.IntN(len(all))]
	data, err := eng.LogTile(context.Background(), tile.L, tile.N, tile.W)
	require.NoError(o.t, err)
	want, err := tlog.ReadTileData(tile, o)
	require.NoError(o.t, err)
	require.Equal(o.t, want, data, tile.Path())
}

// checkEvent has the event at a position proven.
func (o *witness) checkEvent(eng *teg.Engine, position, size int64) {
	o.t.Helper()
	entry := o.events[position]
	proof, err := eng.Proof(context.Background(), teg.ProofParams{Event: entry.ID, TreeSize: size})
	require.NoError(o.t, err)
	require.Equal(o.t, position, proof.LeafIndex)
	require.Equal(o.t, tlog.RecordHash(entry.Body), proof.LeafHash)
	require.Equal(o.t, entry, proof.Event)
	require.NoError(o.t, tlog.CheckRecord(proof.Path, proof.TreeSize, o.root(proof.TreeSize), position, proof.LeafHash))
}

// many makes so many payments, each an event, and returns their ids.
func (c *conduct) many(from, to teg.DID, n int) (ids []teg.TransactionID) {
	c.t.Helper()
	p := teg.BatchParams{From: from}
	for range n {
		p.Transfers = append(p.Transfers, teg.BatchTransfer{To: to, Amount: teg.AVT("0.01"), Message: "between us"})
	}
	r, err := c.eng.TransferBatch(c.ctx, p)
	require.NoError(c.t, err)
	for _, result := range r.Results {
		require.NoError(c.t, result.Err)
		ids = append(ids, result.Receipt.TransactionID)
	}
	return ids
}

// At sizes of all kinds, what the engine says of its log is what a witness makes of
// the events' bodies with the reference alone.
func TestTreeIsThatOfTheLog(t *testing.T) {
	t.Parallel()
	sign, verify := logKey(t, "example.com/log")
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "100")
		outside := &witness{t: t}
		for i, n := range []int{0, 1, 250, 255, 256, 900, 3, 700} {
			var paid []teg.TransactionID
			if n > 0 {
				paid = c.many(agents[0], agents[1], n)
			}
			c.clock.Advance(time.Duration(i%3) * 6 * time.Second)
			if i%2 == 0 {
				require.NoError(t, c.eng.Tick(c.ctx))
			}
			for range min(n, 3) {
				id := paid[rand.IntN(n)]
				proof, err := c.eng.Proof(c.ctx, teg.ProofParams{Transaction: id, By: agents[i%2]})
				require.NoError(t, err)
				require.Contains(t, proof.Event.IDs, id.String())
				require.NotContains(t, string(proof.Event.Body), "between us", "what may have to be erased is in no leaf")
				require.NoError(t, tlog.CheckRecord(proof.Path, proof.Checkpoint.Size, proof.Checkpoint.Root, proof.LeafIndex, tlog.RecordHash(proof.Event.Body)))
			}
			checkpoint, err := c.eng.Checkpoint(c.ctx)
			require.NoError(t, err)
			outside.check(c.eng, checkpoint, verify)
		}
		report, err := c.eng.Verify(c.ctx)
		require.NoError(t, err)
		require.Greater(t, report.Checkpoints, int64(5))
	}, sign)
}

// A checkpoint comes with the time, or with who asks for what is newer.
func TestCheckpointsComeWithTheTime(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t := c.t
		status := func() teg.LogStatus {
			s, err := c.eng.LogStatus(c.ctx)
			require.NoError(t, err)
			return s
		}
		require.Equal(t, teg.LogStatus{Origin: "unsigned"}, status())
		none, err := c.eng.Checkpoint(c.ctx)
		require.NoError(t, err)
		require.Equal(t, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", none.Root.String(), "of an empty log")
		require.Empty(t, none.Note, "nothing signs")
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		size := status().Size
		require.Equal(t, teg.LogStatus{Origin: "unsigned", Size: size, Behind: size}, status())
		c.clock.Advance(9 * time.Second)
		require.NoError(t, c.eng.Tick(c.ctx))
		require.Equal(t, teg.LogStatus{Origin: "unsigned", Size: size, Behind: size, BehindFor: 9 * time.Second}, status())
		c.clock.Advance(time.Second)
		require.NoError(t, c.eng.Tick(c.ctx))
		require.Equal(t, teg.LogStatus{Origin: "unsigned", Size: size, TreeSize: size}, status())
		id := c.pay(agents[0], agents[1])
		proof, err := c.eng.Proof(c.ctx, teg.ProofParams{Transaction: id})
		require.NoError(t, err)
		require.Equal(t, size+1, proof.TreeSize)
		require.Zero(t, status().Behind, "who asks has one made")

		running, stop := context.WithCancel(c.ctx)
		over := make(chan error, 1)
		go func() { over <- c.eng.Run(running) }()
		c.pay(agents[0], agents[1])
		c.clock.Advance(10 * time.Second)
		require.Eventually(t, func() bool { return status().Behind == 0 }, time.Minute, 10*time.Millisecond)
		stop()
		require.NoError(t, <-over)
	})
}

// Proofs are for what is in the log, and for those whom it concerns.
func TestProofRefuses(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 3, "100")
		id := c.pay(agents[0], agents[1])
		proof, err := c.eng.Proof(c.ctx, teg.ProofParams{Transaction: id, By: agents[1]})
		require.NoError(t, err)
		for name, p := range map[string]teg.ProofParams{
			"nothing is named": {}, "two things are": {Transaction: id, Event: proof.Event.ID},
			"of an older log": {Transaction: id, TreeSize: proof.LeafIndex}, "of a newer one": {Transaction: id, TreeSize: proof.TreeSize + 1},
			"of less than nothing": {Transaction: id, TreeSize: -1},
		} {
			_, err = c.eng.Proof(c.ctx, p)
			require.ErrorIs(t, err, teg.ErrInvalidInput, name)
		}
		for name, p := range map[string]teg.ProofParams{
			"another's": {Transaction: id, By: agents[2]}, "no transaction": {Transaction: teg.TransactionID{1}}, "no event": {Event: teg.EventID{1}},
			"nor of the end of time": {Event: teg.EventID{255}},
		} {
			_, err = c.eng.Proof(c.ctx, p)
			require.ErrorIs(t, err, teg.ErrNotFound, name)
		}
		for _, q := range [][2]int64{{-1, 1}, {2, 1}, {0, -1}, {0, 1 << 40}} {
			_, _, err = c.eng.Consistency(c.ctx, q[0], q[1])
			require.ErrorIs(t, err, teg.ErrInvalidInput)
		}
		for _, q := range [][3]int64{{0, 0, 0}, {0, 0, 257}, {0, 1, 1}, {1, 0, 1}, {8, 0, 1}, {-1, 0, 1}, {0, -1, 1}, {0, 1 << 62, 1}, {0, 0, proof.TreeSize + 1}} {
			_, err = c.eng.LogTile(c.ctx, int(q[0]), q[1], int(q[2]))
			require.ErrorIs(t, err, teg.ErrNotFound, q)
		}
		for _, taken := range []string{"merkle-tree", "arbitrator", "auditor", "webhooks"} {
			require.ErrorIs(t, c.eng.Follow(c.ctx, teg.FollowParams{Name: taken}, nil), teg.ErrInvalidInput)
		}
		tx, host := hostOf(t, c.store, nil)
		_, err = c.eng.Using(host).Proof(c.ctx, teg.ProofParams{Transaction: id})
		require.ErrorIs(t, err, teg.ErrInvalidState)
		require.NoError(t, tx.Rollback())
	})
}

// A payment in a host's transaction is proven once that is committed.
func TestProofOfAHostsPayment(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "100")
		tx, host := hostOf(t, c.store, nil)
		r, err := c.eng.Using(host).Transfer(c.ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
		require.NoError(t, err)
		if _, ok := c.store.(*postgres.Store); ok {
			_, err = c.eng.Proof(c.ctx, teg.ProofParams{Transaction: r.TransactionID})
			require.ErrorIs(t, err, teg.ErrNotFound)
		}
		require.NoError(t, tx.Commit())
		others := tegtest.FundMany(t, c.eng, 2, "100") // later ids, and earlier places
		proof, err := c.eng.Proof(c.ctx, teg.ProofParams{Transaction: r.TransactionID, By: agents[1]})
		require.NoError(t, err)
		require.NoError(t, tlog.CheckRecord(proof.Path, proof.Checkpoint.Size, proof.Checkpoint.Root, proof.LeafIndex, proof.LeafHash))
		require.NotEmpty(t, others)
	})
}

// Whatever a step of the tree dies of, and wherever, the next one goes on.
func TestTreeGoesOnAfterFaults(t *testing.T) {
	t.Parallel()
	sign, verify := logKey(t, "example.com/log")
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		f := new(faults)
		c := newConduct(t, &brittle{open(t), f}, sign)
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		outside := &witness{t: t}
		for _, fault := range []error{errStrange, errKept, context.Canceled} {
			for at, calls := range map[string]int{atGrow: 2, atRead: 4} {
				for nth := 1; nth <= calls; nth++ {
					c.many(agents[0], agents[1], 257)
					c.clock.Advance(time.Minute)
					f.plan(at, nth, false, fault)
					require.Error(t, c.eng.GrowTree(c.ctx), "%s %d", at, nth)
					require.Equal(t, 1, f.clear())
				}
			}
			checkpoint, err := c.eng.Checkpoint(c.ctx)
			require.NoError(t, err)
			outside.check(c.eng, checkpoint, verify)
			c.clock.Advance(time.Minute)
			require.NoError(t, c.eng.GrowTree(c.ctx))
			checkpoint, err = c.eng.Checkpoint(c.ctx)
			require.NoError(t, err)
			outside.check(c.eng, checkpoint, verify)
			require.Equal(t, outside.size, checkpoint.Size)
		}
	})
}

// A tile that is refused though nobody was faster is told of: the tree would never grow on.
func TestTreeTellsOfATileInItsWay(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		f := new(faults)
		c := newConduct(t, &brittle{open(t), f})
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		c.many(agents[0], agents[1], 257)
		f.plan(atGrow, 1, false, store.ErrConflict)
		require.ErrorIs(t, c.eng.GrowTree(c.ctx), teg.ErrInternal)
		require.Equal(t, 1, f.clear())
		require.NoError(t, c.eng.GrowTree(c.ctx))
	})
}

// Several engines grow one tree, and agree on it.
func TestEnginesGrowOneTree(t *testing.T) {
	t.Parallel()
	sign, verify := logKey(t, "example.com/log")
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "100")
		engines := []*teg.Engine{c.eng}
		for range 2 {
			engines = append(engines, tegtest.Over(t, c.store, tegtest.WithClock(c.clock), sign))
		}
		for range 4 {
			paid := c.many(agents[0], agents[1], 300)
			c.clock.Advance(10 * time.Second)
			var all sync.WaitGroup
			faults, roots := make([]error, 2*len(engines)), make([]teg.LogProof, len(engines))
			for i, eng := range engines {
				all.Go(func() { faults[2*i] = eng.Tick(c.ctx) })
				all.Go(func() {
					roots[i], faults[2*i+1] = eng.Proof(c.ctx, teg.ProofParams{Transaction: paid[100*i]})
				})
			}
			all.Wait()
			for _, err := range faults {
				require.NoError(t, err)
			}
			outside := &witness{t: t}
			for i, eng := range engines {
				outside.check(eng, roots[i].Checkpoint, verify)
			}
		}
	}, sign)
}

// What was signed, and is no longer in the log, is told of loudly, and nothing is signed
// until the log has another name.
func TestForkedLog(t *testing.T) {
	t.Parallel()
	sign, _ := logKey(t, "example.com/log")
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		for name, c := range map[string]struct {
			damage []string
			kept   bool // of the hashes that lead to the last root
		}{
			"an event of a tile":   {[]string{`UPDATE events SET body = (SELECT body FROM events WHERE position = 9) WHERE position = 8`}, true},
			"an event behind them": {[]string{`UPDATE events SET body = (SELECT body FROM events WHERE position = 9) WHERE position = 540`}, false},
			"a checkpoint":         {[]string{`UPDATE log_checkpoints SET root = (SELECT root FROM log_tiles WHERE idx = 0)`}, false},
			"a checkpoint's text":  {[]string{`UPDATE log_checkpoints SET note = 'example.com/log'`}, true},
			"a tile":               {[]string{`UPDATE log_tiles SET hashes = (SELECT hashes FROM log_tiles WHERE idx = 1) WHERE idx = 0`}, true},
			"a tile's root":        {[]string{`UPDATE log_tiles SET root = (SELECT root FROM log_tiles WHERE idx = 1) WHERE idx = 0`}, false},
			"a tile's latest":      {[]string{`UPDATE log_tiles SET latest = (SELECT latest FROM log_tiles WHERE idx = 1) WHERE idx = 0`}, true},
			"a lost tile":          {[]string{`DELETE FROM log_tiles WHERE idx = 0`}, false},
			"a tile over nothing":  {[]string{`INSERT INTO log_tiles (level, idx, latest, root, hashes) SELECT 1, 0, latest, root, hashes FROM log_tiles WHERE idx = 0`}, true},
			"a shorter log":        {[]string{`DELETE FROM events WHERE position = (SELECT max(position) FROM events)`, `UPDATE log_head SET size = size - 1`}, false},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				forked(t, open(t), c.damage, c.kept, sign)
			})
		}
	})
}

func forked(t *testing.T, st store.Store, damage []string, kept bool, sign func(*teg.Config)) {
	ctx, log := limited(t), &strings.Builder{}
	config := teg.Config{Clock: tegtest.NewClock().Now, Logger: slog.New(slog.NewTextHandler(log, nil))}
	sign(&config)
	eng, err := teg.New(ctx, st, config)
	require.NoError(t, err)
	defer eng.Close()
	c := &conduct{t: t, ctx: ctx, eng: eng}
	agents := tegtest.FundMany(t, eng, 2, "100")
	paid := c.many(agents[0], agents[1], 600)
	last, err := eng.Proof(ctx, teg.ProofParams{Transaction: paid[len(paid)-1]})
	require.NoError(t, err)
	tegtest.Verify(t, eng)
	for _, statement := range damage {
		storetest.Damage(t, st, statement)
	}
	report, err := eng.Verify(ctx)
	require.ErrorIs(t, err, teg.ErrBroken)
	require.True(t, slices.ContainsFunc(report.Findings, func(f teg.Finding) bool { return f.Invariant == "tree" }), report.Findings)
	if kept {
		return
	}
	_, err = eng.Proof(ctx, teg.ProofParams{Transaction: paid[len(paid)-2]})
	require.Contains(t, []string{"SYS_UNAVAILABLE", "SYS_INTERNAL_ERROR"}, teg.CodeOf(err))
	c.many(agents[0], agents[1], 2)
	config.Clock = func() time.Time { return tegtest.NewClock().Now().Add(time.Minute) }
	later, err := teg.New(ctx, st, config)
	require.NoError(t, err)
	defer later.Close()
	require.Error(t, later.Tick(ctx))
	now, err := later.Checkpoint(ctx)
	require.NoError(t, err)
	require.Equal(t, last.TreeSize, now.Size, "nothing was signed since")
	if !strings.Contains(damage[0], "DELETE FROM log_tiles") { // which is damage, and no other way
		_, _, err = later.Consistency(ctx, 1, 0)
		require.ErrorIs(t, err, teg.ErrLogForked)
		require.Contains(t, log.String(), "level=ERROR")
		require.Contains(t, log.String(), "docs/audit-log.md")
	}
}
