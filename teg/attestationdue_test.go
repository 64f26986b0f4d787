package teg_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

const pointer = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"

func (c *conduct) tick() { require.NoError(c.t, c.eng.Tick(c.ctx)) }

func (c *conduct) attestation(id teg.AttestationID) teg.Attestation {
	s, err := c.eng.Attestation(c.ctx, id)
	require.NoError(c.t, err)
	return s
}

// What the treasury owes is paid when it has something, the oldest first, and each once.
func TestPendingRewards(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t := c.t
		putPolicies(c.t, c.eng, rule("work", "5", `{"cooldown_seconds":0,"reward_budget_per_day":"15"}`))
		agents := tegtest.FundMany(t, c.eng, 4, "1")
		var owed []teg.AttestationID
		for i, agent := range agents {
			r := c.attest(agent, "work", `{}`)
			want, status := "5", teg.AttestationPendingReward
			if i == 3 {
				want, status = "0", teg.AttestationAccepted
			}
			require.Equal(t, want, r.Reward.String(), "what is owed is taken from the budget at once")
			require.Equal(t, status, r.Status)
			require.Zero(t, r.Transaction)
			owed = append(owed, r.ID)
		}
		c.tick()
		require.Equal(t, teg.AttestationPendingReward, c.attestation(owed[0]).Status)
		require.Zero(t, c.score(agents[0]), "the score changes with the reward")
		require.ErrorIs(t, c.refuses(agents[0], "work", `{}`), teg.ErrDuplicateAttestation)
		c.fill("12")
		c.clock.Advance(time.Second)
		c.tick()
		for i, want := range []teg.AttestationStatus{teg.AttestationAccepted, teg.AttestationAccepted, teg.AttestationPendingReward, teg.AttestationAccepted} {
			require.Equal(t, want, c.attestation(owed[i]).Status, i)
		}
		require.Equal(t, "6", tegtest.Available(t, c.eng, agents[0]))
		require.Equal(t, 1, c.score(agents[0]))

		_, err := c.eng.TransferToSystem(c.ctx, teg.SystemTransferParams{From: agents[2], Amount: teg.AVT("1")})
		require.NoError(t, err)
		_, err = c.eng.DeactivateAgent(c.ctx, teg.StandingParams{Agent: agents[2], By: tegtest.Admin})
		require.NoError(t, err)
		c.fill("10")
		c.tick()
		c.tick()
		left := c.attestation(owed[2])
		require.Equal(t, teg.AttestationAccepted, left.Status, "who is deactivated receives nothing, and nothing waits for ever")
		require.Equal(t, "0", left.Reward.String())
		require.Equal(t, "6", tegtest.Available(t, c.eng, agents[1]))
		require.Equal(t, "5", c.attest(agents[3], "work", `{"n":2}`).Reward.String(), "the budget has it back")
	})
}

// Evidence that is out of reach keeps nobody from handing in, and is looked for until it
// is there; a reward that depends on it waits for as long.
func TestEvidenceIsSeen(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		fake := new(tegtest.FakeEvidence)
		c := newConduct(t, open(t), tegtest.WithEvidence(fake))
		putPolicies(c.t, c.eng, rule("stored", "5", `{"storage_required":true}`), rule("free", "1", `{}`))
		c.fill("100")
		agent := tegtest.Fund(t, c.eng, "did:example:a", "1")
		attest := func(kind string) teg.AttestReceipt {
			r, err := c.eng.Attest(c.ctx, teg.AttestParams{By: agent, Type: kind, Data: json.RawMessage(`{}`), Pointer: pointer})
			require.NoError(t, err)
			require.Equal(t, "unverified", r.Storage.String())
			return r
		}
		fake.SetUnreachable(true)
		waits, free := attest("stored"), attest("free")
		require.Equal(t, teg.AttestationPendingReward, waits.Status)
		require.Equal(t, teg.AttestationAccepted, free.Status, "where the policy does not ask for it, nothing waits")
		c.tick()
		seen := fake.Fetches()
		require.Equal(t, 2, seen)
		c.tick()
		require.Equal(t, seen, fake.Fetches(), "it is not asked for again at once")
		fake.SetUnreachable(false)
		fake.Put(pointer, []byte("evidence"))
		c.clock.Advance(2 * time.Second)
		c.tick()
		require.Equal(t, "verified", c.attestation(waits.ID).Storage.String())
		require.Equal(t, 2, fake.Pinned(pointer))
		c.tick()
		paid := c.attestation(waits.ID)
		require.Equal(t, teg.AttestationAccepted, paid.Status)
		require.Equal(t, "7", tegtest.Available(t, c.eng, agent))
		c.clock.Advance(time.Hour)
		c.tick()
		require.Equal(t, 4, fake.Fetches(), "what was seen is not looked for again")
		steps, err := c.eng.AttestationHistory(c.ctx, waits.ID)
		require.NoError(t, err)
		require.Len(t, steps, 3)
		require.True(t, steps[1].By.IsZero(), "the system did it")
	})
}

// Without storage nobody looks, and a pointer is what it says.
func TestPointersWithoutStorage(t *testing.T) {
	t.Parallel()
	c := newMemory(t)
	putPolicies(c.t, c.eng, rule("stored", "5", `{"storage_required":true}`))
	c.fill("100")
	agent := tegtest.Fund(t, c.eng, "did:example:a", "1")
	r, err := c.eng.Attest(c.ctx, teg.AttestParams{By: agent, Type: "stored", Data: json.RawMessage(`{}`), Pointer: pointer})
	require.NoError(t, err)
	require.Equal(t, teg.AttestationAccepted, r.Status)
	c.tick()
	require.Equal(t, "unverified", c.attestation(r.ID).Storage.String())
}

// However much waits for storage, all of it is looked for, page by page.
func TestEvidenceOfMany(t *testing.T) {
	t.Parallel()
	fake := new(tegtest.FakeEvidence)
	c := newMemory(t, tegtest.WithEvidence(fake))
	putPolicies(c.t, c.eng, rule("free", "0", `{"cooldown_seconds":0,"daily_limit":1000}`))
	agent := tegtest.Fund(t, c.eng, "did:example:a", "1")
	const many = 120
	ids := make([]teg.AttestationID, many)
	for i := range ids {
		r, err := c.eng.Attest(c.ctx, teg.AttestParams{By: agent, Type: "free", Data: json.RawMessage(fmt.Sprintf(`{"n":%d}`, i)), Pointer: pointer})
		require.NoError(t, err)
		ids[i] = r.ID
	}
	for range 3 { // pages of fifty
		c.tick()
	}
	require.Equal(t, many, fake.Fetches())
	fake.Put(pointer, nil)
	c.clock.Advance(time.Minute)
	for range 4 {
		c.tick()
	}
	for _, id := range ids {
		require.Equal(t, "verified", c.attestation(id).Storage.String())
	}
}

// However many pointers lead nowhere, what is new is looked for at once.
func TestEvidenceBehindDeadPointers(t *testing.T) {
	t.Parallel()
	const dead = "ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
	fake := new(tegtest.FakeEvidence)
	c := newMemory(t, tegtest.WithEvidence(fake))
	putPolicies(c.t, c.eng, rule("free", "0", `{"cooldown_seconds":0,"daily_limit":1000}`))
	agent := tegtest.Fund(t, c.eng, "did:example:a", "1")
	attest := func(n int, pointer string) teg.AttestationID {
		r, err := c.eng.Attest(c.ctx, teg.AttestParams{By: agent, Type: "free", Data: json.RawMessage(fmt.Sprintf(`{"n":%d}`, n)), Pointer: pointer})
		require.NoError(t, err)
		return r.ID
	}
	for i := range 120 {
		attest(i, dead)
	}
	for range 3 { // pages of fifty
		c.tick()
	}
	fake.Put(pointer, []byte("evidence"))
	id := attest(120, pointer)
	c.tick()
	require.Equal(t, "verified", c.attestation(id).Storage.String())
}

// What an agent that owes earns goes to its creditors.
func TestRewardOfADebtor(t *testing.T) {
	t.Parallel()
	c := newMemory(t)
	putPolicies(c.t, c.eng, rule("work", "5", `{}`))
	c.fill("100")
	debtor, creditor := tegtest.Fund(t, c.eng, "did:example:debtor", "0"), tegtest.Fund(t, c.eng, "did:example:creditor", "0")
	require.NoError(t, c.eng.Owe(c.ctx, debtor, creditor, teg.AVT("3"), ledger.ID{1}, ""))
	r := c.attest(debtor, "work", `{}`)
	require.Equal(t, "5", r.Reward.String())
	require.Equal(t, "2", tegtest.Available(t, c.eng, debtor))
	c.tick()
	require.Equal(t, "3", tegtest.Available(t, c.eng, creditor))
}
