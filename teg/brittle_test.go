package teg_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// The calls of a store that can fail.
const (
	atBegin    = "begin"
	atRefusals = "refusals"
	atCommit   = "commit"
	atRollback = "rollback"
	atRead     = "read"
	atWriter   = "writer"
	atMaintain = "maintain"
	atStart    = "start" // what only New asks
)

// What a call can fail with. errKept is an unknown outcome of a commit that did
// take place; everything else means that nothing was written.
var (
	errStrange = errors.New("a strange error")
	errKept    = fmt.Errorf("%w: it was committed", store.ErrOutcomeUnknown)
	errLost    = fmt.Errorf("%w: it was not committed", store.ErrOutcomeUnknown)
)

// faults makes calls of a store fail, by kind and number.
type faults struct {
	mu     sync.Mutex
	at     string
	after  int // calls of the kind that go well first
	errs   []error
	always bool // the last error is for good
	fired  int
	reads  map[string]bool          // methods of a reader that failed
	gates  map[string]chan struct{} // calls of the kind wait until theirs is closed
	inside map[string]chan struct{} // told of each call that waits
}

// plan makes calls fail from the nth on, with one error after the other.
func (f *faults) plan(at string, nth int, always bool, errs ...error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at, f.after, f.always, f.errs, f.fired = at, nth-1, always, errs, 0
}

// clear ends the faults and tells how many there were.
func (f *faults) clear() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errs = nil
	return f.fired
}

// gate makes calls of the kind wait until open is called; inside hears of each.
func (f *faults) gate(at string) (inside chan struct{}, open func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	gate, inside := make(chan struct{}), make(chan struct{}, 100)
	f.gates, f.inside = map[string]chan struct{}{at: gate}, map[string]chan struct{}{at: inside}
	return inside, sync.OnceFunc(func() {
		f.mu.Lock()
		f.gates = nil
		f.mu.Unlock()
		close(gate)
	})
}

func (f *faults) hit(at string) error {
	f.mu.Lock()
	if gate := f.gates[at]; gate != nil {
		inside := f.inside[at]
		f.mu.Unlock()
		inside <- struct{}{}
		<-gate
		f.mu.Lock()
	}
	defer f.mu.Unlock()
	if f.at != at || len(f.errs) == 0 {
		return nil
	}
	if f.after > 0 {
		f.after--
		return nil
	}
	err := f.errs[0]
	if len(f.errs) > 1 || !f.always {
		f.errs = f.errs[1:]
	}
	if err != nil {
		f.fired++
	}
	return err
}

// hitRead is hit of a method that reads.
func (f *faults) hitRead(method string) error {
	err := f.hit(atRead)
	if err != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.reads == nil {
			f.reads = map[string]bool{}
		}
		f.reads[method] = true
	}
	return err
}

// brittle is a store whose calls fail as planned.
type brittle struct {
	store.Store
	faults *faults
}

func (s *brittle) Writer(ctx context.Context) (store.Writer, error) {
	if err := s.faults.hit(atWriter); err != nil {
		return nil, err
	}
	w, err := s.Store.Writer(ctx)
	return &brittleWriter{w, s.faults}, err
}

func (s *brittle) Reader() store.Reader { return &brittleReader{s.Store.Reader(), s.faults} }

func (s *brittle) SchemaStatus(ctx context.Context) (store.SchemaStatus, error) {
	if err := s.faults.hit(atStart); err != nil {
		return store.SchemaStatus{}, err
	}
	return s.Store.SchemaStatus(ctx)
}

func (s *brittle) Check(ctx context.Context) error {
	if err := s.faults.hit(atStart); err != nil {
		return err
	}
	return s.Store.Check(ctx)
}

func (s *brittle) SetUp(ctx context.Context, owners map[ledger.Kind]did.DID) error {
	if err := s.faults.hit(atStart); err != nil {
		return err
	}
	return s.Store.SetUp(ctx, owners)
}

func (s *brittle) Maintain(ctx context.Context, m store.Maintenance) error {
	if err := s.faults.hit(atMaintain); err != nil {
		return err
	}
	return s.Store.Maintain(ctx, m)
}

type brittleWriter struct {
	store.Writer
	faults *faults
}

func (w *brittleWriter) Begin(ctx context.Context, need store.Need, mode store.LockMode) (store.Tx, *store.Rows, error) {
	if err := w.faults.hit(atBegin); err != nil {
		return nil, nil, err
	}
	tx, rows, err := w.Writer.Begin(ctx, need, mode)
	if err != nil {
		return nil, nil, err
	}
	return &brittleTx{tx, w.faults}, rows, nil
}

type brittleTx struct {
	store.Tx
	faults *faults
}

func (t *brittleTx) LiveRefusals(ctx context.Context, callers []ledger.AccountID) (map[ledger.AccountID]int, error) {
	if err := t.faults.hit(atRefusals); err != nil {
		return nil, err
	}
	return t.Tx.LiveRefusals(ctx, callers)
}

func (t *brittleTx) Commit(ctx context.Context, changes *store.Changes) error {
	err := t.faults.hit(atCommit)
	switch {
	case err == nil:
		return t.Tx.Commit(ctx, changes)
	case errors.Is(err, errKept):
		if failed := t.Tx.Commit(ctx, changes); failed != nil {
			return failed
		}
		return err
	}
	return errors.Join(err, t.Tx.Rollback(context.WithoutCancel(ctx)))
}

func (t *brittleTx) Rollback(ctx context.Context) error {
	return errors.Join(t.Tx.Rollback(ctx), t.faults.hit(atRollback))
}
