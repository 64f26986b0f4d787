package staking

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseNumberTakesTheShortestFormAlone(t *testing.T) {
	for _, text := range []string{"", "-", "+1", "-0", "+0", "00", "01", "-01", "--1", "1_0", "0x1", " 1", "1 ", "1.0", "١"} {
		_, err := ParseNumber(text)
		require.Error(t, err, text)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`0|-?[1-9][0-9]{0,130}`).Draw(t, "text")
		n, err := ParseNumber(text)
		require.NoError(t, err)
		require.Equal(t, text, n.String())
	})
}
