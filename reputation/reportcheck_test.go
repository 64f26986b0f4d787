package reputation

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger"
)

// Whatever was played is consistent, whatever order it is looked at in; and is not
// once a status is another, or a change is there that nothing asked for.
func TestConsistent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reports := rapid.Permutation(somebodysReports(t)).Draw(t, "order")
		play(reports)
		reports = rapid.Permutation(reports).Draw(t, "looked at")
		require.True(t, Consistent(consumer, reports), "%v", reports)
		if len(reports) == 1 { // of several another may have been the one that was pending
			reports[0].Status = 1 + reports[0].Status%3
			require.False(t, Consistent(consumer, reports), "%v", reports)
		}
	})
	changed := answered(Success)
	changed.Status, changed.ResponderSeq = ReportPending, 1
	require.False(t, Consistent(consumer, []Report{changed}), "nothing is settled yet")
	decided, other := final(Success), final(FailureProvider)
	decided.Status, other.Status = ReportApplied, ReportApplied
	require.False(t, Consistent(consumer, []Report{decided, other}), "the platform says two things")
	one := said(Success)
	one.Status = ReportApplied
	require.False(t, Consistent(consumer, []Report{one, one, one}), "there are two parties")
	require.False(t, Consistent(consumer, []Report{one}), "nobody agrees")
}

// An event is made by a report that led to the outcome it is for, and takes back what
// was applied before it.
func TestMade(t *testing.T) {
	first := Report{Initiator: 1, Responder: 2, Outcome: Success, Status: ReportApplied, ResponderSeq: 3, ResponderChange: 2}
	second := Report{Initiator: 1, Responder: 2, Outcome: FailureConsumer, Final: true, Status: ReportApplied,
		InitiatorSeq: 9, InitiatorChange: -3, ResponderSeq: 4, ResponderChange: -2}
	third := Report{Initiator: 1, Responder: 2, Outcome: Success, Status: ReportDisputed, ResponderSeq: 4, ResponderChange: -2}
	event := func(agent ledger.AccountID, seq int64, requested int, reason Reason) Event {
		return Event{Agent: agent, Seq: seq, Requested: requested, Applied: requested, Reason: reason}
	}
	for _, c := range []struct {
		by   Report
		e    Event
		made bool
	}{
		{first, event(2, 3, 2, Succeeded), true},
		{first, event(2, 3, 2, ProviderFailed), false},
		{first, event(1, 3, 2, Succeeded), false},
		{second, event(2, 4, -2, ConsumerFailed), true},
		{second, event(1, 9, -3, ConsumerFailed), true},
		{second, event(2, 9, -3, ConsumerFailed), false},
		{third, event(2, 4, -2, OutcomeDisputed), true},
		{third, event(2, 4, -2, Succeeded), false},
	} {
		require.Equal(t, c.made, c.by.Made(&c.e, []Report{first, c.by}), "%+v %+v", c.by, c.e)
	}
	more := event(2, 4, -3, OutcomeDisputed)
	more.Applied = -2
	require.False(t, third.Made(&more, []Report{first, third}), "it takes back more than was applied")
}
