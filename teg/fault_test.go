package teg_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// kind is a fault, and what a caller is told of one that does not pass.
type kind struct {
	name   string
	err    error
	told   error
	passes bool // the engine tries again by itself
	commit bool // only a commit fails like this
}

// The last two a group treats like the others.
var kinds = []kind{
	{"conflict", store.ErrConflict, teg.ErrUnavailable, true, false},
	{"unavailable", store.ErrUnavailable, teg.ErrUnavailable, false, false},
	{"strange", errStrange, teg.ErrInternal, false, false},
	{"lost", errLost, teg.ErrOutcomeUnknown, false, true},
	{"kept", errKept, teg.ErrOutcomeUnknown, false, true},
	{"locked", store.ErrLocked, teg.ErrUnavailable, true, false},
	{"deadline", context.DeadlineExceeded, teg.ErrUnavailable, false, false},
}

// Every call of every verb fails with everything, once and for good. The caller
// gets an answer that says what it is; unless that is success, or says that the
// outcome is unknown, nothing has changed; and the same key again brings it to
// its one effect.
func TestEveryCallFails(t *testing.T) {
	t.Parallel()
	const worlds = 4 // at once, since each mostly waits for callers who give up
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		together(worlds, func(part int) {
			t.Run(fmt.Sprint(part), func(t *testing.T) {
				w := newWorld(t, open(t))
				for i := part; i < len(acts); i += worlds {
					w.failing(acts[i], i)
				}
				t.Logf("%d scenes", w.scenes)
			})
		})
	})
}

// failing has every call of a verb fail that the time allows for: all of them where
// TEG_TEST_FAULTS is "all". Else other calls than a commit fail by turns: in every second way
// for one verb, and in those between for the next.
func (w *world) failing(doing doing, turn int) {
	calls, durations, every := 2, []bool{false, true}, everyFault()
	places, ways := []string{atCommit, atBegin, atRefusals, atRollback, atRead, atWriter, atMaintain}, kinds[:5]
	switch _, onPostgres := w.store.(*postgres.Store); {
	case every:
		calls, ways = 3, kinds
	case testing.Short():
		calls, durations, places = 1, durations[:1], places[:2]
	case onPostgres: // what the engine does about the others has nothing to do with the database
		calls, durations, places = 1, durations[:1], places[:1]
	}
	s := w.scene(doing.prepare)
	trial := trial{world: w, doing: doing, kinds: ways, durations: durations, undone: s.effect()}
	_, err := doing.act(limited(w.t), s)
	require.ErrorIs(w.t, err, doing.refusal, doing.name)
	trial.done = s.effect()
	for i, at := range places {
		if trial.kinds = ways; !every && at != atCommit {
			trial.kinds = everyOther(ways, turn+i)
		}
		for nth := 1; nth <= calls && trial.fail(at, nth); nth++ {
			if !every { // for good from the second on is much like for good from the first
				trial.durations = durations[:1]
			}
		}
		trial.durations = durations
	}
	tegtest.Verify(w.t, w.eng)
}

func everyOther(ways []kind, turn int) (some []kind) {
	for i := turn % 2; i < len(ways); i += 2 {
		some = append(some, ways[i])
	}
	return some
}

// trial is one verb that is made to fail.
type trial struct {
	*world
	doing
	kinds        []kind
	durations    []bool // of faults: whether they are for good
	undone, done string // what has happened in a scene before and after it
}

// fail lets the nth call of a kind fail in every way, and reports whether the
// verb makes so many.
func (tr *trial) fail(at string, nth int) bool {
	for _, kind := range tr.kinds {
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
	ctx, cut := limited(t), always && errors.Is(kind.err, store.ErrLocked)
	if cut { // nobody gets these rows, and the caller gives up
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 250*time.Millisecond)
		defer cancel()
	}
	_, err := tr.act(ctx, s)
	fired := tr.faults.clear()
	effect := s.effect()
	decided := err == nil && tr.refusal == nil || tr.refusal != nil && errors.Is(err, tr.refusal)
	cut = cut || errors.Is(err, context.DeadlineExceeded) // the machine was too busy for some patience of the engine
	switch {
	case decided:
		require.Equal(t, tr.done, effect, name)
	case errors.Is(err, teg.ErrOutcomeUnknown):
		require.Contains(t, []string{tr.undone, tr.done}, effect, name)
		require.True(t, kind.commit || cut, name)
	case tr.parts:
		require.ErrorIs(t, err, kind.told, name)
		require.Contains(t, []string{tr.undone, tr.done}, effect, name)
	default:
		require.ErrorIs(t, err, kind.told, name)
		require.Equal(t, tr.undone, effect, name)
	}
	if kind.passes && !always && !cut && (at == atBegin || at == atCommit) {
		require.True(t, decided, "%s: it passes, so the caller hears nothing of it: %v", name, err)
	}
	if tr.repeats && effect == tr.done {
		return fired > 0
	}
	_, err = tr.act(limited(t), s)
	if tr.again == nil || !errors.Is(err, tr.again) {
		require.ErrorIs(t, err, tr.refusal, name)
	}
	require.Equal(t, tr.done, s.effect(), name)
	return fired > 0
}

// A file that may not grow is not available; what fits in again is written again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
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

// aboveDrivers runs a test whose faults no driver sees: on SQLite, and on both databases where
// all faults are asked for.
func aboveDrivers(t *testing.T, test func(*testing.T, func(testing.TB) store.Store)) {
	if everyFault() {
		storetest.EachDatabase(t, test)
		return
	}
	test(t, storetest.OpenSQLite)
}

func everyFault() bool { return os.Getenv("TEG_TEST_FAULTS") == "all" }

// A question that could not be answered is not answered with a no, whichever of
// its reads fails; and every method of a reader is one that was seen to fail.
func TestReadsFail(t *testing.T) {
	t.Parallel()
	aboveDrivers(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newWorld(t, open(t))
		s := w.scene((*scene).pay)
		require.NoError(t, s.expired())
		require.NoError(t, s.setAside())
		require.NoError(t, s.earn())
		ctx := limited(t)
		cut, err := w.eng.Slash(ctx, teg.SlashParams{By: tegtest.Admin, Validator: s.bob, Percentage: teg.Percent(1), Evidence: "seen", Reason: "x"})
		require.NoError(t, err)
		_, err = w.eng.Signal(ctx, teg.SignalParams{By: s.alice, TransactionID: s.paid, Value: 1})
		require.NoError(t, err)
		_, err = w.eng.ReportOutcome(ctx, s.outcome(tegtest.Admin, teg.OutcomeSuccess))
		require.NoError(t, err)
		require.NoError(t, s.accuse())
		s.stakeJuror()
		require.NoError(t, s.dispute())
		judging := s.judgeElsewhere()
		require.NoError(t, s.indebt())
		require.NoError(t, s.govern())
		require.NoError(t, s.invite())
		require.NoError(t, s.subscribed())
		require.NoError(t, s.claims())
		require.NoError(t, s.fillTile())
		past := newOld(t, &brittle{open(t), w.faults})
		require.Len(t, past.archiveAll(), 3)
		require.Positive(t, past.forget())
		asked, beside := w.clock.Now().Add(-48*time.Hour), tegtest.Over(t, w.store, tegtest.WithClock(w.clock))
		var unasked []*teg.Engine
		for range 32 { // what an engine knows of trust it does not read again at once
			unasked = append(unasked, tegtest.Over(t, &brittle{w.store, w.faults}, tegtest.WithClock(w.clock)))
		}
		for name, ask := range map[string]func() error{
			"balance":        func() error { _, err := w.eng.Balance(ctx, s.alice); return err },
			"balance at":     func() error { _, err := w.eng.BalanceAt(ctx, s.alice, w.clock.Now()); return err },
			"the treasury's": func() error { _, err := w.eng.Balance(ctx, w.eng.TreasuryDID()); return err },
			"profile":        func() error { _, err := w.eng.Profile(ctx, s.alice); return err },
			"registered":     func() error { _, err := w.eng.Registered(ctx, s.carol); return err },
			"transaction":    func() error { _, err := w.eng.Transaction(ctx, s.alice, s.paid); return err },
			"transactions":   func() error { _, err := w.eng.Transactions(ctx, teg.TransactionsQuery{Agent: s.alice}); return err },
			"all transactions": func() error {
				for _, err := range w.eng.AllTransactions(ctx, teg.TransactionsQuery{Agent: s.alice, Limit: 100}) {
					if err != nil {
						return err
					}
				}
				return nil
			},
			"hold":       func() error { _, err := w.eng.GetHold(ctx, s.alice, s.hold); return err },
			"holds":      func() error { _, err := w.eng.Holds(ctx, teg.HoldsQuery{Agent: s.alice}); return err },
			"operation":  func() error { _, err := w.eng.Operation(ctx, s.alice, "paid"); return err },
			"audit log":  func() error { _, err := w.eng.AuditLog(ctx, teg.AuditLogQuery{Actor: s.alice}); return err },
			"supply":     func() error { _, err := w.eng.Supply(ctx); return err },
			"difference": func() error { _, err := w.eng.SupplyDifference(ctx); return err },
			"treasury":   func() error { _, err := w.eng.Treasury(ctx); return err },
			"stakes":     func() error { _, err := w.eng.Stakes(ctx, teg.StakesQuery{Agent: s.alice}); return err },
			"delegations": func() error {
				_, err := w.eng.Delegations(ctx, teg.DelegationsQuery{Delegator: s.alice})
				return err
			},
			"agents":     func() error { _, err := w.eng.Agents(ctx, teg.AgentsQuery{}); return err },
			"posted":     func() error { _, err := w.eng.Posted(ctx, teg.PostedQuery{}); return err },
			"legs":       func() error { _, err := w.eng.Legs(ctx, s.paid); return err },
			"entries":    func() error { _, err := w.eng.Entries(ctx, teg.EntriesQuery{Agent: s.alice}); return err },
			"validators": func() error { _, err := w.eng.Validators(ctx, 10); return err },
			"cycles":     func() error { _, err := w.eng.RewardCycles(ctx, teg.RewardCyclesQuery{}); return err },
			"scores":     func() error { _, err := w.eng.ScoreDistribution(ctx); return err },
			"activity of long ago": func() error {
				asked = asked.Add(-time.Hour) // what was answered once is not read again
				_, err := w.eng.Activity(ctx, teg.ActivityQuery{From: asked, To: w.clock.Now(), Width: teg.Hourly})
				return err
			},
			"activity that goes on": func() error {
				_, err := beside.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("0.01")})
				require.NoError(t, err)
				now := w.clock.Now()
				_, err = w.eng.Activity(ctx, teg.ActivityQuery{From: now.Add(-time.Minute), To: now, Width: teg.Daily})
				return err
			},
			"activity of an engine that was never asked": func() error {
				eng, now := unasked[0], w.clock.Now()
				unasked = unasked[1:]
				_, err := eng.Activity(ctx, teg.ActivityQuery{From: now.Add(-time.Minute), To: now, Width: teg.Daily})
				return err
			},
			"validator": func() error { _, err := w.eng.Validator(ctx, s.bob); return err },
			"delegator's slashes": func() error {
				_, err := w.eng.DelegatorSlashes(ctx, teg.DelegatorSlashesQuery{Delegator: s.alice})
				return err
			},
			"slash of another": func() error {
				_, err := w.eng.Transaction(ctx, s.alice, cut.TransactionIDs[len(cut.TransactionIDs)-1])
				return err
			},
			"reputation": func() error { _, err := w.eng.Reputation(ctx, s.bob); return err },
			"reputation's history": func() error {
				_, err := w.eng.ReputationHistory(ctx, teg.ReputationHistoryQuery{Agent: s.bob, Public: true, Viewer: s.alice})
				return err
			},
			"rankings":          func() error { _, err := w.eng.Rankings(ctx, teg.RankingsQuery{}); return err },
			"rankings by trust": func() error { _, err := w.eng.Rankings(ctx, teg.RankingsQuery{ByTrust: true}); return err },
			"trust of an engine that was never asked": func() error {
				eng := unasked[0]
				unasked = unasked[1:]
				_, err = eng.Trust(ctx, teg.TrustQuery{Agent: s.bob})
				return err
			},
			"dispute":       func() error { _, err := w.eng.Dispute(ctx, s.alice, s.disputed); return err },
			"disputes":      func() error { _, err := w.eng.Disputes(ctx, teg.DisputesQuery{Party: s.alice}); return err },
			"dispute count": func() error { _, err := w.eng.DisputeCount(ctx); return err },
			"flag":          func() error { _, err := w.eng.Flag(ctx, s.flag); return err },
			"debts": func() error {
				_, err := w.eng.Debts(ctx, teg.DebtsQuery{Debtor: s.bob})
				return err
			},
			"flag's history": func() error { _, err := w.eng.FlagHistory(ctx, s.flag); return err },
			"flags": func() error {
				eng := unasked[0]
				unasked = unasked[1:]
				_, err := eng.Flags(ctx, teg.FlagsQuery{})
				return err
			},
			"panel":         func() error { _, err := judging.Panel(ctx, s.disputed); return err },
			"seats":         func() error { _, err := judging.Seats(ctx, teg.SeatsQuery{Juror: s.juror()}); return err },
			"who sits":      func() error { _, err := judging.SitsOn(ctx, s.disputed, s.alice); return err },
			"who can judge": func() error { return judging.Roll(ctx) },
			"vote": func() error {
				_, err := judging.CommitVote(ctx, teg.CommitVoteParams{DryRun: true, By: s.juror(), Dispute: s.disputed, Commitment: strings.Repeat("0", 64)})
				return err
			},
			"tick of panels": func() error { return judging.TickPanels(ctx) },
			"policies":       func() error { _, err := w.eng.Policies(ctx, teg.PoliciesQuery{}); return err },
			"policy":         func() error { _, err := w.eng.Policy(ctx, s.policy); return err },
			"latest terms":   func() error { _, err := w.eng.LatestTerms(ctx); return err },
			"terms at":       func() error { _, err := w.eng.TermsAt(ctx, w.clock.Now().AddDate(-1, 0, 0)); return err },
			"change of a policy": func() error {
				_, err := w.eng.PutPolicy(ctx, teg.PutPolicyParams{By: tegtest.Admin, ID: s.policy, DryRun: true})
				return err
			},
			"rules":              func() error { _, err := w.eng.Rules(ctx); return err },
			"rules on trial":     func() error { _, err := w.eng.TryRules(ctx, teg.TryRulesParams{From: w.clock.Now()}); return err },
			"readers of the log": func() error { _, err := w.eng.LogReaders(ctx); return err },
			"auditor's stats":    func() error { _, err := w.eng.AuditorStats(ctx); return err },
			"auditor that was never run": func() error {
				eng := unasked[0]
				unasked = unasked[1:]
				w.clock.Advance(time.Minute) // so that the turn of the last one is over
				_, err := eng.Audit(ctx)
				return err
			},
			"events": func() error {
				for _, err := range w.eng.EventsFrom(ctx, 0) {
					if err != nil {
						return err
					}
				}
				return nil
			},
			"attestation":           func() error { _, err := w.eng.Attestation(ctx, s.attested); return err },
			"attestation's history": func() error { _, err := w.eng.AttestationHistory(ctx, s.attested); return err },
			"attestations":          func() error { _, err := w.eng.Attestations(ctx, teg.AttestationsQuery{}); return err },
			"circuits":              func() error { _, err := w.eng.Circuits(ctx); return err },
			"tick":                  func() error { return w.eng.Tick(ctx) },
			"tick that pays a debt": func() error {
				_, paid := w.eng.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("0.01")})
				return errors.Join(paid, w.eng.Tick(ctx))
			},
			"bootstrap token": func() error { _, err := w.eng.BootstrapToken(ctx, s.invitation); return err },
			"registration": func() error {
				_, err := w.eng.RegisterAgent(ctx, teg.RegisterParams{DryRun: true, Agent: s.carol, BootstrapToken: s.invitation})
				return err
			},
			"webhooks": func() error { _, err := w.eng.Webhooks(ctx, teg.WebhooksQuery{}); return err },
			"webhook":  func() error { _, err := w.eng.Webhook(ctx, s.hooked, s.alice); return err },
			"deliveries": func() error {
				_, err := w.eng.WebhookDeliveries(ctx, teg.DeliveriesQuery{Webhook: s.hooked})
				return err
			},
			"test of a webhook": func() error {
				_, err := w.eng.TestWebhook(ctx, teg.TestWebhookParams{WebhookParams: s.webhook()})
				return err
			},
			"roles in force": func() error { _, err := w.eng.RolesInForce(ctx, s.alice, teg.RolesOf(teg.RoleAdmin)); return err },
			"proof": func() error {
				r, err := w.eng.Transfer(ctx, teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("0.01")})
				if err == nil {
					_, err = w.eng.Proof(ctx, teg.ProofParams{Transaction: r.TransactionID, By: s.bob})
				}
				return err
			},
			"checkpoint":  func() error { _, err := w.eng.Checkpoint(ctx); return err },
			"consistency": func() error { _, _, err := w.eng.Consistency(ctx, 3, 0); return err },
			"tile":        func() error { _, err := w.eng.LogTile(ctx, 0, 0, 1); return err },
			"log status":  func() error { _, err := w.eng.LogStatus(ctx); return err },
			"ping":        func() error { return w.eng.Ping(ctx) },
			"verify":      func() error { _, err := w.eng.Verify(ctx); return err },
			"identity":    func() error { _, err := past.eng.LogIdentity(ctx); return err },
			"the past":    func() error { _, err := past.eng.Verify(ctx); return err },
			"forgetting": func() error {
				past.clock.Advance(time.Hour)
				return past.eng.Tick(ctx)
			},
			"archive": func() error { _, err := past.check(); return err },
		} {
			ctx = limited(t)
			require.NoError(t, ask(), name)
			for nth := 1; ; nth++ {
				ctx = limited(t) // for each question, of which some are asked many times
				w.faults.plan(atRead, nth, true, store.ErrUnavailable)
				err := ask()
				if w.faults.clear() == 0 {
					require.Greater(t, nth, 1, "%s reads nothing", name)
					break
				}
				require.ErrorIs(t, err, teg.ErrUnavailable, name)
				require.NotErrorIs(t, err, teg.ErrNotFound, name)
				require.NotErrorIs(t, err, teg.ErrBroken, name)
			}
		}
		reader := reflect.TypeFor[store.Reader]()
		for i := range reader.NumMethod() {
			require.True(t, w.faults.reads[reader.Method(i).Name], "no question makes %s fail", reader.Method(i).Name)
		}
	})
}

// An engine that cannot look at its database or open its writers does not start,
// and leaves nothing running.
func TestNewFails(t *testing.T) {
	storetest.EachInTurn(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		before := goleak.IgnoreCurrent()
		for at, calls := range map[string]int{atStart: 3, atRead: 2, atWriter: 3} {
			for nth := 1; nth <= calls; nth++ {
				f := new(faults)
				f.plan(at, nth, false, store.ErrUnavailable)
				_, err := teg.New(limited(t), &brittle{st, f}, teg.Config{Committers: 3})
				require.ErrorIs(t, err, store.ErrUnavailable, "call %d of %s", nth, at)
				require.Equal(t, 1, f.clear())
				goleak.VerifyNone(t, before)
			}
		}
		require.NoError(t, tegtest.Over(t, st).Ping(limited(t)))
	})
}

// An unknown outcome is told as one, also when it wraps a deadline.
func TestUnknownOutcomeOfADeadline(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newWorld(t, open(t))
		s := w.scene(nil)
		w.faults.plan(atCommit, 1, false, fmt.Errorf("%w: %w", errKept, context.DeadlineExceeded))
		_, err := w.eng.Transfer(limited(t), teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1")})
		require.Equal(t, 1, w.faults.clear())
		require.ErrorIs(t, err, teg.ErrOutcomeUnknown)
		require.Equal(t, "SYS_OUTCOME_UNKNOWN", teg.CodeOf(err))
		require.Equal(t, "98.999", tegtest.Available(t, w.eng, s.alice))
	})
}
