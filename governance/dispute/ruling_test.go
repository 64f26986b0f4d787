package dispute

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

var avt = amount.MustParse

// The table of resolutions, end by end.
func TestSettle(t *testing.T) {
	points, answered := Points{Lost: -25, Won: 5}, time.Unix(1, 0)
	harsh := -70
	unit := amount.FromUnits(1)
	odd := amount.FromUnits(7)
	for name, c := range map[string]struct {
		verdict  Verdict
		answered time.Time
		fee      amount.Amount
		want     Settlement
	}{
		"for the claimant": {Verdict{End: FavorClaimant, Penalty: avt("3")}, answered, avt("2"), Settlement{
			Fee: []Share{{Claimant, avt("2")}}, Loser: Defendant, Penalty: avt("3"), Reputation: map[Side]int{Defendant: -25, Claimant: 5}}},
		"for the defendant": {Verdict{End: FavorDefendant}, answered, avt("2"), Settlement{
			Fee: []Share{{Defendant, avt("2")}}, Loser: Claimant, Reputation: map[Side]int{Claimant: -25, Defendant: 5}}},
		"with another adjustment": {Verdict{End: FavorDefendant, Reputation: &harsh}, answered, avt("2"), Settlement{
			Fee: []Share{{Defendant, avt("2")}}, Loser: Claimant, Reputation: map[Side]int{Claimant: -70, Defendant: 5}}},
		"split": {Verdict{End: Split}, answered, odd, Settlement{
			Fee: []Share{{Claimant, amount.FromUnits(3)}, {Defendant, amount.FromUnits(3)}, {Treasury, unit}}}},
		"split of one unit": {Verdict{End: Split}, answered, unit, Settlement{Fee: []Share{{Treasury, unit}}}},
		"rejected":          {Verdict{End: Rejected}, answered, avt("2"), Settlement{Fee: []Share{{Claimant, avt("2")}}}},
		"frivolous": {Verdict{End: Rejected, Frivolous: true}, answered, avt("2"), Settlement{
			Fee: []Share{{Treasury, avt("2")}}, Bond: []Share{{Treasury, avt("9")}}, Reputation: map[Side]int{Claimant: -25}}},
		"withdrawn in time":            {Verdict{End: Withdrawn}, time.Time{}, avt("2"), Settlement{Fee: []Share{{Claimant, avt("2")}}}},
		"withdrawn after the response": {Verdict{End: Withdrawn}, answered, avt("2"), Settlement{Fee: []Share{{Defendant, avt("2")}}}},
	} {
		d := Dispute{Fee: c.fee, Bond: avt("9"), RespondedAt: c.answered, Status: AwaitingArbitration}
		if c.want.Bond == nil {
			c.want.Bond = []Share{{Claimant, avt("9")}}
		}
		if c.want.Reputation == nil {
			c.want.Reputation = map[Side]int{}
		}
		require.Equal(t, c.want, d.Settle(c.verdict, points), name)
		d.Hold = ledger.HoldID{1}
		require.Equal(t, HoldReturned, d.Settle(c.verdict, points).Hold, name)
		c.verdict.Hold = HoldCaptured
		require.Equal(t, HoldCaptured, d.Settle(c.verdict, points).Hold, name)
	}
}

// Whatever the end, fee and bond go somewhere, to the last unit.
func TestSettleKeepsSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Dispute{Fee: amount.FromUnits(rapid.Uint64().Draw(t, "fee")), Bond: amount.FromUnits(rapid.Uint64().Draw(t, "bond"))}
		v := Verdict{End: rapid.SampledFrom([]Status{FavorClaimant, FavorDefendant, Split, Rejected, Withdrawn}).Draw(t, "end"), Frivolous: rapid.Bool().Draw(t, "frivolous")}
		if rapid.Bool().Draw(t, "answered") {
			d.RespondedAt = time.Unix(1, 0)
		}
		s := d.Settle(v, Points{Lost: -25, Won: 5})
		for _, part := range []struct {
			shares []Share
			whole  amount.Amount
		}{{s.Fee, d.Fee}, {s.Bond, d.Bond}} {
			left := part.whole
			for _, share := range part.shares {
				var err error
				if left, err = left.Sub(share.Sum); err != nil || share.Sum.IsZero() {
					t.Fatalf("shares %v of %s", part.shares, part.whole)
				}
			}
			if !left.IsZero() {
				t.Fatalf("%s of %s are nobody's", left, part.whole)
			}
		}
	})
}

func TestVerdictCheck(t *testing.T) {
	points, far := -5, 1001
	for field, bad := range map[string][]Verdict{
		"resolution_status":               {{End: Open}, {End: Withdrawn}, {}, {End: 99}},
		"frivolous":                       {{End: Split, Frivolous: true}, {End: FavorDefendant, Frivolous: true}},
		"hold":                            {{End: Rejected, Hold: HoldVoided}, {End: Split, Hold: HoldReturned}, {End: Split, Hold: 9}},
		"penalties.token_penalty":         {{End: Split, Penalty: avt("1")}, {End: Rejected, Penalty: avt("1")}},
		"penalties.reputation_adjustment": {{End: Split, Reputation: &points}, {End: FavorClaimant, Reputation: &far}},
	} {
		for _, v := range bad {
			var refusal *ledger.Refusal
			require.ErrorAs(t, v.Check(-1000, 1000), &refusal, field)
			require.Equal(t, field, refusal.Field)
		}
	}
	for _, v := range []Verdict{{End: FavorClaimant, Penalty: avt("1"), Reputation: &points, Hold: HoldVoided}, {End: Split, Hold: HoldCaptured}, {End: Rejected, Frivolous: true}} {
		require.NoError(t, v.Check(-1000, 1000))
	}
}

func TestRespondAndEvidence(t *testing.T) {
	claimant, defendant, stranger := did.MustParse("did:test:claimant"), did.MustParse("did:test:defendant"), did.MustParse("did:test:stranger")
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	d, _ := DefaultTerms().File(Dispute{ID: ID{1}, Claimant: claimant, Defendant: defendant}, at)
	_, err := d.Respond(claimant, "no", at)
	require.ErrorIs(t, err, ledger.ErrForbidden)
	answered, err := d.Respond(defendant, "it was delivered", at)
	require.NoError(t, err)
	require.Equal(t, d.Status, answered.Status, "it changes no state")
	_, err = answered.Respond(defendant, "twice", at)
	require.ErrorIs(t, err, ledger.ErrAlreadyExists)

	_, _, err = d.Add(Evidence{By: stranger})
	require.ErrorIs(t, err, ledger.ErrForbidden)
	full := d
	full.Claims = MaxEvidence
	_, _, err = full.Add(Evidence{By: claimant})
	require.ErrorIs(t, err, ledger.ErrInvalidState)
	for seq, by := range []did.DID{claimant, defendant} {
		var e Evidence
		d, e, err = d.Add(Evidence{By: by, At: at})
		require.NoError(t, err)
		require.EqualValues(t, seq+1, e.Seq)
		require.Equal(t, d.ID, e.Dispute)
	}
	ended, _, err := d.Become(Withdrawn, claimant, "", at, DefaultTerms())
	require.NoError(t, err)
	_, err = ended.Respond(defendant, "late", at)
	require.ErrorIs(t, err, ledger.ErrInvalidState)
	_, _, err = ended.Add(Evidence{By: claimant})
	require.ErrorIs(t, err, ledger.ErrInvalidState)
}

func TestBookReverts(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	alice, bob := did.MustParse("did:test:alice"), did.MustParse("did:test:bob")
	old, _ := DefaultTerms().File(Dispute{ID: ID{1}, Claimant: alice, Defendant: bob, Cause: Cause{ID: ledger.ID{7}}}, at)
	b := NewBook([]Dispute{old})
	before, mark := b.Changed(), b.Mark()
	require.True(t, before.Empty())
	fresh, step := DefaultTerms().File(Dispute{ID: ID{2}, Claimant: bob, Defendant: alice, Cause: Cause{ID: ledger.ID{8}}}, at)
	b.File(fresh, step)
	withEvidence, e, err := old.Add(Evidence{By: alice, At: at})
	require.NoError(t, err)
	b.Add(withEvidence, e)
	b.Store(Storage{})
	changed := b.Changed()
	require.Equal(t, []Dispute{fresh}, changed.Filed)
	require.Equal(t, []Dispute{withEvidence}, changed.Changed)
	require.Len(t, changed.Evidence, 1)
	found, ok := b.OpenAbout(ledger.ID{8})
	require.True(t, ok)
	require.Equal(t, fresh.ID, found.ID)
	b.Revert(mark)
	after := b.Changed()
	require.True(t, after.Empty())
	_, ok = b.OpenAbout(ledger.ID{8})
	require.False(t, ok)
	found, ok = b.OpenOf(bob)
	require.True(t, ok)
	require.Equal(t, old.ID, found.ID)
}
