package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// slashing is a validator's pools while they are filled, emptied and slashed, all
// at one instant, so that only the order tells what was first.
type slashing struct {
	*bench
	t           *testing.T
	f           filler
	at, waiting ledger.Account // of what is delegated, and of what is on its way out of that
	changes     staking.Changes
	slashes     []staking.Slash
}

func newSlashing(t *testing.T, b *bench) *slashing {
	s := &slashing{bench: b, t: t, f: newFiller()}
	tx, rows := b.begin(t, store.Need{Fresh: 2})
	s.at = ledger.Account{ID: rows.Fresh[0], Owner: b.bob.Owner, Kind: ledger.Delegated, Status: ledger.Active}
	s.waiting = ledger.Account{ID: rows.Fresh[1], Owner: b.bob.Owner, Kind: ledger.UnbondingDelegated, Status: ledger.Active}
	require.NoError(t, tx.Commit(background(), &store.Changes{Opened: []*ledger.Account{&s.at, &s.waiting}}))
	return s
}

// pool makes a pool over an account.
func (s *slashing) pool(kind staking.PoolKind, over ledger.Account, closed bool) staking.Pool {
	p := s.bench.pool(s.f, s.bob, kind)
	p.Account, p.Closed = over.ID, closed
	s.changes.NewPools = append(s.changes.NewPools, p)
	return p
}

func (s *slashing) move(kind ledger.TransactionType, from, to ledger.AccountID, sum, about string) ledger.TransactionID {
	return s.post(s.t, ledger.Move(kind, from, to, avt(sum), ledger.Notes{ReferenceID: about})).ID
}

// delegate puts 10 of a stake into a pool and returns its index.
func (s *slashing) delegate(of staking.Stake, in staking.Pool) int {
	d := s.delegation(s.f, of, in)
	s.move(ledger.TypeDelegationMove, of.Owner, s.at.ID, "10", d.ID.String())
	s.changes.NewDelegations = append(s.changes.NewDelegations, d)
	return len(s.changes.NewDelegations) - 1
}

// undelegate lets 9 of a delegation wait and returns the index of the wait.
func (s *slashing) undelegate(i int, through staking.Pool) int {
	d := &s.changes.NewDelegations[i]
	d.Ended = s.now
	u := s.unbonding(s.f, ledger.Account{ID: d.Delegator}, staking.Stake{ID: d.Stake})
	u.Pool, u.Returns = through.ID, true
	s.move(ledger.TypeDelegationMove, s.at.ID, s.waiting.ID, "9", d.ID.String())
	s.changes.NewUnbondings = append(s.changes.NewUnbondings, u)
	return len(s.changes.NewUnbondings) - 1
}

// slash takes sums from the accounts, none where that is empty.
func (s *slashing) slash(evidence, fromAt, fromWaiting string) (at, waiting ledger.TransactionID) {
	slash := s.bench.slash(s.f, s.bob, evidence)
	slash.At = s.now
	s.slashes = append(s.slashes, slash)
	at = s.move(ledger.TypeSlash, s.at.ID, s.collect.Treasury, fromAt, evidence)
	if fromWaiting != "" {
		waiting = s.move(ledger.TypeSlash, s.waiting.ID, s.collect.Treasury, fromWaiting, evidence)
	}
	return at, waiting
}

// hit is a slash by its evidence, the index of a delegation, and what took it.
type hit struct {
	evidence   string
	delegation int
	by         ledger.TransactionID
}

func (s *slashing) find(q staking.DelegationSlashQuery) (hits []hit, page []staking.DelegationSlash) {
	s.t.Helper()
	page, err := s.reader.DelegationSlashes(background(), q)
	require.NoError(s.t, err)
	for _, found := range page {
		require.Contains(s.t, s.slashes, found.Slash)
		require.Equal(s.t, s.bob.Owner, found.ValidatorID)
		for i := range s.changes.NewDelegations {
			if s.changes.NewDelegations[i].ID == found.Delegation {
				hits = append(hits, hit{found.Evidence, i, found.Transaction})
			}
		}
	}
	return hits, page
}

func testDelegationSlashes(t *testing.T, b *bench) {
	carol, _ := b.register(t, "did:test:carol")
	b.issue(t, b.alice, "100")
	b.issue(t, carol, "100")
	s := newSlashing(t, b)
	first, own := s.pool(staking.DelegatedPool, s.at, true), s.pool(staking.SelfPool, b.alice, false)
	out := s.pool(staking.UnbondingDelegatedPool, s.waiting, false)
	hers, carols := b.stake(s.f, b.alice, own), b.stake(s.f, carol, own)
	s.changes.NewStakes = []staking.Stake{hers, carols}

	early := s.delegate(hers, first)
	a, _ := s.slash("a", "1", "")
	late, others := s.delegate(hers, first), s.delegate(carols, first)
	bb, _ := s.slash("b", "2", "")
	wait := s.undelegate(early, out)
	c, cWaiting := s.slash("c", "1", "1")
	s.undelegate(others, out)
	s.changes.NewUnbondings[wait].ReleasedAt = b.now
	s.move(ledger.TypeUnbondingRelease, s.waiting.ID, b.alice.ID, "8", hers.ID.String())
	d, dWaiting := s.slash("d", "1", "1")
	e, _ := s.slash("e", "7", "") // all there was
	next := s.pool(staking.DelegatedPool, s.at, false)
	again := s.delegate(hers, next)
	f, _ := s.slash("f", "1", "")
	b.keep(t, s.changes, s.slashes...)

	all := []hit{{"f", again, f}, {"e", late, e}, {"d", late, d}, {"c", late, c}, {"c", early, cWaiting}, {"b", late, bb}, {"b", early, bb}, {"a", early, a}}
	found, page := s.find(staking.DelegationSlashQuery{Delegator: b.alice.ID, Limit: 10})
	require.Equal(t, all, found)
	for i := range page {
		found, _ = s.find(staking.DelegationSlashQuery{Delegator: b.alice.ID, Before: page[i].ID, Below: page[i].Seq, Limit: 2})
		require.Equal(t, all[i+1:min(i+3, len(all))], append([]hit{}, found...), "after the one at %d", i)
	}
	found, _ = s.find(staking.DelegationSlashQuery{Delegator: b.alice.ID, Offset: 3, Limit: 3})
	require.Equal(t, all[3:6], found)
	found, _ = s.find(staking.DelegationSlashQuery{Delegator: carol.ID, Limit: 10})
	require.Equal(t, []hit{{"d", others, dWaiting}, {"c", others, c}, {"b", others, bb}}, found)
	found, _ = s.find(staking.DelegationSlashQuery{Delegator: b.bob.ID, Limit: 10})
	require.Empty(t, found, "a validator delegated nothing")
	found, _ = s.find(staking.DelegationSlashQuery{Delegator: b.alice.ID, Transaction: bb, Limit: 10})
	require.Equal(t, []hit{{"b", late, bb}, {"b", early, bb}}, found)
	found, _ = s.find(staking.DelegationSlashQuery{Delegator: b.alice.ID, Transaction: dWaiting, Limit: 10})
	require.Empty(t, found, "hers had been released")
	for delegator, want := range map[ledger.AccountID]int64{b.alice.ID: 8, carol.ID: 3, b.bob.ID: 0} {
		count, err := b.reader.CountDelegationSlashes(background(), staking.DelegationSlashQuery{Delegator: delegator, Limit: 1, Offset: 1})
		require.NoError(t, err)
		require.Equal(t, want, count, "without its page")
	}
}
