package attestation_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/governance/attestation"
)

func TestCanonicalExamples(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                                   `{}`,
		" {\n\"b\":1, \"a\" : [ ] }\t":         `{"a":[],"b":1}`,
		`{"n":1.0,"m":1e2,"k":-0}`:             `{"k":0,"m":100,"n":1}`,
		`{"n":0.000001,"m":1e-7}`:              `{"m":1e-7,"n":0.000001}`,
		`{"n":1e21,"m":100000000000000000000}`: `{"m":100000000000000000000,"n":1e+21}`,
		`{"a":"\u0041\u00e9\/\u2028"}`:         "{\"a\":\"Aé/\u2028\"}",
		`{"a":"\u000f\n\u0000"}`:               `{"a":"\u000f\n\u0000"}`,
		`{"\ud83d\ude00":1,"\ufb33":2}`:        "{\"😀\":1,\"\ufb33\":2}", // by UTF-16, not by code points
		`{"n":9007199254740992}`:               `{"n":9007199254740992}`,
		`{"n":1.7976931348623157e308}`:         `{"n":1.7976931348623157e+308}`,
	} {
		got, err := attestation.Canonical([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, want, got.Text)
	}
}

func TestCanonicalRefuses(t *testing.T) {
	deep := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	_, err := attestation.Canonical([]byte(deep(attestation.MaxDepth)))
	require.NoError(t, err)
	for name, text := range map[string]string{
		"nothing": ``, "a list": `[1]`, "a text": `"a"`, "null": `null`, "cut off": `{"a":1`, "more behind it": `{} {}`, "a comma behind it": `{},`,
		"a name twice": `{"a":1,"a":2}`, "a name twice, in two spellings": `{"a":1,"\u0061":2}`, "a name twice, below": `{"b":[{"a":1,"a":1}]}`,
		"half a pair": `{"a":"\ud800"}`, "half a pair in a name": `{"\udc00":1}`, "no UTF-8": "{\"a\":\"\xff\"}",
		"too deep": deep(attestation.MaxDepth + 1), "2^53 + 1": `{"n":9007199254740993}`, "too large": `{"n":1e309}`, "too small": `{"n":1e-400}`,
		"more digits than a double": `{"n":0.1000000000000000055}`, "a huge exponent": `{"n":1e99999999999}`, "a sign": `{"n":+1}`, "NaN": `{"n":NaN}`,
		"a comment": `{/**/}`, "too long": `{"a":"` + strings.Repeat("x", attestation.MaxData) + `"}`, "a zero before it": `{"n":01}`,
	} {
		_, err := attestation.Canonical([]byte(text))
		require.Error(t, err, name)
	}
}

// value draws a JSON value of bounded depth.
func value(t *rapid.T, depth int) any {
	switch kind := rapid.IntRange(0, 6).Draw(t, "kind"); {
	case kind == 0:
		return rapid.String().Draw(t, "text")
	case kind == 1:
		return rapid.Bool().Draw(t, "truth")
	case kind == 2:
		return json.Number(fmt.Sprint(rapid.Int64Range(-1<<53, 1<<53).Draw(t, "whole")))
	case kind == 3:
		return rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).Draw(t, "number")
	case kind == 4 || depth == 0:
		return nil
	case kind == 5:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "n") {
			list = append(list, value(t, depth-1))
		}
		return list
	}
	return object(t, depth-1)
}

func object(t *rapid.T, depth int) map[string]any {
	members := map[string]any{}
	for range rapid.IntRange(0, 4).Draw(t, "members") {
		members[rapid.String().Draw(t, "name")] = value(t, depth)
	}
	return members
}

// spelled writes a value with its members in the other order, and spaces around.
func spelled(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		for name, member := range v {
			text, _ := json.Marshal(name)
			parts = append(parts, string(text)+" : "+spelled(member))
		}
		slices.Sort(parts)
		slices.Reverse(parts)
		return "{ " + strings.Join(parts, " ,\n") + "}"
	case []any:
		var parts []string
		for _, member := range v {
			parts = append(parts, spelled(member))
		}
		return "[" + strings.Join(parts, "\t,") + " ]"
	}
	text, _ := json.Marshal(v)
	return string(text)
}

// However an object is spelled, its canonical form is one, means the same, and is its
// own canonical form.
func TestCanonicalProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		members := object(t, 3)
		plain, err := json.Marshal(members)
		require.NoError(t, err)
		first, err := attestation.Canonical(plain)
		require.NoError(t, err)
		other, err := attestation.Canonical([]byte(spelled(members)))
		require.NoError(t, err)
		require.Equal(t, first, other)
		again, err := attestation.Canonical([]byte(first.Text))
		require.NoError(t, err)
		require.Equal(t, first, again)
		var meant, was any
		require.NoError(t, json.Unmarshal([]byte(first.Text), &meant))
		require.NoError(t, json.Unmarshal(plain, &was))
		require.Equal(t, was, meant)
	})
}

// A number is taken where nothing of it is lost, and only there.
func TestCanonicalNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		literal := rapid.StringMatching(`-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,2})?`).Draw(t, "literal")
		got, err := attestation.Canonical([]byte(`{"n":` + literal + `}`))
		if err != nil {
			digits := strings.TrimLeft(strings.NewReplacer(".", "", "-", "").Replace(strings.FieldsFunc(literal, func(r rune) bool { return r == 'e' || r == 'E' })[0]), "0")
			require.Greater(t, len(strings.TrimRight(digits, "0")), 15, "%s: fifteen digits always fit", literal)
			return
		}
		kept := strings.TrimSuffix(strings.TrimPrefix(got.Text, `{"n":`), "}")
		before, ok := new(big.Rat).SetString(literal)
		require.True(t, ok)
		after, ok := new(big.Rat).SetString(kept)
		require.True(t, ok)
		require.Zero(t, before.Cmp(after), "%s became %s", literal, kept)
	})
}

func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1e5}`, `{"a":"\ud83d\ude00"}`, `{"a":{"a":[1,2,{"b":null}]}}`, `{"a":1,"a":2}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := attestation.Canonical(text)
		if err != nil {
			return
		}
		again, err := attestation.Canonical([]byte(first.Text))
		require.NoError(t, err)
		require.Equal(t, first, again)
	})
}
