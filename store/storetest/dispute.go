package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// disputeTests are those of disputes and their evidence.
var disputeTests = map[string]func(*testing.T, *bench){
	"disputes, timelines and evidence are read back": testDisputes,
	"disputes are loaded by what they are about":     testDisputesNeeded,
	"disputes are found by what they say":            testDisputeQueries,
	"a cause has one open dispute":                   testOneOpenDispute,
	"what is due is found by the time":               testDueDisputes,
	"evidence that nobody looked at is found":        testUnstoredEvidence,
	"what is set aside for a dispute is summed up":   testAuditDisputes,
	"what parties and rulings said never changes":    testDisputeHistory,
	"disputes have bounds in the database":           testDisputeBounds,
}

// dispute is one with everything in it, open.
func (b *bench) dispute(id byte) dispute.Dispute {
	return dispute.Dispute{
		ID: dispute.ID{id}, Claimant: b.alice.Owner, Defendant: b.bob.Owner,
		Cause:  dispute.Cause{Kind: dispute.CauseHold, ID: ledger.ID{8, id}, Transaction: ledger.TransactionID{7, id}, AVTP: "avtp 1"},
		Reason: "NOT_DELIVERED", Category: "quality", Description: "nothing came 💬", Value: amount.MustParse("5.000000000000000001"), Hold: ledger.HoldID{8, id},
		Fee: amount.MustParse("1"), Bond: amount.MustParse("2"), FiledAt: b.now, Status: dispute.UnderReview, Deadline: b.now.Add(time.Hour),
		Pinned: amount.MustParse("3"), Pool: ledger.ID{6, id}, Response: "it was sent", RespondedAt: b.now.Add(time.Minute),
		Claims: 1, Defences: 2, Steps: 1, UpdatedAt: b.now.Add(time.Minute),
	}
}

func (b *bench) disputed(t *testing.T, c dispute.Changes) {
	t.Helper()
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{Disputes: c}))
}

func (b *bench) disputes(t *testing.T, q dispute.Query) []dispute.Dispute {
	t.Helper()
	q.Limit = max(q.Limit, 1)
	page, _, err := b.reader.Disputes(background(), q)
	require.NoError(t, err)
	return page
}

func testDisputes(t *testing.T, b *bench) {
	first, second := b.dispute(1), b.dispute(2)
	second.Cause.Transaction, second.Hold, second.Pool, second.RespondedAt = ledger.TransactionID{}, ledger.HoldID{}, ledger.ID{}, time.Time{}
	filing := dispute.Step{Dispute: first.ID, Seq: 1, To: dispute.Open, By: first.Claimant, At: b.now, Until: b.now.Add(time.Hour)}
	piece := dispute.Evidence{ID: dispute.EvidenceID{4}, Dispute: first.ID, Seq: 1, By: first.Claimant, Pointer: "ipfs://cid", Description: "a log", At: b.now}
	other := piece
	other.ID, other.Seq, other.By = dispute.EvidenceID{5}, 2, first.Defendant
	seen := dispute.Storage{Evidence: other.ID, Sound: true, Size: 12, At: b.now}
	b.disputed(t, dispute.Changes{Filed: []dispute.Dispute{first, second}, Steps: []dispute.Step{filing}, Evidence: []dispute.Evidence{piece, other}, Storage: []dispute.Storage{seen}})
	require.Equal(t, []dispute.Dispute{second, first}, b.disputes(t, dispute.Query{Limit: 5}))

	lapsed, step := first.Lapse(dispute.DefaultTerms())
	lapsed.Frivolous, lapsed.HoldEnd, lapsed.Penalty, lapsed.Collected, lapsed.Notes = true, dispute.HoldVoided, first.Fee, first.Fee, "so it is"
	b.disputed(t, dispute.Changes{Changed: []dispute.Dispute{lapsed}, Steps: []dispute.Step{step}})
	require.Equal(t, []dispute.Dispute{lapsed}, b.disputes(t, dispute.Query{IDs: []dispute.ID{first.ID}}))
	steps, err := b.reader.DisputeSteps(background(), first.ID)
	require.NoError(t, err)
	require.Equal(t, []dispute.Step{filing, step}, steps)
	evidence, err := b.reader.DisputeEvidence(background(), first.ID)
	require.NoError(t, err)
	require.Equal(t, []dispute.RecordedEvidence{{Evidence: piece}, {Evidence: other, Storage: seen}}, evidence)
	evidence, err = b.reader.DisputeEvidence(background(), second.ID)
	require.NoError(t, err)
	require.Empty(t, evidence)

	absent := b.dispute(9)
	tx, _ := b.begin(t, store.Need{})
	require.Error(t, tx.Commit(background(), &store.Changes{Disputes: dispute.Changes{Changed: []dispute.Dispute{absent}}}), "what is not there does not change")
}

func testDisputesNeeded(t *testing.T, b *bench) {
	open, ended, other := b.dispute(1), b.dispute(2), b.dispute(3)
	ended.Status, ended.Deadline, ended.Cause.ID = dispute.Withdrawn, time.Time{}, open.Cause.ID
	other.Claimant, other.Defendant = did.MustParse("did:test:carol"), did.MustParse("did:test:dave")
	b.disputed(t, dispute.Changes{Filed: []dispute.Dispute{open, ended, other}})
	for name, c := range map[string]struct {
		need dispute.Need
		want []byte
	}{
		"by id, whatever it is":        {dispute.Need{IDs: []dispute.ID{ended.ID, {77}}}, []byte{2}},
		"open about a cause":           {dispute.Need{About: []ledger.ID{open.Cause.ID, {9}}}, []byte{1}},
		"open of the claimant":         {dispute.Need{OpenOf: []did.DID{open.Claimant}}, []byte{1}},
		"open of the defendant":        {dispute.Need{OpenOf: []did.DID{other.Defendant}}, []byte{3}},
		"each once, in order":          {dispute.Need{IDs: []dispute.ID{{3}, {1}}, About: []ledger.ID{open.Cause.ID}, OpenOf: []did.DID{open.Claimant}}, []byte{1, 3}},
		"nothing of one without a row": {dispute.Need{OpenOf: []did.DID{did.MustParse("did:test:erin")}}, nil},
	} {
		tx, rows := b.begin(t, store.Need{Disputes: c.need})
		require.NoError(t, tx.Rollback(background()))
		var found []byte
		for _, d := range rows.Disputes {
			found = append(found, d.ID[0])
		}
		require.Equal(t, c.want, found, name)
	}
}

func testDisputeQueries(t *testing.T, b *bench) {
	list := []dispute.Dispute{b.dispute(1), b.dispute(2), b.dispute(3), b.dispute(4)}
	list[1].Claimant, list[1].Defendant = list[0].Defendant, list[0].Claimant
	list[2].Status, list[2].Deadline = dispute.FavorClaimant, time.Time{}
	list[3].Claimant, list[3].Deadline = did.MustParse("did:test:carol"), b.now.Add(-time.Hour)
	b.disputed(t, dispute.Changes{Filed: list})
	for name, c := range map[string]struct {
		query dispute.Query
		want  []byte
	}{
		"all":                 {dispute.Query{}, []byte{4, 3, 2, 1}},
		"as claimant":         {dispute.Query{Claimant: b.alice.Owner}, []byte{3, 1}},
		"as defendant":        {dispute.Query{Defendant: b.alice.Owner}, []byte{2}},
		"as either":           {dispute.Query{Party: b.alice.Owner}, []byte{3, 2, 1}},
		"in a state":          {dispute.Query{Standing: []dispute.Band{{Status: dispute.UnderReview}}}, []byte{4, 2, 1}},
		"in a state still":    {dispute.Query{Standing: []dispute.Band{{Status: dispute.UnderReview, After: b.now}}}, []byte{2, 1}},
		"in a state or over":  {dispute.Query{Standing: []dispute.Band{{Status: dispute.UnderReview, By: b.now}, {Status: dispute.FavorClaimant}}}, []byte{4, 3}},
		"named, any":          {dispute.Query{IDs: []dispute.ID{{4}, {1}, {77}}}, []byte{4, 1}},
		"after one":           {dispute.Query{After: dispute.ID{3}}, []byte{2, 1}},
		"beyond one":          {dispute.Query{Offset: 1}, []byte{3, 2, 1}},
		"of nobody in it all": {dispute.Query{Party: did.MustParse("did:test:erin")}, nil},
	} {
		c.query.Limit, c.query.Count = 10, 3
		page, total, err := b.reader.Disputes(background(), c.query)
		require.NoError(t, err)
		var found []byte
		for _, d := range page {
			found = append(found, d.ID[0])
		}
		require.Equal(t, c.want, found, name)
		if c.query.After.IsZero() && c.query.Offset == 0 {
			require.EqualValues(t, min(len(c.want), 3), total, name)
		}
	}
	first, err := b.reader.AuditDisputes(background(), dispute.ID{}, 3)
	require.NoError(t, err)
	rest, err := b.reader.AuditDisputes(background(), first[2].ID, 3)
	require.NoError(t, err)
	for i, d := range slices.Concat(first, rest) {
		require.Equal(t, list[i], d.Dispute)
	}
}

func testOneOpenDispute(t *testing.T, b *bench) {
	first, twin := b.dispute(1), b.dispute(2)
	twin.Cause.ID = first.Cause.ID
	b.disputed(t, dispute.Changes{Filed: []dispute.Dispute{first}})
	tx, _ := b.begin(t, store.Need{})
	require.ErrorIs(t, tx.Commit(background(), &store.Changes{Disputes: dispute.Changes{Filed: []dispute.Dispute{twin}}}), store.ErrConflict)
	first.Status, first.Deadline = dispute.Rejected, time.Time{}
	b.disputed(t, dispute.Changes{Filed: []dispute.Dispute{twin}, Changed: []dispute.Dispute{first}})
}

func testDueDisputes(t *testing.T, b *bench) {
	list := []dispute.Dispute{b.dispute(1), b.dispute(2), b.dispute(3), b.dispute(4)}
	list[0].Deadline = b.now.Add(2 * time.Second)
	list[1].Deadline = b.now.Add(time.Second)
	list[2].Deadline, list[2].Status = time.Time{}, dispute.Split
	b.disputed(t, dispute.Changes{Filed: list})
	due, err := b.reader.DueDisputes(background(), b.now.Add(2*time.Second), 5)
	require.NoError(t, err)
	require.Equal(t, []dispute.Dispute{list[1], list[0]}, due)
	due, err = b.reader.DueDisputes(background(), b.now.Add(2*time.Second), 1)
	require.NoError(t, err)
	require.Equal(t, []dispute.Dispute{list[1]}, due)
}

func testUnstoredEvidence(t *testing.T, b *bench) {
	open, ended := b.dispute(1), b.dispute(2)
	ended.Status, ended.Deadline = dispute.Split, time.Time{}
	var pieces []dispute.Evidence
	for i, of := range []dispute.ID{open.ID, open.ID, open.ID, ended.ID} {
		pieces = append(pieces, dispute.Evidence{ID: dispute.EvidenceID{byte(i + 1)}, Dispute: of, Seq: int64(i + 1), By: open.Claimant, Pointer: "ipfs://x", At: b.now})
	}
	b.disputed(t, dispute.Changes{Filed: []dispute.Dispute{open, ended}, Evidence: pieces, Storage: []dispute.Storage{{Evidence: pieces[1].ID, Problem: "another hash", At: b.now}}})
	found, err := b.reader.UnstoredEvidence(background(), dispute.EvidenceQuery{Limit: 5})
	require.NoError(t, err)
	require.Equal(t, []dispute.Evidence{pieces[0], pieces[2]}, found)
	found, err = b.reader.UnstoredEvidence(background(), dispute.EvidenceQuery{After: pieces[0].ID, Limit: 5})
	require.NoError(t, err)
	require.Equal(t, []dispute.Evidence{pieces[2]}, found)
	found, err = b.reader.UnstoredEvidence(background(), dispute.EvidenceQuery{Newest: true, Limit: 1})
	require.NoError(t, err)
	require.Equal(t, []dispute.Evidence{pieces[2]}, found)
}

func testAuditDisputes(t *testing.T, b *bench) {
	d := b.dispute(1)
	b.disputed(t, dispute.Changes{Filed: []dispute.Dispute{d}})
	audited, err := b.reader.AuditDisputes(background(), dispute.ID{}, 5)
	require.NoError(t, err)
	require.Len(t, audited, 1)
	require.True(t, audited[0].SetAside.IsZero())
	require.True(t, audited[0].Paid.IsZero())
}

func testDisputeHistory(t *testing.T, b *bench) {
	d := b.dispute(1)
	b.disputed(t, dispute.Changes{
		Filed: []dispute.Dispute{d}, Steps: []dispute.Step{{Dispute: d.ID, Seq: 1, To: dispute.Open, By: d.Claimant, At: b.now}},
		Evidence: []dispute.Evidence{{ID: dispute.EvidenceID{4}, Dispute: d.ID, Seq: 1, By: d.Claimant, Pointer: "ipfs://x", At: b.now}},
		Storage:  []dispute.Storage{{Evidence: dispute.EvidenceID{4}, Sound: true, At: b.now}},
	})
	for _, table := range []string{"teg_dispute_history", "teg_dispute_evidence", "teg_dispute_storage"} {
		for _, statement := range []string{"UPDATE " + table + " SET at = at", "DELETE FROM " + table} {
			_, err := handleOf(t, b.store).ExecContext(background(), statement)
			require.ErrorContains(t, err, "append-only", statement)
		}
	}
}

func testDisputeBounds(t *testing.T, b *bench) {
	for name, spoil := range map[string]func(*dispute.Dispute){
		"with oneself":          func(d *dispute.Dispute) { d.Defendant = d.Claimant },
		"kind":                  func(d *dispute.Dispute) { d.Cause.Kind = 0 },
		"reason":                func(d *dispute.Dispute) { d.Reason = "" },
		"status":                func(d *dispute.Dispute) { d.Status = 9 },
		"open without an end":   func(d *dispute.Dispute) { d.Deadline = time.Time{} },
		"ended with a deadline": func(d *dispute.Dispute) { d.Status = dispute.Split },
		"collected":             func(d *dispute.Dispute) { d.Collected = d.Fee },
		"evidence":              func(d *dispute.Dispute) { d.Claims = 101 },
		"steps":                 func(d *dispute.Dispute) { d.Steps = 0 },
		"hold":                  func(d *dispute.Dispute) { d.HoldEnd = 4 },
	} {
		bad := b.dispute(1)
		spoil(&bad)
		tx, _ := b.begin(t, store.Need{})
		require.Error(t, tx.Commit(background(), &store.Changes{Disputes: dispute.Changes{Filed: []dispute.Dispute{bad}}}), name)
	}
	require.Empty(t, b.disputes(t, dispute.Query{}))
}
