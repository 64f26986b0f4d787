package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

var policyTests = map[string]func(*testing.T, *bench){
	"policies are read back with their versions":            testPolicies,
	"policies are known as they were at an instant":         testPoliciesAt,
	"a code is one policy's and a change has one number":    testOnePolicy,
	"policies have bounds in the database":                  testPolicyBounds,
	"versions of policies are never changed":                testPolicyHistory,
	"what was decided by terms that changed is not written": testTermsChanged,
	"a host's events wait for no terms":                     testTermsOfHost,
	"where there are no policies there is an empty answer":  testNoPolicies,
}

// policy is one as the engine makes it.
func (b *bench) policy(id byte, change int64) policy.Policy {
	return policy.Policy{
		ID: policy.ID{id}, Code: "code-" + string(rune('a'+id)), Name: "näme", Type: policy.Economic, Description: "why",
		Parameters: `{"transfer_fee":"1"}`, Reward: avt("1.000000000000000001"), Circuit: "fair", Level: policy.Mandatory, Active: true,
		Version: 1, Change: change, By: b.alice.Owner, CreatedAt: b.now, UpdatedAt: b.now,
	}
}

// edited is the next version of a policy.
func (b *bench) edited(p policy.Policy, change int64) policy.Policy {
	p.Version, p.Change, p.Active, p.Level = p.Version+1, change, false, policy.Advisory
	p.Name, p.Parameters, p.Circuit, p.By = "other", `{}`, "", b.bob.Owner
	p.UpdatedAt = b.now.Add(time.Duration(change) * time.Minute)
	return p
}

// tryPut writes a change of a policy, in a group of its own as the engine does, that was
// decided by a version of the terms.
func (b *bench) tryPut(t *testing.T, p policy.Policy, by int64) error {
	t.Helper()
	changes := &store.Changes{Policies: policy.Changes{Versions: []policy.Policy{p}}, TermsVersion: by}
	if p.Version == 1 {
		changes.Policies.Created = changes.Policies.Versions
	} else {
		changes.Policies.Changed = changes.Policies.Versions
	}
	changes.Events = []store.Event{b.event("put_policy", p.By)}
	tx, _ := b.begin(t, store.Need{})
	return tx.Commit(background(), changes)
}

func (b *bench) put(t *testing.T, list ...policy.Policy) {
	t.Helper()
	for _, p := range list {
		require.NoError(t, b.tryPut(t, p, p.Change-1))
	}
}

func (b *bench) terms(t *testing.T) int64 {
	t.Helper()
	version, err := b.reader.TermsVersion(background())
	require.NoError(t, err)
	tx, rows := b.begin(t, store.Need{})
	require.Equal(t, version, rows.TermsVersion)
	require.NoError(t, tx.Rollback(background()))
	tx, rows = b.begin(t, store.Need{Keys: []store.Key{{77}}})
	require.Equal(t, version, rows.TermsVersion)
	require.NoError(t, tx.Rollback(background()))
	return version
}

func testPolicies(t *testing.T, b *bench) {
	first, second := b.policy(2, 1), b.policy(1, 2)
	b.put(t, first, second)
	changed := b.edited(first, 3)
	b.put(t, changed)
	require.EqualValues(t, 3, b.terms(t))
	all, err := b.reader.Policies(background())
	require.NoError(t, err)
	require.Equal(t, []policy.Policy{second, changed}, all, "in the order of their ids")
	for want, q := range map[int]policy.VersionQuery{3: {Limit: 10}, 2: {Policy: first.ID, Limit: 10}, 1: {After: 2, Limit: 10}} {
		versions, err := b.reader.PolicyVersions(background(), q)
		require.NoError(t, err)
		require.Len(t, versions, want)
		require.Equal(t, changed, versions[want-1])
	}
	versions, err := b.reader.PolicyVersions(background(), policy.VersionQuery{Limit: 2})
	require.NoError(t, err)
	require.Equal(t, []policy.Policy{first, second}, versions)
	versions, err = b.reader.PolicyVersions(background(), policy.VersionQuery{Policy: first.ID, After: 1, Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []policy.Policy{changed}, versions)
}

func testPoliciesAt(t *testing.T, b *bench) {
	first, second := b.policy(1, 1), b.policy(2, 2)
	second.CreatedAt, second.UpdatedAt = b.now.Add(time.Hour), b.now.Add(time.Hour)
	late := b.edited(first, 3)
	late.UpdatedAt = b.now.Add(59 * time.Minute) // by a clock that is behind
	b.put(t, first, second, late)
	for after, want := range map[time.Duration][]policy.Policy{
		-time.Microsecond: nil, 0: {first}, 58 * time.Minute: {first}, 59 * time.Minute: {late, second}, 99 * time.Hour: {late, second},
	} {
		at, err := b.reader.PoliciesAt(background(), b.now.Add(after))
		require.NoError(t, err)
		require.Equal(t, want, at, after)
	}
}

func testOnePolicy(t *testing.T, b *bench) {
	b.put(t, b.policy(1, 1))
	same := b.policy(2, 2)
	same.Code = b.policy(1, 1).Code
	require.ErrorIs(t, b.tryPut(t, same, 1), store.ErrConflict)
	require.Error(t, b.tryPut(t, b.policy(3, 1), 1), "the change has been made")
	require.EqualValues(t, 1, b.terms(t))
}

func testPolicyBounds(t *testing.T, b *bench) {
	for name, spoil := range map[string]func(*policy.Policy){
		"code":       func(p *policy.Policy) { p.Code = "" },
		"type":       func(p *policy.Policy) { p.Type = 5 },
		"level":      func(p *policy.Policy) { p.Level = 0 },
		"parameters": func(p *policy.Policy) { p.Parameters = "" },
		"change":     func(p *policy.Policy) { p.Change = 0 },
	} {
		bad := b.policy(1, 1)
		spoil(&bad)
		require.Error(t, b.tryPut(t, bad, 0), name)
	}
	require.Zero(t, b.terms(t))
}

func testPolicyHistory(t *testing.T, b *bench) {
	b.put(t, b.policy(1, 1))
	for _, statement := range []string{"UPDATE teg_policy_versions SET name = name", "DELETE FROM teg_policy_versions"} {
		_, err := handleOf(t, b.store).ExecContext(background(), statement)
		require.ErrorContains(t, err, "append-only", statement)
	}
}

func testTermsChanged(t *testing.T, b *bench) {
	b.put(t, b.policy(1, 1))
	events, records := []store.Event{b.event("transfer", b.alice.Owner)}, []store.Record{{Key: store.Key{1}, Verb: store.VerbTransfer, Items: 1, At: b.now}}
	for _, decided := range []int64{0, 2} {
		tx, rows := b.begin(t, store.Need{})
		require.EqualValues(t, 1, rows.TermsVersion)
		require.ErrorIs(t, tx.Commit(background(), &store.Changes{Events: events, Records: records, TermsVersion: decided}), store.ErrTermsChanged)
	}
	require.ErrorIs(t, b.tryPut(t, b.policy(2, 1), 0), store.ErrTermsChanged, "of two changes at once the second is decided again")
	found, err := b.reader.Records(background(), store.Key{1})
	require.NoError(t, err)
	require.Empty(t, found, "nothing of it was written")
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{Events: events, Records: records, TermsVersion: 1}))
	tx, _ = b.begin(t, store.Need{})
	records[0].Key = store.Key{2}
	require.NoError(t, tx.Commit(background(), &store.Changes{Records: records}), "what is no event is before or after the change, as one likes")
	size, _, err := b.reader.LogSize(background())
	require.NoError(t, err)
	require.EqualValues(t, 2, size)
}

func testTermsOfHost(t *testing.T, b *bench) {
	b.put(t, b.policy(1, 1))
	for _, commit := range []bool{false, true} {
		tx, host := hostOf(t, b.store)
		group, rows, err := host.Begin(background(), store.Need{}, store.LockPatiently)
		require.NoError(t, err)
		require.EqualValues(t, 1, rows.TermsVersion)
		require.NoError(t, group.Commit(background(), &store.Changes{Events: []store.Event{b.event("transfer", b.alice.Owner)}, TermsVersion: 1}))
		end := tx.Rollback
		if commit {
			end = tx.Commit
		}
		require.NoError(t, end())
	}
	require.NoError(t, b.store.Maintain(background(), store.Maintenance{Now: b.now}))
	size, waiting, err := b.reader.LogSize(background())
	require.NoError(t, err)
	require.EqualValues(t, []int64{2, 0}, []int64{size, waiting})
	require.EqualValues(t, 1, b.terms(t), "numbering events changes no terms")
}

func testNoPolicies(t *testing.T, b *bench) {
	require.Zero(t, b.terms(t))
	all, err := b.reader.Policies(background())
	require.NoError(t, err)
	at, err := b.reader.PoliciesAt(background(), b.now)
	require.NoError(t, err)
	versions, err := b.reader.PolicyVersions(background(), policy.VersionQuery{Policy: policy.ID(ledger.ID{1}), Limit: 9})
	require.NoError(t, err)
	require.Empty(t, slices.Concat(all, at, versions))
}
