package teg_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

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
