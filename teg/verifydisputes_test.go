package teg_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Each way of breaking a dispute is found.
func TestVerifyFindsBrokenDisputes(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]string{
		"a status":              `UPDATE teg_dispute_logs SET status = 1 WHERE status = 2`,
		"a whole one":           `DELETE FROM teg_dispute_logs WHERE status > 3`,
		"an end":                `UPDATE teg_dispute_logs SET status = 6 WHERE status = 4`,
		"a deadline":            `UPDATE teg_dispute_logs SET deadline = filed_at WHERE status = 2`,
		"its claimant":          `UPDATE teg_dispute_logs SET claimant = 'did:example:carol' WHERE status = 2`,
		"what it is about":      `UPDATE teg_dispute_logs SET cause = id WHERE status = 2`,
		"its reason":            `UPDATE teg_dispute_logs SET reason = 'OTHER' WHERE status = 2`,
		"what is set aside":     `UPDATE teg_dispute_logs SET bond = fee WHERE status = 2`,
		"what is pinned":        `UPDATE teg_dispute_logs SET pinned = fee WHERE status = 2`,
		"a pool":                `UPDATE pools SET pinned = (SELECT fee FROM teg_dispute_logs LIMIT 1) WHERE kind = 1`,
		"a hold that thawed":    `UPDATE holds SET state = 1 WHERE state = 2`,
		"a hold that froze":     `UPDATE holds SET state = 2 WHERE state = 1`,
		"what was collected":    `UPDATE teg_dispute_logs SET collected = fee WHERE status = 4`,
		"what was imposed":      `UPDATE teg_dispute_logs SET penalty = (SELECT max(pinned) FROM teg_dispute_logs) WHERE status = 4`,
		"whether it was worth":  `UPDATE teg_dispute_logs SET frivolous = TRUE WHERE status = 4`,
		"how many pieces":       `UPDATE teg_dispute_logs SET claims = 0`,
		"a response":            `UPDATE teg_dispute_logs SET responded_at = filed_at WHERE status = 4`,
		"a step":                `DELETE FROM teg_dispute_history WHERE seq = 1`,
		"a step that is none":   `UPDATE teg_dispute_history SET to_status = 8 WHERE seq = 2`,
		"who made a step":       `UPDATE teg_dispute_history SET actor = 'did:example:carol' WHERE seq = 2`,
		"a step by a deadline":  `UPDATE teg_dispute_history SET actor = '' WHERE to_status = 4`,
		"a piece of evidence":   `DELETE FROM teg_dispute_evidence`,
		"where evidence points": `UPDATE teg_dispute_evidence SET pointer = 'ipfs://x'`,
		"who gave it":           `UPDATE teg_dispute_evidence SET party = 'did:example:bob'`,
		"an end to come":        `UPDATE teg_dispute_logs SET penalty = (SELECT max(fee) FROM teg_dispute_logs) WHERE status = 2`,
		"its blame":             `UPDATE teg_dispute_logs SET frivolous = TRUE WHERE status = 2`,
		"the end of a hold":     `UPDATE teg_dispute_logs SET hold_end = 2 WHERE status = 2`,
		"reasons":               `UPDATE teg_dispute_logs SET notes = 'x' WHERE status = 4`,
		"reasons to come":       `UPDATE teg_dispute_logs SET notes = 'x' WHERE status = 2`,
		"words never said":      `UPDATE teg_dispute_logs SET response = 'x' WHERE status = 4`,
		"a pool without a pin":  `UPDATE teg_dispute_logs SET pool = id WHERE status = 4`,
		"when it changed":       `UPDATE teg_dispute_logs SET updated_at = updated_at + 1 WHERE status = 4`,
		"a claim in words":      `UPDATE teg_dispute_logs SET description = 'x' WHERE status = 2`,
		"what a step said":      `UPDATE teg_dispute_history SET note = 'x' WHERE to_status = 4`,
		"both reasons":          `UPDATE teg_dispute_history SET note = 'x' WHERE to_status = 4; UPDATE teg_dispute_logs SET notes = 'x' WHERE status = 4`,
		"what evidence is":      `UPDATE teg_dispute_evidence SET description = 'x'`,
		"words beside the log":  `UPDATE private_parts SET body = x'78'`,
		"what storage said":     `UPDATE teg_dispute_storage SET sound = FALSE`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "a status" || name == "a pool" || name == "a step" {
				storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) { brokenDispute(t, open(t), damage) })
				return
			}
			brokenDispute(t, storetest.OpenSQLite(t), damage)
		})
	}
}

// brokenDispute breaks an economy with a dispute under review, about a frozen hold,
// and one that was decided, beside a hold that nobody disputes.
func brokenDispute(t *testing.T, st store.Store, damage string) {
	files, clock := new(tegtest.FakeEvidence), tegtest.NewClock()
	files.Put(somePointer, []byte("x"))
	config := teg.Config{Clock: clock.Now}
	withBond(&config)
	tegtest.WithEvidence(files)(&config)
	eng, err := teg.New(limited(t), st, config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, eng.Close()) })
	c := &court{conduct: &conduct{t: t, ctx: limited(t), eng: eng, clock: clock}}
	c.alice, c.bob = tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "100")
	tegtest.Fund(t, eng, "did:example:carol", "100")
	c.stake(c.bob, "50")
	c.hold("1", 0)
	ruling := c.ruling(c.arbitrated(c.claim(c.pay(c.alice, c.bob))), teg.DisputeFavorClaimant)
	ruling.Penalty = teg.AVT("3")
	c.resolve(ruling)
	p := c.claim(c.hold("10", 0).TransactionIDs[0])
	p.Pointer = somePointer
	c.advance(c.file(p).ID, teg.DisputeUnderReview)
	require.NoError(t, eng.Tick(c.ctx))
	tegtest.Verify(t, eng)
	storetest.Damage(t, st, damage)
	report, err := eng.Verify(c.ctx)
	require.ErrorIs(t, err, teg.ErrBroken)
	require.Subset(t, []string{"disputes", "log", "hold", "stakes"}, invariants(report), "%v", report.Findings)
}
