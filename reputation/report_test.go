package reputation

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

var consumer, provider, platform = did.MustParse("did:test:consumer"), did.MustParse("did:test:provider"), did.MustParse("did:test:platform")

func said(o Outcome) Report { return Report{Outcome: o, Reporter: consumer} }

func answered(o Outcome) Report { return Report{Outcome: o, Reporter: provider} }

func final(o Outcome) Report { return Report{Outcome: o, Reporter: platform, Final: true} }

func withPayment(r Report) Report {
	r.Transfer = ledger.TransactionID{1}
	return r
}

func TestSettle(t *testing.T) {
	for name, c := range map[string]struct {
		reports []Report
		status  ReportStatus
		outcome Outcome
	}{
		"nobody":                          {nil, ReportPending, 0},
		"one party":                       {[]Report{said(Success)}, ReportPending, 0},
		"one party that says disputed":    {[]Report{said(Disputed)}, ReportPending, 0},
		"who paid":                        {[]Report{withPayment(said(Success))}, ReportApplied, Success},
		"who was paid":                    {[]Report{withPayment(answered(Success))}, ReportPending, 0},
		"who was paid, to the platform":   {[]Report{withPayment(answered(Success)), final(FailureProvider)}, ReportApplied, FailureProvider},
		"who paid, and it is disputed":    {[]Report{withPayment(said(Disputed))}, ReportDisputed, Disputed},
		"both the same":                   {[]Report{said(FailureProvider), answered(FailureProvider)}, ReportApplied, FailureProvider},
		"both say disputed":               {[]Report{said(Disputed), answered(Disputed)}, ReportDisputed, Disputed},
		"both against each other":         {[]Report{said(FailureProvider), answered(FailureConsumer)}, ReportDisputed, Disputed},
		"against who paid":                {[]Report{withPayment(said(Success)), answered(FailureProvider)}, ReportDisputed, Disputed},
		"the platform":                    {[]Report{final(FailureConsumer)}, ReportApplied, FailureConsumer},
		"the platform says disputed":      {[]Report{final(Disputed)}, ReportDisputed, Disputed},
		"the platform against both":       {[]Report{said(Success), answered(Success), final(FailureProvider)}, ReportApplied, FailureProvider},
		"the platform, and then a party":  {[]Report{final(Success), withPayment(said(FailureProvider))}, ReportApplied, Success},
		"the platform in a contradiction": {[]Report{said(Success), answered(FailureProvider), final(Success)}, ReportApplied, Success},
	} {
		status, outcome := Settle(consumer, c.reports)
		require.Equal(t, c.status, status, name)
		require.Equal(t, c.outcome, outcome, name)
	}
}

// somebodysReports are some of the reports that there can be of one AVTP transaction,
// any of which may name a payment: by either party, and by two platforms that say the
// same.
func somebodysReports(t *rapid.T) (reports []Report) {
	outcomes := rapid.SampledFrom([]Outcome{Success, FailureProvider, FailureConsumer, Disputed})
	decided := final(outcomes.Draw(t, "final"))
	for _, r := range []Report{said(outcomes.Draw(t, "initiator")), answered(outcomes.Draw(t, "responder")), decided, decided} {
		if rapid.Bool().Draw(t, "payment") {
			r = withPayment(r)
		}
		if rapid.Bool().Draw(t, "reports") {
			reports = append(reports, r)
		}
	}
	return reports
}

// play gives reports in their order what they do, and returns the two scores.
func play(reports []Report) (scores [2]int) {
	for i := range reports {
		r := &reports[i]
		_, was := Settle(consumer, reports[:i])
		status, now := Settle(consumer, reports[:i+1])
		if r.Status = status; now == was {
			continue
		}
		change := DefaultTerms().Changes(reports[:i], now)
		r.InitiatorChange, r.ResponderChange = change.Initiator, change.Responder
		r.InitiatorSeq, r.ResponderSeq = int64(min(1, change.Initiator*change.Initiator)), int64(min(1, change.Responder*change.Responder))
		scores[0], scores[1] = scores[0]+change.Initiator, scores[1]+change.Responder
	}
	return scores
}

// In whatever order reports come, the scores end up the same, as long as none comes
// to a bound; and what an outcome asks for is what stands in the end.
func TestOutcomesComeInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reports := somebodysReports(t)
		status, settled := Settle(consumer, reports)
		reports = rapid.Permutation(reports).Draw(t, "order")
		scores := play(reports)
		last, outcome := Settle(consumer, reports)
		require.Equal(t, []any{status, settled}, []any{last, outcome}, "%v", reports)
		want := map[Outcome][2]int{Success: {0, 2}, FailureProvider: {0, -5}, FailureConsumer: {-3, 0}}[settled]
		require.Equal(t, want, scores, "%v", reports)
	})
}

// The word of who was paid alone has no effect, whatever it names; that of who paid,
// with the payment, has. What is spent does not depend on what others said.
func TestOnlyWhoPaidIsHeardAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, r := range somebodysReports(t) {
			_, outcome := Settle(consumer, []Report{r})
			require.Equal(t, outcome != 0, r.Final || r.Spends(consumer))
			require.Equal(t, r.Spends(consumer), !r.Transfer.IsZero() && r.Reporter != provider)
		}
	})
}

func TestOutcomeText(t *testing.T) {
	for o := Success; o <= Disputed; o++ {
		text, err := o.MarshalText()
		require.NoError(t, err)
		var back Outcome
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, o, back)
		require.True(t, o.Reason().Valid())
	}
	for _, bad := range []string{"", "success", "SUCCESS ", "invalid"} {
		_, err := ParseOutcome(bad)
		require.Error(t, err, bad)
	}
	_, err := Outcome(0).MarshalText()
	require.Error(t, err)
	require.Equal(t, "invalid", Outcome(9).String())
	require.Equal(t, "invalid", Reason(0).String())
	require.Equal(t, "invalid", ReportStatus(0).String())
}

func TestReputationTermsCheck(t *testing.T) {
	require.NoError(t, DefaultTerms().Check())
	for _, change := range []func(*Terms){
		func(t *Terms) { t.Signal = 0 }, func(t *Terms) { t.Signal = 1001 }, func(t *Terms) { t.Success = -1001 },
		func(t *Terms) { t.FailureProvider = 1001 }, func(t *Terms) { t.FailureConsumer = 1001 }, func(t *Terms) { t.SignalPairLimit = -1 },
	} {
		terms := DefaultTerms()
		change(&terms)
		require.ErrorIs(t, terms.Check(), ledger.ErrInvalidInput)
	}
}
