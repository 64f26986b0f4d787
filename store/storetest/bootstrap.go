package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// bootstrapTests are those of who comes here, and which roles agents lack.
var bootstrapTests = map[string]func(*testing.T, *bench){
	"bootstrap tokens are read back":              testBootstrapTokens,
	"a bootstrap token that was used stays so":    testUsedBootstrapTokens,
	"who waited for a token sees that it is used": testBootstrapTokensAreSeen,
	"tokens that nobody used are forgotten":       testForgottenTokens,
	"bootstrap tokens have bounds":                testBootstrapBounds,
	"agents are stripped of roles":                testStripped,
}

func (b *bench) token(id byte) ledger.BootstrapToken {
	return ledger.BootstrapToken{
		ID: ledger.BootstrapID{id}, Hash: strings.Repeat(string(rune('a'+id%26)), 64), TypeHint: "worker 💬", RequestedBy: "ops", OwnGrant: id%2 == 0,
		Grant: avt("1.000000000000000001"), By: b.bob.Owner, At: b.now, ExpiresAt: b.now.Add(time.Duration(id) * time.Hour),
	}
}

func (b *bench) bootstraps(t *testing.T, c ledger.BootstrapChanges) error {
	t.Helper()
	tx, _ := b.begin(t, store.Need{})
	return tx.Commit(background(), &store.Changes{Bootstraps: c})
}

func (b *bench) allTokens(t *testing.T) []ledger.BootstrapToken {
	t.Helper()
	all, err := b.reader.AuditBootstrapTokens(background(), ledger.BootstrapID{}, 100)
	require.NoError(t, err)
	return all
}

// usedBy is a token as its use leaves it.
func (b *bench) usedBy(t ledger.BootstrapToken, agent did.DID) ledger.BootstrapToken {
	t.UsedBy, t.UsedAt = agent, b.now.Add(time.Minute)
	return t
}

func testBootstrapTokens(t *testing.T, b *bench) {
	require.NoError(t, b.bootstraps(t, ledger.BootstrapChanges{Issued: []ledger.BootstrapToken{b.token(1), b.token(2), b.token(3)}}))
	found, err := b.reader.BootstrapTokens(background(), b.token(2).Hash, strings.Repeat("f", 64), b.token(1).Hash)
	require.NoError(t, err)
	require.ElementsMatch(t, []ledger.BootstrapToken{b.token(1), b.token(2)}, found)
	found, err = b.reader.BootstrapTokens(background())
	require.NoError(t, err)
	require.Empty(t, found)
	tx, rows := b.begin(t, store.Need{Bootstraps: []ledger.BootstrapID{{3}, {1}, {9}}})
	require.ElementsMatch(t, []ledger.BootstrapToken{b.token(1), b.token(3)}, rows.Bootstraps)
	used := b.usedBy(b.token(3), b.alice.Owner)
	require.NoError(t, tx.Commit(background(), &store.Changes{Bootstraps: ledger.BootstrapChanges{Used: []ledger.BootstrapToken{used}}}))
	require.Equal(t, []ledger.BootstrapToken{b.token(1), b.token(2), used}, b.allTokens(t))
	page, err := b.reader.AuditBootstrapTokens(background(), ledger.BootstrapID{1}, 1)
	require.NoError(t, err)
	require.Equal(t, []ledger.BootstrapToken{b.token(2)}, page)
	require.Error(t, b.bootstraps(t, ledger.BootstrapChanges{Used: []ledger.BootstrapToken{b.usedBy(b.token(9), b.bob.Owner)}}), "what is not there does not change")
}

func testUsedBootstrapTokens(t *testing.T, b *bench) {
	used := b.usedBy(b.token(1), b.alice.Owner)
	require.NoError(t, b.bootstraps(t, ledger.BootstrapChanges{Issued: []ledger.BootstrapToken{b.token(1), b.token(2)}}))
	require.NoError(t, b.bootstraps(t, ledger.BootstrapChanges{Used: []ledger.BootstrapToken{used}}))
	require.Error(t, b.bootstraps(t, ledger.BootstrapChanges{Used: []ledger.BootstrapToken{b.usedBy(b.token(1), b.bob.Owner)}}), "the database refuses a second use too")
	require.Error(t, b.bootstraps(t, ledger.BootstrapChanges{Used: []ledger.BootstrapToken{b.usedBy(b.token(2), b.alice.Owner)}}), "and a second token for one agent")
	for _, statement := range []string{`UPDATE bootstrap_tokens SET used_by = '', used_at = NULL`, `DELETE FROM bootstrap_tokens`} {
		_, err := handleOf(t, b.store).ExecContext(background(), statement)
		require.ErrorContains(t, err, "append-only", statement)
	}
	require.Equal(t, []ledger.BootstrapToken{used, b.token(2)}, b.allTokens(t))
}

func testBootstrapTokensAreSeen(t *testing.T, b *bench) {
	require.NoError(t, b.bootstraps(t, ledger.BootstrapChanges{Issued: []ledger.BootstrapToken{b.token(1)}}))
	need := store.Need{Bootstraps: []ledger.BootstrapID{{1}}}
	held, _ := b.begin(t, need)
	other, err := b.store.Writer(background())
	require.NoError(t, err)
	defer other.Close()
	waits, seen := waiterOf(t, b.store), make(chan []ledger.BootstrapToken, 1)
	go func() {
		tx, rows, err := other.Begin(background(), need, store.LockPatiently)
		if err == nil && tx.Rollback(background()) == nil {
			seen <- rows.Bootstraps
		}
		close(seen)
	}()
	waits()
	used := b.usedBy(b.token(1), b.alice.Owner)
	require.NoError(t, held.Commit(background(), &store.Changes{Bootstraps: ledger.BootstrapChanges{Used: []ledger.BootstrapToken{used}}}))
	require.Equal(t, []ledger.BootstrapToken{used}, <-seen)
}

func testForgottenTokens(t *testing.T, b *bench) {
	used := b.usedBy(b.token(1), b.alice.Owner)
	require.NoError(t, b.bootstraps(t, ledger.BootstrapChanges{Issued: []ledger.BootstrapToken{b.token(1), b.token(2), b.token(3), b.token(4)}}))
	require.NoError(t, b.bootstraps(t, ledger.BootstrapChanges{Used: []ledger.BootstrapToken{used}}))
	maintain := func(after, ttl time.Duration) {
		t.Helper()
		require.NoError(t, b.store.Maintain(background(), store.Maintenance{Now: b.now.Add(after), BootstrapTTL: ttl}))
	}
	maintain(1000*time.Hour, 0)
	require.Len(t, b.allTokens(t), 4, "nothing is to be forgotten")
	maintain(13*time.Hour-time.Microsecond, 10*time.Hour)
	require.Equal(t, []ledger.BootstrapToken{used, b.token(3), b.token(4)}, b.allTokens(t), "what was used stays")
	maintain(13*time.Hour, 10*time.Hour)
	require.Equal(t, []ledger.BootstrapToken{used, b.token(4)}, b.allTokens(t))
}

func testBootstrapBounds(t *testing.T, b *bench) {
	require.NoError(t, b.bootstraps(t, ledger.BootstrapChanges{Issued: []ledger.BootstrapToken{b.token(1)}}))
	for name, spoil := range map[string]func(*ledger.BootstrapToken){
		"another's hash":              func(x *ledger.BootstrapToken) { x.Hash = b.token(1).Hash },
		"no hash":                     func(x *ledger.BootstrapToken) { x.Hash = "" },
		"over before it began":        func(x *ledger.BootstrapToken) { x.ExpiresAt = x.At },
		"used by somebody at no time": func(x *ledger.BootstrapToken) { x.UsedBy = b.bob.Owner },
		"used by nobody":              func(x *ledger.BootstrapToken) { x.UsedAt = b.now },
	} {
		bad := b.token(2)
		spoil(&bad)
		require.Error(t, b.bootstraps(t, ledger.BootstrapChanges{Issued: []ledger.BootstrapToken{bad}}), name)
	}
	require.Len(t, b.allTokens(t), 1)
}

func testStripped(t *testing.T, b *bench) {
	strip := func(changes ...store.RolesChange) error {
		tx, _ := b.begin(t, store.Need{})
		return tx.Commit(background(), &store.Changes{Roles: changes})
	}
	found := func() []ledger.Agent {
		t.Helper()
		list, err := b.reader.Stripped(background())
		require.NoError(t, err)
		return list
	}
	require.Empty(t, found())
	some, other := ledger.RolesOf(ledger.RoleAdmin, ledger.RoleSystem), ledger.RolesOf(ledger.RoleAuditor)
	require.NoError(t, strip(store.RolesChange{Agent: b.bob.Owner, Revoked: some}, store.RolesChange{Agent: b.alice.Owner, Revoked: some},
		store.RolesChange{Agent: b.alice.Owner, Revoked: other}))
	list := found()
	require.Equal(t, []ledger.Roles{other, some}, []ledger.Roles{list[0].Revoked, list[1].Revoked}, "ordered by DID; the last one counts")
	agents, err := b.reader.Agents(background(), b.bob.Owner)
	require.NoError(t, err)
	require.Equal(t, list[1:], agents)
	require.NoError(t, strip(store.RolesChange{Agent: b.bob.Owner}))
	require.Len(t, found(), 1)
	require.Error(t, strip(store.RolesChange{Agent: did.MustParse("did:test:nobody"), Revoked: some}), "nobody is not there to be stripped")
	require.Error(t, strip(store.RolesChange{Agent: b.alice.Owner, Revoked: ledger.RolesOf(ledger.RoleAgent)}), "the role agent stays")
}
