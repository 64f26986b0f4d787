package auditor

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

func TestDefaults(t *testing.T) {
	settings := NewPack().Settings()
	require.Len(t, settings, 12)
	for _, s := range settings {
		require.True(t, s.Enabled)
		require.False(t, s.Shadow)
		require.True(t, s.Severity.Valid())
		require.NotEmpty(t, s.Description)
		_, has := s.Threshold("window_seconds")
		require.True(t, has, s.Code)
		for _, threshold := range s.Thresholds {
			require.Equal(t, threshold.Default, threshold.Value)
			require.NotEmpty(t, threshold.Description)
			for _, n := range []Number{threshold.Default, threshold.Least, threshold.Most} {
				_, err := threshold.with(n)
				require.NoError(t, err, "%s %s", s.Code, threshold.Name)
			}
		}
	}
	most, _ := settings[0].Threshold("max_transfers")
	within, _ := settings[0].Threshold("window_seconds")
	require.Equal(t, []any{HighVelocity, "100", "300"}, []any{settings[0].Code, most.String(), within.String()})
	require.Equal(t, 33*24*time.Hour, NewPack().Horizon())
}

// Nobody changes a rule by what they were given.
func TestSettingsAreCopies(t *testing.T) {
	p := NewPack()
	p.Settings()[0].Thresholds[0].Value = Whole(7)
	require.Equal(t, NewPack().Settings(), p.Settings())
	yes := true
	require.NoError(t, p.Configure([]Change{{Code: HighVelocity, Shadow: &yes, Thresholds: map[string]Number{"max_transfers": Whole(7)}}}))
	require.NotEqual(t, NewPack().Settings(), p.Settings())
	require.Equal(t, Whole(100), catalogue[0].thresholds[0].Value)
}

// Each refusal names what is wrong, and nothing of its list is done.
func TestConfigureIsAllOrNothing(t *testing.T) {
	bad := Severity(9)
	one := func(name, number string) map[string]Number {
		return map[string]Number{name: amount.MustParse(number)}
	}
	for _, test := range []struct {
		change         Change
		field, message string
	}{
		{Change{Code: "NO_SUCH"}, "code", `NO_SUCH: no rule is called "NO_SUCH"`},
		{Change{Code: FanIn, Severity: &bad}, "severity", "FAN_IN: must be LOW, MEDIUM, HIGH or CRITICAL"},
		{Change{Code: FanIn, Thresholds: one("min_receivers", "30")}, "thresholds.min_receivers", "FAN_IN: FAN_IN has no such threshold"},
		{Change{Code: HighVelocity, Thresholds: one("max_transfers", "0")}, "thresholds.max_transfers", "HIGH_VELOCITY_TRANSFERS: must be a whole number from 1 to 10000 (count)"},
		{Change{Code: HighVelocity, Thresholds: one("max_transfers", "10001")}, "thresholds.max_transfers", ""},
		{Change{Code: HighVelocity, Thresholds: one("max_transfers", "10.5")}, "thresholds.max_transfers", ""},
		{Change{Code: HighVelocity, Thresholds: one("window_seconds", "100000000000000000")}, "thresholds.window_seconds", ""},
		{Change{Code: LargeTransfer, Thresholds: one("min_amount", "0")}, "thresholds.min_amount", "LARGE_TRANSFER: must be an amount from 0.01 to 999999999999999999.999999999999999999 (AVT)"},
	} {
		p := NewPack()
		no := false
		err := p.Configure([]Change{{Code: Dormant, Enabled: &no}, test.change})
		require.ErrorIs(t, err, ledger.ErrInvalidInput)
		var change *ChangeError
		require.True(t, errors.As(err, &change))
		require.Equal(t, 1, change.Index)
		var refusal *ledger.Refusal
		require.True(t, errors.As(err, &refusal))
		require.Equal(t, test.field, refusal.Field)
		if test.message != "" {
			require.EqualError(t, err, test.message)
		}
		require.Equal(t, NewPack().Settings(), p.Settings())
	}
}

func TestThresholdsAreReadFromJSON(t *testing.T) {
	var read map[string]Number
	require.NoError(t, json.Unmarshal([]byte(`{"max_transfers": 3, "window_seconds": "60"}`), &read))
	require.NoError(t, NewPack().Configure([]Change{{Code: HighVelocity, Thresholds: read}}))
}

// A rule whose thresholds change, or that was off, begins with nothing.
func TestChangesAtRunTime(t *testing.T) {
	s := only(HighVelocity, nil)
	pay := func(n int) {
		for range n {
			s.pay(a, b, "1")
		}
	}
	pay(50)
	change := func(c Change) {
		c.Code = HighVelocity
		require.NoError(t, s.pack.Configure([]Change{c}))
	}
	change(Change{Thresholds: map[string]Number{"max_transfers": Whole(50)}})
	pay(50)
	require.Empty(t, s.found)
	pay(1)
	require.Len(t, s.found, 1)
	change(Change{Thresholds: map[string]Number{"max_transfers": Whole(50)}}) // as it was
	pay(60)
	require.Len(t, s.found, 1)

	yes, no, critical := true, false, Critical
	change(Change{Enabled: &no})
	require.Zero(t, s.pack.Horizon())
	pay(100)
	change(Change{Enabled: &yes, Shadow: &yes})
	pay(50)
	require.Len(t, s.found, 1)
	pay(1)
	require.Len(t, s.found, 2)
	require.True(t, s.found[1].Shadow)
	require.Equal(t, Medium, s.found[1].Severity)

	change(Change{Shadow: &no, Severity: &critical}) // what was said in the shadow is said again
	pay(2)
	require.Len(t, s.found, 3)
	require.False(t, s.found[2].Shadow)
	require.Equal(t, Critical, s.found[2].Severity)
}

// A rebuilt pack has said what nobody heard; of the rules that are named it says it
// again.
func TestReconsider(t *testing.T) {
	s := only(HighVelocity, map[string]Number{"max_transfers": Whole(2)})
	for range 3 {
		s.pay(a, b, "1")
	}
	require.Len(t, s.found, 1)
	s.pack.Reconsider(FanIn)
	s.pay(a, b, "1")
	require.Len(t, s.found, 1)
	s.pack.Reconsider(FanIn, HighVelocity)
	s.pay(a, b, "1")
	require.Len(t, s.found, 2)

	yes, no := true, false
	on := s.pack.Settings()[0]
	off := on
	off.Enabled = false
	require.True(t, Change{Enabled: &yes}.Remembers(off))
	require.False(t, Change{Enabled: &yes}.Remembers(on))
	require.False(t, Change{Enabled: &no, Shadow: &yes}.Remembers(on))
	three := map[string]Number{"max_transfers": Whole(3)}
	require.True(t, Change{Thresholds: three}.Remembers(on))
	require.False(t, Change{Thresholds: three}.Remembers(off))
	require.False(t, Change{Thresholds: map[string]Number{"max_transfers": Whole(2)}}.Remembers(on), "it is so already")
}

func TestCodes(t *testing.T) {
	for _, d := range catalogue {
		code, err := ParseCode(string(d.code))
		require.NoError(t, err)
		require.Equal(t, d.code, code)
	}
	for _, text := range []string{"", "fan_in", "FAN"} {
		_, err := ParseCode(text)
		require.ErrorIs(t, err, ledger.ErrInvalidInput)
	}
}
