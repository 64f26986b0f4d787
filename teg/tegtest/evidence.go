package tegtest

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"

	"github.com/agentvault/teg-layer/governance/evidence"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/teg"
)

// FakeEvidence is a fake of storage: a map in memory that says what a test tells it
// to, and proves nothing. What a real store finds false it is told to find false. Its
// zero value holds nothing, and is reached. It is safe for concurrent use.
type FakeEvidence struct {
	mu        sync.Mutex
	contents  map[string][]byte
	falsified map[string]bool
	away      bool
	pins      map[string]int
	fetches   int
}

var _ teg.EvidenceStore = (*FakeEvidence)(nil)

// WithEvidence lets the engine have its evidence from a store.
func WithEvidence(st teg.EvidenceStore) func(*teg.Config) {
	return func(config *teg.Config) { config.Evidence = st }
}

// Put lays content behind a pointer, in place of what lay there.
func (f *FakeEvidence) Put(pointer string, content []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.contents == nil {
		f.contents = map[string][]byte{}
	}
	f.contents[pointer] = content
	delete(f.falsified, pointer)
}

// Falsify makes storage hold other content than the pointer names, until [FakeEvidence.Put].
func (f *FakeEvidence) Falsify(pointer string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.falsified == nil {
		f.falsified = map[string]bool{}
	}
	f.falsified[pointer] = true
}

// SetUnreachable takes storage away, or brings it back.
func (f *FakeEvidence) SetUnreachable(away bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.away = away
}

// Pinned tells how often a pointer was pinned.
func (f *FakeEvidence) Pinned(pointer string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pins[pointer]
}

// Fetches tells how often anything was fetched, or tried to be.
func (f *FakeEvidence) Fetches() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fetches
}

// Fetch returns what was put behind the pointer. What nobody put there nobody has:
// a network cannot tell that from a node that is away.
func (f *FakeEvidence) Fetch(ctx context.Context, pointer string, limit int64) (teg.Evidence, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fetches++
	content, cid, err := f.find(ctx, pointer)
	switch {
	case err != nil:
		return teg.Evidence{}, err
	case limit > 0 && int64(len(content)) > limit:
		return teg.Evidence{}, ledger.Invalid("", "%s is larger than %d bytes", pointer, limit)
	}
	return teg.Evidence{CID: cid, Size: int64(len(content)), SHA256: sha256.Sum256(content)}, nil
}

// Pin counts.
func (f *FakeEvidence) Pin(ctx context.Context, pointer string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, _, err := f.find(ctx, pointer); err != nil {
		return err
	}
	if f.pins == nil {
		f.pins = map[string]int{}
	}
	f.pins[pointer]++
	return nil
}

func (f *FakeEvidence) find(ctx context.Context, pointer string) (content []byte, cid string, err error) {
	p, err := evidence.ParsePointer(pointer)
	if err != nil {
		return nil, "", ledger.Invalid("", "%v", err)
	}
	content, there := f.contents[pointer]
	switch {
	case ctx.Err() != nil:
		return nil, "", &teg.StorageUnavailableError{Cause: ctx.Err()}
	case f.away || !there && !f.falsified[pointer]:
		return nil, "", &teg.StorageUnavailableError{Cause: errors.New("nobody answers for " + pointer)}
	case f.falsified[pointer]:
		return nil, "", ledger.Refuse(teg.ErrEvidenceMismatch, "what storage gave for %s is not what it names", pointer)
	}
	return content, p.Root().String(), nil
}
