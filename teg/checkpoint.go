package teg

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/store"
)

// LogSigner signs checkpoints. The signers of golang.org/x/mod/sumdb/note are some; a
// key that lies in other hands needs these three methods.
type LogSigner interface {
	// Name is the name of the key, which stands beside its signatures.
	Name() string
	// KeyHash tells keys of one name apart.
	KeyHash() uint32
	// Sign signs the text of a checkpoint. It must be quick and safe for concurrent use.
	Sign(text []byte) ([]byte, error)
}

// NewLogSigner makes a signer from a private key as [note.GenerateKey] and
// "teg log keygen" write it: PRIVATE+KEY+name+hash+key, an Ed25519 key.
func NewLogSigner(key string) (LogSigner, error) {
	signer, err := note.NewSigner(strings.TrimSpace(key))
	if err != nil { // whose text says only that it is malformed
		return nil, ledger.Invalid("LogSigner", "not a private key of a note; make one with: teg log keygen")
	}
	return signer, nil
}

// UnsignedOrigin is the origin of checkpoints where nothing signs them and the
// configuration names none.
const UnsignedOrigin = "unsigned"

// maxOrigin is how long the name of a log is at most, in bytes.
const maxOrigin = 255

// checkLog fills in what was left out about the tree, and refuses what makes no sense.
func (c *Config) checkLog() error {
	if c.LogOrigin == "" && c.LogSigner != nil {
		c.LogOrigin = c.LogSigner.Name()
	}
	if c.LogOrigin == "" {
		c.LogOrigin = UnsignedOrigin
	}
	if len(c.LogOrigin) > maxOrigin || !utf8.ValidString(c.LogOrigin) || strings.ContainsFunc(c.LogOrigin, unicode.IsControl) {
		return ledger.Invalid("LogOrigin", "one line of at most %d bytes", maxOrigin)
	}
	if c.CheckpointInterval < 0 {
		return ledger.Invalid("CheckpointInterval", "must not be negative")
	}
	setDefault(&c.CheckpointInterval, 10*time.Second)
	if c.EventRetention != 0 && c.EventRetention < MinEventRetention {
		return ledger.Invalid("EventRetention", "zero, or %s or more", MinEventRetention)
	}
	return nil
}

// Checkpoint is what the whole log was at a size.
type Checkpoint struct {
	Origin string // names the log
	Size   int64  // events in it
	Root   LogHash
	At     time.Time
	// Note is the signed text, in the format of C2SP's tlog-checkpoint: origin, size and
	// root on a line each, an empty line, and a line for each signature. Empty where
	// nothing signs.
	Note string
}

// Checkpoint returns the last checkpoint of the log. Where there is none yet, it makes
// one. What was committed since is covered by the next: see Config.CheckpointInterval.
func (e *Engine) Checkpoint(ctx context.Context) (Checkpoint, error) {
	last, err := e.lastCheckpoint(ctx)
	if err == nil && last == nil {
		last, err = e.covering(ctx, -1)
	}
	if err != nil {
		return Checkpoint{}, outward(err)
	}
	return e.signed(ctx, last)
}

// lastCheckpoint reads the last checkpoint of this log; nil where there is none.
func (e *Engine) lastCheckpoint(ctx context.Context) (*store.Checkpoint, error) {
	return e.store.Reader().LastCheckpoint(ctx, e.config.LogOrigin, math.MaxInt64)
}

// checkpointText is what is signed.
func checkpointText(origin string, size int64, root LogHash) string {
	return fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(root[:]))
}

// nextCheckpoint makes a checkpoint of a tree that came to the end of the log. It holds
// the log against the last one first: who got that could prove a log false that no longer
// holds what it promised.
func (e *Engine) nextCheckpoint(ctx context.Context, tree *merkle.Tree, last *store.Checkpoint) (*store.Checkpoint, error) {
	if last != nil {
		if err := e.keepsPromise(ctx, last); err != nil {
			return nil, err
		}
	}
	c := &store.Checkpoint{Origin: e.config.LogOrigin, Size: tree.Size(), Root: tree.Root(), At: e.clock.now()}
	var err error
	c.Note, err = e.sign(checkpointText(c.Origin, c.Size, c.Root), nil)
	return c, err
}

// sign adds this engine's signature to a text, before those that it has. Without a signer
// there is none.
func (e *Engine) sign(text string, others []note.Signature) (string, error) {
	if e.config.LogSigner == nil {
		return text, nil
	}
	signed, err := note.Sign(&note.Note{Text: text, UnverifiedSigs: others}, e.config.LogSigner)
	if err != nil {
		return "", fmt.Errorf("%w: the checkpoint could not be signed: %w", ErrUnavailable, err)
	}
	return string(signed), nil
}

// signed is a checkpoint as callers get it. One that this engine's key has not signed,
// as it was made before there was such a key, is signed now if the tree holds it.
func (e *Engine) signed(ctx context.Context, c *store.Checkpoint) (Checkpoint, error) {
	shown := Checkpoint{Origin: c.Origin, Size: c.Size, Root: c.Root, At: c.At}
	signer := e.config.LogSigner
	if signer == nil {
		return shown, nil
	}
	others := signatures(c.Note)
	for _, s := range others {
		if s.Name == signer.Name() && s.Hash == signer.KeyHash() {
			shown.Note = c.Note
			return shown, nil
		}
	}
	if err := e.keepsPromise(ctx, c); err != nil {
		return shown, err
	}
	var err error
	shown.Note, err = e.sign(checkpointText(c.Origin, c.Size, c.Root), others)
	return shown, err
}

// signatures are those of a note, whoever signed it.
func signatures(text string) []note.Signature {
	_, err := note.Open([]byte(text), note.VerifierList())
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) {
		return unverified.Note.UnverifiedSigs
	}
	return nil
}

// covering returns the last checkpoint, and makes one where it does not cover a position
// yet. That takes a while where the tree is far behind: who would wait for longer than
// two seconds gets [ErrNotInTree].
func (e *Engine) covering(ctx context.Context, position int64) (*store.Checkpoint, error) {
	if last, err := e.lastCheckpoint(ctx); err != nil || last != nil && last.Size > position {
		return last, outward(err)
	}
	began, patience := time.Now(), time.NewTimer(e.tree.patience)
	defer patience.Stop()
	if err := e.tree.begin(ctx, patience.C); err != nil {
		return nil, err
	}
	defer e.tree.end()
	for {
		last, err := e.lastCheckpoint(ctx)
		if err != nil || last != nil && last.Size > position {
			return last, outward(err)
		}
		if time.Since(began) > e.tree.patience {
			return nil, ErrNotInTree
		}
		if err := e.growBy(ctx, grown); err != nil {
			return nil, err
		}
	}
}

// grown reports whether there is anything that the last checkpoint does not cover.
func grown(last *store.Checkpoint, size int64) bool { return last == nil || size > last.Size }

// Consistency proves that the log of size to begins with the log of size from: it is the
// path by which both roots follow from the same hashes, as [tlog.CheckTree] checks it.
// Zero for to means the last checkpoint's. It is empty where from is 0 or to. Sizes that
// no checkpoint covers are [ErrInvalidInput].
func (e *Engine) Consistency(ctx context.Context, from, to int64) ([]LogHash, int64, error) {
	last, err := e.covering(ctx, -1)
	if err != nil {
		return nil, 0, err
	}
	if err := e.keepsPromise(ctx, last); err != nil {
		return nil, 0, err
	}
	if to == 0 {
		to = last.Size
	}
	switch {
	case to < 0 || to > last.Size:
		return nil, 0, ledger.Invalid("to", "0 to %d, which is the size of the last checkpoint", last.Size)
	case from < 0 || from > to:
		return nil, 0, ledger.Invalid("from", "0 to %d", to)
	case from == 0:
		return nil, to, nil
	}
	path, err := e.consistent(ctx, from, to)
	return path, to, outward(e.promised(ctx, last, err))
}

// consistent makes the path and checks it as whoever gets it will, against a newer root that is
// read anew: a log that took over between two reads would be taken for a forged one.
func (e *Engine) consistent(ctx context.Context, from, to int64) ([]LogHash, error) {
	reader := e.treeReader(ctx)
	path, err := tlog.ProveTree(to, from, reader)
	if err != nil {
		return nil, err
	}
	older, err := tlog.TreeHash(from, reader)
	if err != nil {
		return nil, err
	}
	newer, err := tlog.TreeHash(to, e.treeReader(ctx)) // which reads again
	if err == nil && tlog.CheckTree(path, to, newer, from, older) != nil {
		err = errFork
	}
	return path, err
}

// HoldsCheckpoint reports whether the log holds what a checkpoint promised that somebody
// kept: the log's first events, as many as it says, have the root that it says. It takes
// the text of a checkpoint, whoever signed it, and does not look at signatures or at the
// origin. [ErrLogForked]: it does not; the log went another way, as one does that was
// restored from an older copy, and needs a new origin.
func (e *Engine) HoldsCheckpoint(ctx context.Context, text string) (Checkpoint, error) {
	c, err := parseCheckpoint(text)
	if err != nil {
		return c, err
	}
	kept := &store.Checkpoint{Origin: c.Origin, Size: c.Size, Root: c.Root}
	for tries := int64(0); ; tries++ {
		err := e.beginsWith(ctx, kept)
		switch behind := errors.Is(err, errNoTiles) && tries <= c.Size/treeStep; {
		case forks(err): // which is not told to all: it may be of any log
			return c, forked(err)
		case !behind:
			return c, outward(err)
		}
		if err := e.growBy(ctx, never); err != nil { // whoever's turn it is: it may be a server's that has just begun
			return c, err
		}
	}
}

// never is for who needs tiles, and signs nothing.
func never(*store.Checkpoint, int64) bool { return false }

// parseCheckpoint reads origin, size and root.
func parseCheckpoint(text string) (c Checkpoint, err error) {
	wrong := ledger.Invalid("checkpoint", "three lines, the name of the log, its size and its root, and then signatures")
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) < 4 || lines[0] == "" {
		return c, wrong
	}
	c.Origin = lines[0]
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 || lines[1] != strconv.FormatInt(c.Size, 10) {
		return c, wrong
	}
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil {
		return c, wrong
	}
	return c, nil
}
