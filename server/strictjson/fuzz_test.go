package strictjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/strictjson"
)

// plain has only what encoding/json reads by the same rules.
type plain struct {
	Text string          `json:"text,omitempty"`
	Opt  *string         `json:"opt"`
	Num  int32           `json:"num,omitempty"`
	Flag bool            `json:"flag,omitempty"`
	List []plain         `json:"list,omitempty"`
	Next *plain          `json:"next"`
	Free map[string]any  `json:"free,omitempty"`
	Any  any             `json:"any,omitempty"`
	Raw  json.RawMessage `json:"raw,omitempty"`
}

var seeds = []string{
	`{}`, `{"text":"a","opt":"\u00e9\ud83d\ude00\\\/\"\b\f\n\r\t","num":-17,"flag":true}`,
	`{"list":[{"num":1},{"list":[]}],"next":{"next":{"text":""}}}`, `{"free":{"a":[1,2.5e-7,{"b":null}],"":{}}}`,
	`{"any":[true,false,null,"x",{"y":0}],"raw": {"z" : [ 1 ]} }`, `{"any":1e999,"raw":"\u2028"}`, `{"opt":null,"any":null}`,
	`[1,2`, `{"a":1}`, `{"text":"\ud800"}`, `{"text":1} x`, "\xff", `{"num":2147483648}`, `{"num":1.0}`, `{"Text":"a"}`,
}

func FuzzDecode(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(checkAgainstStandard)
}

// checkAgainstStandard holds Decode against encoding/json: what it accepts,
// encoding/json reads to the same values; what encoding/json calls no JSON, it
// calls malformed, or trailing data.
func checkAgainstStandard(t *testing.T, body []byte) {
	var mine, theirs plain
	err := strictjson.Decode(body, &mine)
	var malformed *strictjson.MalformedError
	var input *strictjson.InputError
	switch {
	case err == nil:
		require.True(t, json.Valid(body) && utf8.Valid(body))
		reader := json.NewDecoder(bytes.NewReader(body))
		reader.UseNumber()
		reader.DisallowUnknownFields()
		require.NoError(t, reader.Decode(&theirs))
		require.Equal(t, theirs, mine)
	case errors.As(err, &malformed):
		require.True(t, !json.Valid(body) || !utf8.Valid(body) || bytes.Contains(body, []byte(`\u`)) ||
			bytes.Count(body, []byte("["))+bytes.Count(body, []byte("{")) > strictjson.MaxDepth, "%v", err)
	default:
		require.ErrorAs(t, err, &input)
		require.NotEmpty(t, input.Fields)
		require.True(t, json.Valid(body) || input.Error() != "" && containsRoot(input))
	}
}

func containsRoot(e *strictjson.InputError) bool {
	for _, f := range e.Fields {
		if f.Field == strictjson.Root {
			return true
		}
	}
	return len(e.Fields) == strictjson.MaxFieldErrors
}

func TestDecodeAgreesWithTheStandardLibrary(t *testing.T) {
	for _, s := range seeds {
		checkAgainstStandard(t, []byte(s))
		for i := range s {
			checkAgainstStandard(t, []byte(s[:i]))
			checkAgainstStandard(t, []byte(s[:i]+s[i+1:]))
			checkAgainstStandard(t, []byte(s[:i]+`"`+s[i:]))
		}
	}
}

var transferBody = []byte(`{"receiver_agent_id":"did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK","amount":"12.50","message":"inference, 2 h"}`)

func BenchmarkDecodeTransfer(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var into transfer
		if err := strictjson.Decode(transferBody, &into); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStandardLibrary(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var into transfer
		if err := json.Unmarshal(transferBody, &into); err != nil {
			b.Fatal(err)
		}
	}
}
