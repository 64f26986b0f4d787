package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
)

// Whatever is taken as parameters has one form, which is taken as itself; everything else is
// refused by the name of what is wrong.
func FuzzParameters(f *testing.F) {
	for kind := policy.Type(1); kind.Valid(); kind++ {
		for _, name := range policy.Parameters(kind) {
			for _, value := range []string{`1`, `"0.5"`, `0.000000000000000001`, `1e400`, `-1`, `"30d"`, `true`, `null`, `{}`, `[{"from":"0"}]`} {
				f.Add(uint8(kind), []byte(`{"`+name+`":`+value+`}`))
			}
		}
		f.Add(uint8(kind), []byte(`{"a":1,"a":2}`))
	}
	f.Add(uint8(1), []byte("null"))
	f.Add(uint8(2), []byte("\xff"))
	f.Fuzz(func(t *testing.T, kind uint8, text []byte) {
		of := policy.Type(kind)
		if !of.Valid() {
			return
		}
		canonical, err := policy.ParseParameters(of, text)
		if err != nil {
			require.Contains(t, field(t, err, ledger.ErrInvalidInput), "parameters")
			return
		}
		again, err := policy.ParseParameters(of, []byte(canonical))
		require.NoError(t, err, "%s of %s", canonical, text)
		require.Equal(t, canonical, again)
	})
}
