package bunstore

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// askFlags asks each question about flags, and of readers of the log.
func askFlags(t *testing.T, r *Reader) {
	for _, q := range []auditor.FlagQuery{
		{}, {Status: auditor.FlagNew}, {Agent: did.MustParse("did:test:a")}, {IDs: []auditor.FlagID{{1}}}, {After: auditor.FlagID{9}}, {Code: auditor.FanIn},
	} {
		q.Limit, q.Count = 10, 10
		_, _, err := r.Flags(background(), q)
		require.NoError(t, err)
	}
	_, err := r.FlagSteps(background(), auditor.FlagID{1})
	require.NoError(t, err)
	_, err = r.AuditFlags(background(), auditor.FlagID{1}, 10)
	require.NoError(t, err)
	_, err = r.ReadUpTo(background(), "a")
	require.NoError(t, err)
	_, err = r.LogReaders(background(), 10)
	require.NoError(t, err)
	_, _, err = r.Follow(background(), 0, 10, "set_rules")
	require.NoError(t, err)
}

// askDebts asks each question about debts.
func askDebts(t *testing.T, r *Reader) {
	for _, q := range []ledger.DebtQuery{{Debtor: 1}, {Creditor: 2}, {Debtor: 1, OpenOnly: true}, {Creditor: 2, Before: ledger.DebtID{9}}, {Cause: ledger.ID{3}}} {
		q.Limit, q.Count = 10, true
		_, err := r.Debts(background(), q)
		require.NoError(t, err)
	}
	_, err := r.Garnished(background(), 10)
	require.NoError(t, err)
	_, err = r.AuditDebts(background(), func(store.AuditedDebt) error { return nil })
	require.NoError(t, err)
}

// askBootstraps asks each question about bootstrap tokens, and who lacks roles.
func askBootstraps(t *testing.T, r *Reader) {
	_, err := r.BootstrapTokens(background(), "a")
	require.NoError(t, err)
	_, err = r.AuditBootstrapTokens(background(), ledger.BootstrapID{1}, 10)
	require.NoError(t, err)
	_, err = r.Stripped(background())
	require.NoError(t, err)
	var rows []struct{ ID any }
	require.NoError(t, r.scan(background(), &rows, SQLite.ForgetBootstrapTokens()+` RETURNING id`, 1, 10)) // the driver does it
}

// askWebhooks asks each question about webhooks.
func askWebhooks(t *testing.T, r *Reader) {
	for _, q := range []webhook.Query{{Live: true}, {Live: true, Before: webhook.ID{9}}, {Owner: did.MustParse("did:test:a"), Live: true}, {Status: webhook.Paused, Before: webhook.ID{9}}} {
		q.Limit = 10
		_, _, err := r.Webhooks(background(), q)
		require.NoError(t, err)
	}
	_, err := r.WebhooksByID(background(), webhook.ID{1})
	require.NoError(t, err)
	_, err = r.WebhookPlaces(background(), webhook.ID{1})
	require.NoError(t, err)
	_, _, err = r.WebhooksPending(background())
	require.NoError(t, err)
	for _, before := range []*webhook.Delivery{nil, {ID: webhook.MessageID{7}, CreatedAt: time.Now()}} {
		_, _, err = r.WebhookDeliveries(background(), webhook.DeliveryQuery{Webhook: webhook.ID{1}, Before: before, Limit: 10})
		require.NoError(t, err)
	}
	_, err = r.WebhookMessages(background(), webhook.MessageID{1})
	require.NoError(t, err)
	_, err = r.AuditWebhooks(background(), webhook.ID{1}, 10)
	require.NoError(t, err)
	_, err = LoadWebhooks(background(), r, webhook.Need{Owners: []did.DID{did.MustParse("did:test:a")}})
	require.NoError(t, err)
}

// askPolicies asks each question about policies.
func askPolicies(t *testing.T, r *Reader) {
	_, err := r.Policies(background())
	require.NoError(t, err)
	_, err = r.PoliciesAt(background(), time.Now())
	require.NoError(t, err)
	for _, id := range []byte{0, 1} {
		_, err = r.PolicyVersions(background(), policy.VersionQuery{Policy: policy.ID{id}, After: 7, Limit: 10})
		require.NoError(t, err)
	}
	_, err = r.TermsVersion(background())
	require.NoError(t, err)
}

// askAttestations asks each question about attestations.
func askAttestations(t *testing.T, r *Reader) {
	who, ctx := did.MustParse("did:test:a"), background()
	for _, q := range []attestation.Query{
		{}, {Agent: who}, {Agent: who, After: attestation.SubmissionID{9}}, {Payable: true, OldFirst: true}, {Status: attestation.PendingReview, OldFirst: true},
		{Storage: attestation.StorageUnverified, OldFirst: true, After: attestation.SubmissionID{9}}, {IDs: []attestation.SubmissionID{{1}}},
	} {
		q.Limit, q.Count = 10, 10
		_, _, err := r.Attestations(ctx, q)
		require.NoError(t, err)
	}
	_, err := r.AttestationSteps(ctx, attestation.SubmissionID{1})
	require.NoError(t, err)
	_, err = r.AuditAttestations(ctx, attestation.SubmissionID{1}, 10)
	require.NoError(t, err)
	_, err = r.AttestationBudgets(ctx)
	require.NoError(t, err)
	_, err = r.Circuits(ctx, "range")
	require.NoError(t, err)
	for _, question := range []string{AttestationLast + `s.agent = ? AND s.policy = ?`, AttestationHanded + `s.agent = ? AND s.submitted_at > ?`} {
		var rows []struct{ X any }
		_ = r.scan(ctx, &rows, question, who.String(), r.dialect.Time(time.Now())) // the drivers ask it in statements of their own
	}
}

// askPanels asks each question about panels, but that for everybody who can be a juror.
func askPanels(t *testing.T, r *Reader) {
	_, err := r.PanelRows(background(), dispute.ID{1})
	require.NoError(t, err)
	_, err = r.PanelRolls(background(), dispute.ID{1})
	require.NoError(t, err)
	_, err = r.OpenRounds(background(), panel.RoundID{1}, 10)
	require.NoError(t, err)
	_, err = r.PanelSteps(background(), panel.RoundID{1})
	require.NoError(t, err)
	for _, open := range []bool{false, true} {
		_, _, err = r.SeatsOf(background(), panel.SeatQuery{Juror: did.MustParse("did:test:a"), OpenOnly: open, Limit: 10, Count: 10})
		require.NoError(t, err)
	}
	_, err = r.AuditRounds(background(), panel.RoundID{1}, 10)
	require.NoError(t, err)
}

// askTree asks each question about the tree over the log.
func askTree(t *testing.T, r *Reader) {
	ctx := background()
	_, err := r.Leaves(ctx, 0, 10)
	require.NoError(t, err)
	_, err = r.Tiles(ctx, 1, 5, 10)
	require.NoError(t, err)
	_, err = r.TileRoots(ctx, 1, 5, 10)
	require.NoError(t, err)
	_, err = r.TileOf(ctx, store.EventID{1}) // and the last tile
	require.NoError(t, err)
	for _, q := range []store.EventSearch{{ID: store.EventID{1}}, {At: time.Now()}} {
		q.From, q.To = 7, 9
		_, err = r.FindEvents(ctx, q)
		require.NoError(t, err)
	}
	_, err = r.LastCheckpoint(ctx, "a", 9)
	require.NoError(t, err)
	_, err = r.AuditCheckpoints(ctx, 1, 9)
	require.NoError(t, err)
	_, err = r.Segments(ctx, 9, 10)
	require.NoError(t, err)
	_, err = r.LastSegment(ctx, time.Now())
	require.NoError(t, err)
	_, err = r.KeptEvents(ctx, 3, 10)
	require.NoError(t, err)
	_, err = r.followed(ctx, "kept_events", 0, 9, 10, []string{store.VerbSignal.String()})
	require.NoError(t, err)
}

// askConduct asks each question about scores, signals and reports.
func askConduct(t *testing.T, r *Reader) {
	who, ctx := did.MustParse("did:test:a"), background()
	_, err := r.ScoresOf(ctx, who)
	require.NoError(t, err)
	_, _, err = r.PlaceOf(ctx, who)
	require.NoError(t, err)
	_, err = r.histogramAround(ctx, make([]reputation.Ranked, 1)) // which nobody had a place for
	require.NoError(t, err)
	for _, q := range []reputation.RankingQuery{{}, {Below: &reputation.Score{Value: 5, Agent: 7}}, {Offset: 190_000}} {
		q.Limit = 10
		_, _, err = r.Ranking(ctx, q)
		require.NoError(t, err)
	}
	for _, q := range []reputation.EventQuery{{}, {From: time.Now()}, {Below: 9}, {From: time.Now(), Below: 9}} {
		q.Agent, q.Limit, q.Count = 1, 10, 10
		_, _, err = r.ScoreEvents(ctx, q)
		require.NoError(t, err)
	}
	_, err = r.Signals(ctx, ledger.TransactionID{1})
	require.NoError(t, err)
	_, err = r.Reports(ctx, reputation.ReportID{1})
	require.NoError(t, err)
	_, err = r.AuditScores(ctx, func(reputation.Score) error { return nil })
	require.NoError(t, err)
	_, err = r.AuditScoreEvents(ctx, 1, 1, 10)
	require.NoError(t, err)
	_, err = r.AuditReports(ctx, reputation.ReportID{1}, 10)
	require.NoError(t, err)
}

// askStaking asks each question about stakes.
func askStaking(t *testing.T, r *Reader) {
	for _, s := range Selections() { // the keys of a look-up are what others found
		keys := []any{ledger.ID{1}}
		if !strings.Contains(s.Text, "id IN") {
			keys = []any{int64(1)}
		}
		require.NoError(t, r.Select(background(), s, keys, func(func([]any) error) error { return nil }))
	}
	for _, active := range []bool{false, true} {
		for _, before := range []byte{0, 9} {
			q := staking.StakeQuery{Owner: 1, ActiveOnly: active, Before: staking.StakeID{before}, Limit: 10}
			_, err := r.Stakes(background(), q)
			require.NoError(t, err)
			_, err = r.CountStakes(background(), q)
			require.NoError(t, err)
			for _, q := range []staking.DelegationQuery{{Delegator: 1}, {Validator: 2}, {Delegator: 1, Validator: 3}} {
				q.ActiveOnly, q.Before, q.Limit = active, staking.DelegationID{before}, 10
				where, args := r.delegationFilter(q)
				_, err = list(background(), r, &Delegations, where+` ORDER BY id DESC LIMIT 10`, args...)
				require.NoError(t, err)
				_, err = r.CountDelegations(background(), q)
				require.NoError(t, err)
			}
		}
	}
	_, err := r.recordDelegations(background(), []staking.Delegation{{Delegator: 1, Validator: 2}})
	require.NoError(t, err)
	for _, from := range []ledger.AccountID{0, 7} {
		_, err = r.DueUnbondings(background(), staking.DueQuery{By: time.Now(), From: from, Limit: 10})
		require.NoError(t, err)
	}
	_, err = r.Compounding(background(), 7, 10)
	require.NoError(t, err)
	_, err = r.Delegators(background(), 2)
	require.NoError(t, err)
	_, err = r.RewardCycles(background(), staking.CycleQuery{Below: 7, Limit: 10})
	require.NoError(t, err)
	_, err = r.Slashes(background(), staking.SlashQuery{Agent: 1, Limit: 10})
	require.NoError(t, err)
	for _, q := range []staking.DelegationSlashQuery{{}, {Before: staking.SlashID{9}, Below: 9}, {Transaction: ledger.TransactionID{9}}} {
		q.Delegator, q.Limit = 1, 10
		_, err = r.DelegationSlashes(background(), q)
		require.NoError(t, err)
		_, err = r.CountDelegationSlashes(background(), q)
		require.NoError(t, err)
	}
	_, err = r.AuditStakes(background(), staking.StakeID{1}, 10)
	require.NoError(t, err)
}

// askDisputes asks each question about disputes.
func askDisputes(t *testing.T, r *Reader) {
	who := did.MustParse("did:test:a")
	for _, q := range []dispute.Query{
		{}, {Claimant: who}, {Defendant: who}, {Party: who}, {IDs: []dispute.ID{{1}}}, {After: dispute.ID{9}, Claimant: who},
	} {
		q.Limit, q.Count = 10, 10
		_, _, err := r.Disputes(background(), q)
		require.NoError(t, err)
	}
	_, err := r.DisputeSteps(background(), dispute.ID{1})
	require.NoError(t, err)
	_, err = r.DisputeEvidence(background(), dispute.ID{1})
	require.NoError(t, err)
	_, err = r.DueDisputes(background(), time.Now(), 10)
	require.NoError(t, err)
	for _, newest := range []bool{false, true} {
		_, err = r.UnstoredEvidence(background(), dispute.EvidenceQuery{Newest: newest, Limit: 10})
		require.NoError(t, err)
	}
	_, err = r.AuditDisputes(background(), dispute.ID{1}, 10)
	require.NoError(t, err)
}
