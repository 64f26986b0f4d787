package teg_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
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

// brittleReader fails where verbs read.
type brittleReader struct {
	store.Reader
	faults *faults
}

func (r *brittleReader) AccountsOf(ctx context.Context, owners ...did.DID) ([]ledger.Account, error) {
	if err := r.faults.hit(atRead); err != nil {
		return nil, err
	}
	return r.Reader.AccountsOf(ctx, owners...)
}

func (r *brittleReader) Agents(ctx context.Context, ids ...did.DID) ([]ledger.Agent, error) {
	if err := r.faults.hit(atRead); err != nil {
		return nil, err
	}
	return r.Reader.Agents(ctx, ids...)
}

func (r *brittleReader) Transactions(ctx context.Context, ids ...ledger.TransactionID) ([]ledger.Recorded, error) {
	if err := r.faults.hit(atRead); err != nil {
		return nil, err
	}
	return r.Reader.Transactions(ctx, ids...)
}

func (r *brittleReader) Referring(ctx context.Context, ids ...string) ([]ledger.Recorded, error) {
	if err := r.faults.hit(atRead); err != nil {
		return nil, err
	}
	return r.Reader.Referring(ctx, ids...)
}

func (r *brittleReader) Holds(ctx context.Context, q ledger.HoldQuery) ([]ledger.RecordedHold, error) {
	if err := r.faults.hit(atRead); err != nil {
		return nil, err
	}
	return r.Reader.Holds(ctx, q)
}

func (r *brittleReader) Records(ctx context.Context, keys ...store.Key) ([]store.Record, error) {
	if err := r.faults.hit(atRead); err != nil {
		return nil, err
	}
	return r.Reader.Records(ctx, keys...)
}

// world is an engine over a brittle store.
type world struct {
	t      *testing.T
	faults *faults
	store  store.Store
	clock  *tegtest.Clock
	eng    *teg.Engine
	scenes int
}

func newWorld(t *testing.T, st store.Store, options ...func(*teg.Config)) *world {
	w := &world{t: t, faults: new(faults), store: st, clock: tegtest.NewClock()}
	w.eng = tegtest.Over(t, &brittle{st, w.faults}, append([]func(*teg.Config){tegtest.WithClock(w.clock)}, options...)...)
	_, err := w.eng.Issue(context.Background(), teg.IssueParams{By: tegtest.Admin, To: w.eng.TreasuryDID(), Amount: teg.AVT("10000000"), Reason: "reserve"})
	require.NoError(t, err)
	return w
}

// scene is two agents of its own, with something between them, and one that does
// not exist yet.
type scene struct {
	*world
	alice, bob, carol teg.DID
	paid              teg.TransactionID
	hold              teg.HoldID
	seen              teg.Supply
	events            int64
}

func (w *world) scene(prepare func(*scene) error) *scene {
	w.t.Helper()
	w.scenes++
	name := func(who string) teg.DID { return teg.Agent(fmt.Sprintf("did:example:%s-%d", who, w.scenes)) }
	s := &scene{world: w, alice: name("alice"), bob: name("bob"), carol: name("carol")}
	for _, agent := range []teg.DID{s.alice, s.bob} {
		_, err := w.eng.RegisterAgent(context.Background(), teg.RegisterParams{Agent: agent, Grant: teg.AVT("100")})
		require.NoError(w.t, err)
	}
	if prepare != nil {
		require.NoError(w.t, prepare(s))
	}
	var err error
	s.seen, err = w.eng.Supply(context.Background())
	require.NoError(w.t, err)
	s.events, _, err = w.store.Reader().LogSize(context.Background())
	require.NoError(w.t, err)
	return s
}

// effect is what has happened in the scene since it was set, in words.
func (s *scene) effect() string {
	s.t.Helper()
	ctx, text := context.Background(), ""
	for _, agent := range []teg.DID{s.alice, s.bob, s.carol} {
		p, err := s.eng.Profile(ctx, agent)
		if errors.Is(err, teg.ErrNotFound) {
			text += "nobody; "
			continue
		}
		require.NoError(s.t, err)
		text += fmt.Sprintf("%s %s+%s %q; ", p.Status, p.Balance.Available, p.Balance.Locked, p.SuspensionReason)
	}
	now, err := s.eng.Supply(ctx)
	require.NoError(s.t, err)
	events, _, err := s.store.Reader().LogSize(ctx)
	require.NoError(s.t, err)
	for _, pair := range [][2]teg.Amount{{now.Issued, s.seen.Issued}, {now.Burned, s.seen.Burned}, {now.Treasury, s.seen.Treasury}, {now.Fees, s.seen.Fees}} {
		change, err := pair[0].Signed().Sub(pair[1].Signed())
		require.NoError(s.t, err)
		text += change.String() + " "
	}
	return text + fmt.Sprint(now.Transactions-s.seen.Transactions, " transactions, ", events-s.events, " events")
}

// limited is time enough for everything but a hang.
func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// doing is a verb in a scene.
type doing struct {
	name    string
	prepare func(*scene) error
	act     func(context.Context, *scene) error
	again   error // what a second time may be refused with: verbs without a key
	refusal error // what it is always refused with
	parts   bool  // one part of it may fail and the others be done
	patient bool  // it is done where rows are waited for: ErrLocked means that the wait ran out
}

// acts are the verbs.
var acts = []doing{
	{name: "transfer", act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1"), Message: "hi", Reference: "r", Key: "k"})
		return err
	}},
	{name: "refused transfer", refusal: teg.ErrInsufficientBalance, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1000"), Key: "k"})
		return err
	}},
	{name: "transfer beside a hold that expired", patient: true, prepare: (*scene).expired, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("90"), Key: "k"})
		return err
	}},
	{name: "transfer to the system", act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.TransferToSystem(ctx, teg.SystemTransferParams{From: s.alice, Amount: teg.AVT("1"), Key: "k"})
		return err
	}},
	{name: "batch", act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.TransferBatch(ctx, teg.BatchParams{From: s.alice, Key: "k", Transfers: []teg.BatchTransfer{
			{To: s.bob, Amount: teg.AVT("1")}, {To: s.bob, Amount: teg.AVT("1000")}, {To: s.bob, Amount: teg.AVT("2")}}})
		return err
	}},
	{name: "batch with an element that was sent before", prepare: (*scene).pay, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.TransferBatch(ctx, teg.BatchParams{From: s.alice, Key: "k", Transfers: []teg.BatchTransfer{
			{To: s.bob, Amount: teg.AVT("1")}, {To: s.bob, Amount: teg.AVT("10"), Key: "paid"}}})
		return err
	}},
	{name: "refund", prepare: (*scene).pay, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Refund(ctx, teg.RefundParams{By: s.bob, TransactionID: s.paid, Amount: teg.AVT("3"), Key: "k"})
		return err
	}},
	{name: "hold", act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Hold(ctx, teg.HoldParams{From: s.alice, To: s.bob, Amount: teg.AVT("5"), Term: teg.MaxHoldTerm, Key: "k"})
		return err
	}},
	{name: "capture", prepare: (*scene).setAside, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Capture(ctx, teg.CaptureParams{By: s.alice, HoldID: s.hold, Amount: teg.AVT("4"), Key: "k"})
		return err
	}},
	{name: "void", prepare: (*scene).setAside, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Void(ctx, teg.VoidParams{By: s.bob, HoldID: s.hold, Key: "k"})
		return err
	}},
	{name: "issue to somebody new", act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Issue(ctx, teg.IssueParams{By: tegtest.Admin, To: s.carol, Amount: teg.AVT("7"), Reason: "x", Key: "k" + s.carol.String()})
		return err
	}},
	{name: "burn", act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Burn(ctx, teg.BurnParams{By: tegtest.Admin, Amount: teg.AVT("2"), Reason: "x", Key: "k" + s.carol.String()})
		return err
	}},
	{name: "adjust", act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.Adjust(ctx, teg.AdjustParams{By: tegtest.Admin, From: s.alice, To: s.bob, Amount: teg.AVT("2"), Reason: "x", Key: "k" + s.carol.String()})
		return err
	}},
	{name: "register", again: teg.ErrAlreadyExists, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.RegisterAgent(ctx, teg.RegisterParams{Agent: s.carol, Grant: teg.AVT("20")})
		return err
	}},
	{name: "reactivate", again: teg.ErrInvalidState, prepare: (*scene).suspend, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.ReactivateAgent(ctx, teg.StandingParams{Agent: s.alice, By: tegtest.Admin})
		return err
	}},
	{name: "deactivate", again: teg.ErrInvalidState, prepare: (*scene).empty, act: func(ctx context.Context, s *scene) error {
		_, err := s.eng.DeactivateAgent(ctx, teg.StandingParams{Agent: s.alice, By: tegtest.Admin})
		return err
	}},
	{name: "tick", parts: true, prepare: (*scene).expired, act: func(ctx context.Context, s *scene) error { return s.eng.Tick(ctx) }},
}

func (s *scene) pay() error {
	r, err := s.eng.Transfer(context.Background(), teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("10"), Key: "paid"})
	s.paid = r.TransactionID
	return err
}

func (s *scene) setAside() error {
	h, err := s.eng.Hold(context.Background(), teg.HoldParams{From: s.alice, To: s.bob, Amount: teg.AVT("5"), Term: teg.MaxHoldTerm})
	s.hold = h.HoldID
	return err
}

func (s *scene) expired() error {
	_, err := s.eng.Hold(context.Background(), teg.HoldParams{From: s.alice, To: s.bob, Amount: teg.AVT("50"), Term: time.Second})
	s.clock.Advance(2 * time.Second)
	return err
}

func (s *scene) suspend() error {
	_, err := s.eng.SuspendAgent(context.Background(), teg.StandingParams{Agent: s.alice, By: tegtest.Admin, Reason: "x"})
	return err
}

func (s *scene) empty() error {
	_, err := s.eng.TransferToSystem(context.Background(), teg.SystemTransferParams{From: s.alice, Amount: teg.AVT("100")})
	return err
}

// kind is a fault, and what a caller is told of one that does not pass.
type kind struct {
	name   string
	err    error
	told   error
	passes bool // the engine tries again by itself
	commit bool // only a commit fails like this
}

var kinds = []kind{
	{"conflict", store.ErrConflict, teg.ErrUnavailable, true, false},
	{"locked", store.ErrLocked, teg.ErrUnavailable, true, false},
	{"unavailable", store.ErrUnavailable, teg.ErrUnavailable, false, false},
	{"strange", errStrange, teg.ErrInternal, false, false},
	{"deadline", context.DeadlineExceeded, teg.ErrUnavailable, false, false},
	{"lost", errLost, teg.ErrOutcomeUnknown, false, true},
	{"kept", errKept, teg.ErrOutcomeUnknown, false, true},
}

// Every call of every verb fails with everything, once and for good. The caller
// gets an answer that says what it is; unless that is success, or says that the
// outcome is unknown, nothing has changed; and the same key again brings it to
// its one effect.
func TestEveryCallFails(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w, calls, durations := newWorld(t, open(t)), 3, []bool{false, true}
		places := []string{atBegin, atCommit, atRefusals, atRollback, atRead, atWriter, atMaintain}
		if _, slow := w.store.(*postgres.Store); slow { // what the engine does about the others is the same
			calls, durations, places = 1, durations[:1], places[:2]
		}
		for _, a := range acts {
			s := w.scene(a.prepare)
			trial := trial{world: w, doing: a, durations: durations, undone: s.effect()}
			require.ErrorIs(t, a.act(limited(t), s), a.refusal, a.name)
			trial.done = s.effect()
			for _, at := range places {
				for nth := 1; nth <= calls && trial.fail(at, nth); nth++ {
				}
			}
			tegtest.Verify(t, w.eng)
		}
		t.Logf("%d scenes", w.scenes)
	})
}

// trial is one verb that is made to fail.
type trial struct {
	*world
	doing
	durations    []bool // of faults: whether they are for good
	undone, done string // what has happened in a scene before and after it
}

// fail lets the nth call of a kind fail in every way, and reports whether the
// verb makes so many.
func (tr *trial) fail(at string, nth int) bool {
	for _, kind := range kinds {
		if kind.commit && at != atCommit {
			continue
		}
		for _, always := range tr.durations {
			if !tr.once(at, nth, kind, always) {
				return false
			}
		}
	}
	return true
}

// once carries the verb out with one fault, and then without.
func (tr *trial) once(at string, nth int, kind kind, always bool) bool {
	t, s := tr.t, tr.scene(tr.prepare)
	name := fmt.Sprintf("%s: %s at call %d of %s, always %t", tr.name, kind.name, nth, at, always)
	tr.faults.plan(at, nth, always, kind.err)
	err := tr.act(limited(t), s)
	fired := tr.faults.clear()
	effect := s.effect()
	decided := err == nil && tr.refusal == nil || tr.refusal != nil && errors.Is(err, tr.refusal)
	switch {
	case decided:
		require.Equal(t, tr.done, effect, name)
	case errors.Is(err, teg.ErrOutcomeUnknown):
		require.Contains(t, []string{tr.undone, tr.done}, effect, name)
		require.True(t, kind.commit, name)
	case tr.parts:
		require.ErrorIs(t, err, kind.told, name)
		require.Contains(t, []string{tr.undone, tr.done}, effect, name)
	default:
		require.ErrorIs(t, err, kind.told, name)
		require.Equal(t, tr.undone, effect, name)
	}
	if kind.passes && !always && (!tr.patient || kind.name == "conflict") && (at == atBegin || at == atCommit) {
		require.True(t, decided, "%s: it passes, so the caller hears nothing of it: %v", name, err)
	}
	err = tr.act(limited(t), s)
	if tr.again == nil || !errors.Is(err, tr.again) {
		require.ErrorIs(t, err, tr.refusal, name)
	}
	require.Equal(t, tr.done, s.effect(), name)
	return fired > 0
}

// gathered lets the operations pile up while one commit is held back, so that
// they make one group, and runs them all. The first is a registration.
func (w *world) gathered(n int, act func(i int) error) []error {
	w.t.Helper()
	inside, open := w.faults.gate(atBegin)
	defer open()
	var running sync.WaitGroup
	running.Go(func() {
		_, err := w.eng.RegisterAgent(limited(w.t), teg.RegisterParams{Agent: teg.Agent(fmt.Sprintf("did:example:first-%d", w.scenes))})
		require.NoError(w.t, err)
	})
	<-inside
	told := make([]error, n)
	for i := range n {
		running.Go(func() { told[i] = act(i) })
	}
	require.Eventually(w.t, func() bool { return w.eng.Stats().Waiting == int64(n) }, 10*time.Second, time.Millisecond)
	open()
	running.Wait()
	return told
}

// A group fails in stages. Whatever the stages are, each of its operations,
// which have no keys, happens at most once, and its caller is told the truth.
func TestAGroupFailsInStages(t *testing.T) {
	const size = 8
	for name, stages := range map[string][]error{
		"one conflict":                          {nil, store.ErrConflict},
		"conflicts":                             {nil, store.ErrConflict, store.ErrConflict, store.ErrConflict},
		"a strange error divides it":            {nil, errStrange},
		"and the halves":                        {nil, errStrange, errStrange, errStrange},
		"a half is committed, and nobody knows": {nil, errStrange, errKept},
		"a half is lost, and nobody knows":      {nil, errStrange, errLost},
		"a half finds the database gone":        {nil, errStrange, store.ErrUnavailable},
		"both halves are unknown":               {nil, store.ErrConflict, errStrange, errKept, errKept},
		"an operation alone is unknown":         {nil, errStrange, errStrange, errKept, errKept, errLost},
		"the whole is committed":                {nil, errKept},
		"the whole is committed at last":        {nil, store.ErrConflict, errKept},
		"the whole is lost":                     {nil, errLost},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
				w := newWorld(t, open(t))
				payers := tegtest.FundMany(t, w.eng, size, "10")
				bob := tegtest.Fund(t, w.eng, "did:example:bob", "0")
				w.faults.plan(atCommit, 1, false, stages...)
				told := w.gathered(size, func(i int) error {
					_, err := w.eng.Transfer(limited(t), teg.TransferParams{From: payers[i], To: bob, Amount: teg.AVT("1")})
					return err
				})
				w.faults.clear()
				for i, err := range told {
					left := tegtest.Available(t, w.eng, payers[i])
					switch {
					case err == nil:
						require.Equal(t, "8.999", left, i)
					case errors.Is(err, teg.ErrOutcomeUnknown):
						require.Contains(t, []string{"10", "8.999"}, left, i)
					default:
						require.NotEmpty(t, teg.CodeOf(err))
						require.Equal(t, "10", left, "%d: %v", i, err)
					}
				}
			})
		})
	}
}

// A caller whose time is up is answered at once, whatever the database does; its
// key tells later what came of it.
func TestCallerGivesUp(t *testing.T) {
	for _, at := range []string{atBegin, atCommit} {
		t.Run(at, func(t *testing.T) {
			storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
				w := newWorld(t, open(t))
				s := w.scene(nil)
				inside, release := w.faults.gate(at)
				defer release()
				ctx, cancel := context.WithCancel(context.Background())
				told, behind := make(chan error, 1), make(chan error, 1)
				pay := func(ctx context.Context, key string) error {
					_, err := w.eng.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1"), Key: key})
					return err
				}
				go func() { told <- pay(ctx, "taken") }()
				<-inside
				go func() { behind <- pay(ctx, "waiting") }()
				require.Eventually(t, func() bool { return w.eng.Stats().Waiting == 1 }, 10*time.Second, time.Millisecond)
				cancel()
				require.ErrorIs(t, <-told, teg.ErrOutcomeUnknown)
				err := <-behind
				require.ErrorIs(t, err, teg.ErrUnavailable)
				require.ErrorIs(t, err, context.Canceled)
				release()
				require.NoError(t, pay(limited(t), "taken"))
				require.Equal(t, "98.999", tegtest.Available(t, w.eng, s.alice), "it happened once")
				_, err = w.eng.Operation(limited(t), s.alice, "waiting")
				require.ErrorIs(t, err, teg.ErrNotFound, "it was withdrawn")
			})
		})
	}
}

// A file that may not grow is not available; what fits in again is written again.
func TestDiskFull(t *testing.T) {
	st := storetest.OpenSQLite(t).(*sqlite.Store)
	w := newWorld(t, st)
	s := w.scene(nil)
	pages := func(limit string) {
		_, err := st.DB().ExecContext(context.Background(), "PRAGMA max_page_count = "+limit)
		require.NoError(t, err)
	}
	pages("1") // as few as there are
	paid, full := 0, error(nil)
	message := strings.Repeat("long ", 50)
	pay := func(n int) error {
		_, err := w.eng.Transfer(limited(t), teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("0.01"), Message: message, Key: fmt.Sprint(n)})
		return err
	}
	for ; paid < 1000 && full == nil; paid++ {
		full = pay(paid)
	}
	paid--
	require.ErrorIs(t, full, teg.ErrUnavailable)
	require.ErrorIs(t, full, store.ErrUnavailable)
	before, err := w.eng.Balance(context.Background(), s.alice)
	require.NoError(t, err, "reading goes on")
	for range 3 {
		require.ErrorIs(t, pay(paid), teg.ErrUnavailable)
	}
	after, err := w.eng.Balance(context.Background(), s.alice)
	require.NoError(t, err)
	require.Equal(t, before, after)
	tegtest.Verify(t, w.eng)
	pages("1000000")
	require.NoError(t, pay(paid))
	require.Equal(t, fmt.Sprintf("%.2f", 100+0.01*float64(paid+1)), tegtest.Available(t, w.eng, s.bob))
}

// A decision that panics fails for itself: the process goes on, and so do the
// operations beside it.
func TestPanicInADecision(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		var armed atomic.Int32
		ids := func(c *teg.Config) {
			c.NewID = func() [16]byte {
				if armed.Add(-1) == 0 {
					panic("no more ids")
				}
				return uuid.Must(uuid.NewV7())
			}
		}
		w := newWorld(t, open(t), ids)
		const size = 6
		payers := tegtest.FundMany(t, w.eng, size, "10")
		bob := tegtest.Fund(t, w.eng, "did:example:bob", "0")
		for _, call := range []int32{3, 4, 5} { // ids of transactions and of events
			before := tegtest.Available(t, w.eng, bob)
			failed := 0
			armed.Store(call + 2) // the registration before them takes some
			for _, err := range w.gathered(size, func(i int) error {
				_, err := w.eng.Transfer(limited(t), teg.TransferParams{From: payers[i], To: bob, Amount: teg.AVT("1"), Key: fmt.Sprint(call)})
				return err
			}) {
				if err != nil {
					require.ErrorIs(t, err, teg.ErrInternal)
					require.ErrorContains(t, err, "no more ids")
					failed++
				}
			}
			require.Equal(t, 1, failed)
			w.scenes++
			require.NotEqual(t, before, tegtest.Available(t, w.eng, bob))
			for i := range payers { // the same keys again do what was left
				_, err := w.eng.Transfer(limited(t), teg.TransferParams{From: payers[i], To: bob, Amount: teg.AVT("1"), Key: fmt.Sprint(call)})
				require.NoError(t, err)
			}
		}
		require.Equal(t, fmt.Sprint(3*size), tegtest.Available(t, w.eng, bob))

		tx, host := hostOf(t, w.store, nil)
		armed.Store(1)
		_, err := w.eng.Using(host).Transfer(limited(t), teg.TransferParams{From: payers[0], To: bob, Amount: teg.AVT("1")})
		require.ErrorIs(t, err, teg.ErrInternal)
		_, err = w.eng.Using(host).Transfer(limited(t), teg.TransferParams{From: payers[0], To: bob, Amount: teg.AVT("1")})
		require.NoError(t, err)
		require.NoError(t, tx.Commit())
		require.NoError(t, w.eng.Tick(limited(t)))
	})
}

// A question that could not be answered is not answered with a no.
func TestReadsFail(t *testing.T) {
	w := newWorld(t, storetest.OpenSQLite(t))
	s := w.scene((*scene).setAside)
	ctx := context.Background()
	for name, ask := range map[string]func() error{
		"balance":      func() error { _, err := w.eng.Balance(ctx, s.alice); return err },
		"profile":      func() error { _, err := w.eng.Profile(ctx, s.alice); return err },
		"hold":         func() error { _, err := w.eng.GetHold(ctx, s.alice, s.hold); return err },
		"holds":        func() error { _, err := w.eng.Holds(ctx, teg.HoldsQuery{Agent: s.alice}); return err },
		"operation":    func() error { _, err := w.eng.Operation(ctx, s.alice, "k"); return err },
		"transactions": func() error { _, err := w.eng.Transactions(ctx, teg.TransactionsQuery{Agent: s.alice}); return err },
		"verify":       func() error { _, err := w.eng.Verify(ctx); return err },
	} {
		fired := 1
		for nth := 1; fired > 0; nth++ {
			w.faults.plan(atRead, nth, true, store.ErrUnavailable)
			err := ask()
			if fired = w.faults.clear(); fired > 0 {
				require.ErrorIs(t, err, teg.ErrUnavailable, name)
				require.NotErrorIs(t, err, teg.ErrNotFound, name)
				require.NotErrorIs(t, err, teg.ErrBroken, name)
			}
		}
	}
}

// An engine that cannot open its writers does not start, and leaves nothing
// running.
func TestNewFails(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		for nth := 1; nth <= 3; nth++ {
			f := new(faults)
			f.plan(atWriter, nth, false, store.ErrUnavailable)
			_, err := teg.New(limited(t), &brittle{st, f}, teg.Config{Committers: 3})
			require.ErrorIs(t, err, teg.ErrUnavailable)
		}
		require.NoError(t, tegtest.Over(t, st).Ping(limited(t)))
	})
}
