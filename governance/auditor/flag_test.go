package auditor

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
)

// The table of flags over all pairs, invalid ones too.
func TestFlagTable(t *testing.T) {
	allowed := map[[2]FlagStatus]bool{
		{FlagNew, FlagUnderReview}:           true,
		{FlagUnderReview, FlagResolved}:      true,
		{FlagUnderReview, FlagFalsePositive}: true,
	}
	later := epoch.Add(time.Hour)
	for from := range FlagFalsePositive + 2 {
		for to := range FlagFalsePositive + 2 {
			f := Flag{ID: FlagID{1}, Status: from, Severity: High, Notes: "before", Steps: 3, UpdatedAt: epoch}
			got, step, err := f.Become(to, a, "after", later)
			require.Equal(t, allowed[[2]FlagStatus{from, to}], from.CanBecome(to), "%s to %s", from, to)
			if !from.CanBecome(to) {
				require.ErrorIs(t, err, ledger.ErrInvalidState, "%s to %s", from, to)
				require.Equal(t, f, got)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, Flag{ID: f.ID, Status: to, Severity: High, Notes: "after", Steps: 4, UpdatedAt: later}, got)
			require.Equal(t, Step{Flag: f.ID, Seq: 4, By: a, Status: to, Severity: High, Notes: "after", At: later}, step)
			got, step, err = f.Become(to, a, "", later)
			require.NoError(t, err)
			require.Equal(t, "before", got.Notes)
			require.Empty(t, step.Notes)
			f.Shadow = true
			_, _, err = f.Become(to, a, "", later)
			require.ErrorIs(t, err, ledger.ErrInvalidState)
		}
	}
}

func TestEscalate(t *testing.T) {
	for status := range FlagFalsePositive + 2 {
		for severity := range Critical + 2 {
			f := Flag{Status: status, Severity: severity, UpdatedAt: epoch}
			got, step, err := f.Escalate(a, "", epoch.Add(time.Hour))
			if !status.Open() || !severity.Valid() || severity == Critical {
				require.ErrorIs(t, err, ledger.ErrInvalidState)
				require.Equal(t, f, got)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, Flag{Status: status, Severity: severity + 1, Steps: 1, UpdatedAt: epoch.Add(time.Hour)}, got)
			require.Equal(t, Step{Seq: 1, By: a, Status: status, Severity: severity + 1, At: got.UpdatedAt}, step)
			f.Shadow = true
			_, _, err = f.Escalate(a, "", epoch)
			require.ErrorIs(t, err, ledger.ErrInvalidState)
		}
	}
}

func TestFlagOfAFinding(t *testing.T) {
	s := only(LargeTransfer, nil)
	s.wait(90 * time.Minute)
	s.pay(a, b, "20000")
	require.Equal(t, Flag{
		ID: FlagID{15: 1}, Agent: a, Code: LargeTransfer, Reason: "a payment of 20000 AVT, where 10000 are large", Severity: Low, Status: FlagNew,
		Transactions: []ledger.TransactionID{transaction(1)}, WindowStart: epoch.Add(time.Hour), Steps: 1, CreatedAt: s.at, UpdatedAt: s.at,
	}, FlagOf(s.found[0], []ledger.TransactionID{transaction(1)}, FlagID{15: 1}, s.at))
}

func TestTexts(t *testing.T) {
	type document struct {
		Status   FlagStatus
		Severity Severity
	}
	for status := FlagNew; status.Valid(); status++ {
		for severity := Low; severity.Valid(); severity++ {
			text, err := json.Marshal(document{status, severity})
			require.NoError(t, err)
			require.JSONEq(t, `{"Status":"`+status.String()+`","Severity":"`+severity.String()+`"}`, string(text))
			var back document
			require.NoError(t, json.Unmarshal(text, &back))
			require.Equal(t, document{status, severity}, back)
		}
	}
	for _, bad := range []string{"", "new", "CLOSED", "invalid"} {
		_, err := ParseFlagStatus(bad)
		require.ErrorIs(t, err, ledger.ErrInvalidInput)
		_, err = ParseSeverity(bad)
		require.ErrorIs(t, err, ledger.ErrInvalidInput)
	}
	_, err := json.Marshal(document{FlagNew, 0})
	require.Error(t, err)
	_, err = json.Marshal(document{0, Low})
	require.Error(t, err)
	require.Equal(t, "invalid", Severity(0).String()+FlagStatus(0).String()[7:])
	require.Equal(t, "invalid", Unit(0).String())
	require.Equal(t, "AVT", AVT.String())
}

func TestFlagID(t *testing.T) {
	id, err := ParseFlagID("flag_0000000000000000000000000000002a")
	require.NoError(t, err)
	require.Equal(t, FlagID{15: 42}, id)
	text, err := id.MarshalText()
	require.NoError(t, err)
	require.Equal(t, "flag_0000000000000000000000000000002a", string(text))
	require.True(t, FlagID{}.IsZero())
	for _, bad := range []string{"", "flag_", "tx_0000000000000000000000000000002a", "flag_0000000000000000000000000000002A"} {
		_, err := ParseFlagID(bad)
		require.ErrorIs(t, err, ledger.ErrNotFound)
	}
}

func TestCodesOfFlags(t *testing.T) {
	for _, good := range []Code{HighVelocity, "X", "A_1"} {
		require.NoError(t, CheckCode(good))
	}
	for _, bad := range []Code{"", "x", "1A", "_A", "A B", "Ä", Code(make([]byte, 65))} {
		require.ErrorIs(t, CheckCode(bad), ledger.ErrInvalidInput, "%q", string(bad))
	}
}
