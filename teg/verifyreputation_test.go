package teg_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Each way of breaking what is known of conduct is found, by the rows themselves, by
// the log, or by both.
func TestVerifyFindsBrokenScores(t *testing.T) {
	t.Parallel()
	const (
		bob   = `(SELECT account_id FROM agent_teg_profiles WHERE did = 'did:example:bob')`
		carol = `(SELECT account_id FROM agent_teg_profiles WHERE did = 'did:example:carol')`
		paid  = ` WHERE reporter = 'did:example:dave'`
	)
	for broken, damages := range map[string]map[string]string{
		"scores": {
			"another score":             `UPDATE agent_teg_profiles SET reputation_score = 7 WHERE did = 'did:example:bob'`,
			"a score of nothing":        `UPDATE agent_teg_profiles SET reputation_score = 7 WHERE did = 'did:example:carol'`,
			"events that are not there": `UPDATE agent_teg_profiles SET reputation_events = 9 WHERE did = 'did:example:bob'`,
			"a signal more":             `UPDATE agent_teg_profiles SET positive_signals = 9 WHERE did = 'did:example:bob'`,
			"a complaint less":          `UPDATE agent_teg_profiles SET negative_signals = 0 WHERE did = 'did:example:bob'`,
			"another time":              `UPDATE agent_teg_profiles SET reputation_at = created_at WHERE did = 'did:example:bob'`,
			"a report that says less":   `UPDATE avtp_transaction_summary_logs SET responder_change = -4`,
			"a report of another":       `UPDATE avtp_transaction_summary_logs SET responder_seq = 1`,
			"a report of no change":     `UPDATE avtp_transaction_summary_logs SET responder_seq = 0`,
			"a count too high":          `UPDATE reputation_histogram SET agents = agents + 1 WHERE score = 0`,
			"a count that is lost":      `DELETE FROM reputation_histogram WHERE score = 0`,
			"a count of nobody":         `INSERT INTO reputation_histogram (score, stripe, agents) VALUES (900, 3, 1)`,
			"events of nobody's":        `DELETE FROM agent_teg_profiles WHERE did = 'did:example:bob'`,
			"no event counted":          `UPDATE agent_teg_profiles SET reputation_events = 0 WHERE did = 'did:example:bob'`,
			"the last event left out": `UPDATE agent_teg_profiles SET reputation_events = 2, reputation_score = 0,
					reputation_at = (SELECT at FROM reputation_events WHERE agent = ` + bob + ` AND seq = 2) WHERE did = 'did:example:bob';
				UPDATE reputation_histogram SET agents = agents - 1 WHERE score = -5;
				UPDATE reputation_histogram SET agents = agents + 1 WHERE score = 0 AND stripe = (SELECT min(stripe) FROM reputation_histogram WHERE score = 0)`,
			"another name of a report":     `UPDATE avtp_transaction_summary_logs SET own = scope` + paid,
			"another name of it all":       `UPDATE avtp_transaction_summary_logs SET scope = own` + paid,
			"no lasting references":        `DELETE FROM act_references`,
			"references to something else": `UPDATE act_references SET subject = key`,
		},
		"log": {
			"a giver of an outcome":      `UPDATE reputation_events SET giver = 999999 WHERE seq = 3 AND agent = ` + bob,
			"another weight":             `UPDATE reputation_events SET weight = 1 WHERE seq = 1 AND agent = ` + bob,
			"another time, long ago":     `UPDATE reputation_events SET at = (SELECT created_at FROM agent_teg_profiles WHERE did = 'did:example:bob') WHERE seq = 1 AND agent = ` + bob,
			"an outcome about a payment": `UPDATE reputation_events SET transaction_id = (SELECT id FROM teg_transactions WHERE type = 1 LIMIT 1) WHERE reason = 3`,
			"another service":            `UPDATE avtp_transaction_summary_logs SET service = 'x'` + paid,
			"another SLA":                `UPDATE avtp_transaction_summary_logs SET sla = 'x'` + paid,
			"another price":              `UPDATE avtp_transaction_summary_logs SET price = (SELECT amount FROM teg_transactions WHERE type = 1 LIMIT 1)` + paid,
			"another time of a report":   `UPDATE avtp_transaction_summary_logs SET at = (SELECT created_at FROM agent_teg_profiles WHERE did = 'did:example:bob')` + paid,
			"a signal worth more": `UPDATE reputation_events SET requested = 900, applied = 900, score = 900 WHERE seq = 1 AND agent = ` + bob + `;
				UPDATE reputation_events SET score = 899 WHERE seq = 2 AND agent = ` + bob + `; UPDATE reputation_events SET score = 894 WHERE seq = 3 AND agent = ` + bob + `;
				UPDATE agent_teg_profiles SET reputation_score = 894 WHERE did = 'did:example:bob'; UPDATE reputation_histogram SET score = 894 WHERE score = -5`,
			"a signal worth nothing": `UPDATE reputation_events SET applied = 0, score = 0 WHERE seq = 1 AND agent = ` + bob + `;
				UPDATE reputation_events SET score = -1 WHERE seq = 2 AND agent = ` + bob + `; UPDATE reputation_events SET score = -6 WHERE seq = 3 AND agent = ` + bob + `;
				UPDATE agent_teg_profiles SET reputation_score = -6 WHERE did = 'did:example:bob'; UPDATE reputation_histogram SET score = -6 WHERE score = -5`,
		},
		"log scores": {
			"a lost event":            `DELETE FROM reputation_events WHERE agent = ` + bob + ` AND seq = 2`,
			"the first event lost":    `DELETE FROM reputation_events WHERE agent = ` + bob + ` AND seq = 1`,
			"the last event lost":     `DELETE FROM reputation_events WHERE agent = ` + bob + ` AND seq = 3`,
			"a change that is larger": `UPDATE reputation_events SET applied = 5 WHERE agent = ` + bob + ` AND seq = 1`,
			"another score after it":  `UPDATE reputation_events SET score = 5 WHERE agent = ` + bob + ` AND seq = 1`,
			"a signal turned round":   `UPDATE reputation_events SET requested = -1, applied = -1, score = -1 WHERE agent = ` + bob + ` AND seq = 1`,
			"a signal for another":    `UPDATE reputation_events SET transaction_id = (SELECT id FROM teg_transactions WHERE type <> 1 LIMIT 1) WHERE seq = 1 AND agent = ` + bob,
			"another outcome":         `UPDATE avtp_transaction_summary_logs SET outcome = 1`,
			"a lost report":           `DELETE FROM avtp_transaction_summary_logs`,
			"an event of who does not exist": `UPDATE reputation_events SET agent = 999999 WHERE agent = ` + bob + ` AND seq = 3;
				UPDATE reputation_events SET seq = 1, score = -5 WHERE agent = 999999`,
			"another giver":              `UPDATE reputation_events SET giver = ` + carol + ` WHERE seq = 1 AND agent = ` + bob,
			"a giver who does not exist": `UPDATE reputation_events SET giver = 999999 WHERE seq = 1 AND agent = ` + bob,
			"another reason":             `UPDATE reputation_events SET reason = 2 WHERE reason = 3`,
			"another status":             `UPDATE avtp_transaction_summary_logs SET status = 1` + paid,
			"a party's word made final":  `UPDATE avtp_transaction_summary_logs SET final = NOT final` + paid,
			"another reporter":           `UPDATE avtp_transaction_summary_logs SET reporter = 'did:example:carol'` + paid,
			"another AVTP transaction":   `UPDATE avtp_transaction_summary_logs SET avtp_transaction_id = 'x'` + paid,
			"another payment":            `UPDATE avtp_transaction_summary_logs SET transaction_id = (SELECT transaction_id FROM reputation_events WHERE reason = 1 LIMIT 1)` + paid,
			"one agent's conduct given to another": `UPDATE reputation_events SET agent = ` + carol + ` WHERE agent = ` + bob + `;
				UPDATE avtp_transaction_summary_logs SET responder = ` + carol + ` WHERE responder = ` + bob + `;
				UPDATE agent_teg_profiles SET (reputation_score, reputation_events, positive_signals, negative_signals, reputation_at) =
					(SELECT reputation_score, reputation_events, positive_signals, negative_signals, reputation_at FROM agent_teg_profiles WHERE did = 'did:example:bob')
					WHERE did = 'did:example:carol';
				UPDATE agent_teg_profiles SET reputation_score = 0, reputation_events = 0, positive_signals = 0, negative_signals = 0, reputation_at = NULL
					WHERE did = 'did:example:bob'`,
		},
	} {
		for name, damage := range damages {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
					ctx, st := limited(t), open(t)
					eng := saidBooks(t, st)
					tegtest.Verify(t, eng)
					for statement := range strings.SplitSeq(damage, ";") {
						storetest.Damage(t, st, statement)
					}
					report, err := eng.Verify(ctx)
					require.ErrorIs(t, err, teg.ErrBroken)
					require.Equal(t, broken, strings.Join(invariants(report), " "), "%v", report.Findings)
				})
			})
		}
	}
}

// invariants are the names of those that were found broken.
func invariants(report teg.Report) (names []string) {
	for _, f := range report.Findings {
		names = append(names, f.Invariant)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// saidBooks is an engine over books in which bob was praised, complained of, and
// failed, and dave paid erin, who denies what he says of it.
func saidBooks(t *testing.T, st store.Store) *teg.Engine {
	eng, err := teg.New(limited(t), st, teg.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, eng.Close()) })
	c := &conduct{t: t, ctx: limited(t), eng: eng}
	alice, bob := tegtest.Fund(t, eng, "did:example:alice", "10"), tegtest.Fund(t, eng, "did:example:bob", "10")
	tegtest.Fund(t, eng, "did:example:carol", "10")
	c.say(alice, bob, 1)
	c.say(alice, bob, -1)
	_, err = eng.ReportOutcome(c.ctx, teg.OutcomeParams{By: tegtest.Admin, Final: true, AVTP: "a", Initiator: alice, Responder: bob, Outcome: teg.OutcomeFailureProvider})
	require.NoError(t, err)
	dave, erin := tegtest.Fund(t, eng, "did:example:dave", "10"), tegtest.Fund(t, eng, "did:example:erin", "10")
	deal := teg.OutcomeParams{By: dave, AVTP: "b", Initiator: dave, Responder: erin, Outcome: teg.OutcomeSuccess, TransactionID: c.pay(dave, erin), Service: "a", SLA: "b"}
	_, err = eng.ReportOutcome(c.ctx, deal)
	require.NoError(t, err)
	deal.By, deal.Outcome = erin, teg.OutcomeFailureConsumer
	_, err = eng.ReportOutcome(c.ctx, deal)
	require.NoError(t, err)
	return eng
}

// Beside others who write nothing is found that only changed meanwhile.
func TestVerifyBesideConduct(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for i := range 12 {
				name := func(who string) teg.DID { return tegtest.Fund(c.t, c.eng, fmt.Sprint("did:example:", who, i), "10") }
				s := &service{c, name("alice"), name("bob"), name("carol")}
				c.say(s.alice, s.bob, 1)
				_, _ = c.eng.ReportOutcome(c.ctx, s.naming(s.alice, "a", c.pay(s.alice, s.bob)))
				_, _ = c.eng.ReportOutcome(c.ctx, s.params(s.bob, "a", teg.OutcomeDisputed))
				_, _ = c.eng.ReportOutcome(c.ctx, s.params(tegtest.Admin, "a", teg.OutcomeSuccess))
			}
		}()
		for done := false; !done; {
			select {
			case <-ended:
				done = true
			default:
			}
			report, err := c.eng.Verify(c.ctx)
			require.NoError(c.t, err, "%v", report.Findings)
		}
	})
}
