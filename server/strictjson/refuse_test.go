package strictjson_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/strictjson"
)

func TestDecodeMalformed(t *testing.T) {
	for name, body := range map[string]string{
		"empty": "", "white space": " \n\t", "not UTF-8": "{\"a\":\"\xff\"}",
		"surrogate in UTF-8": "{\"a\":\"\xed\xa0\x80\"}", "byte order mark": "\ufeff{}",
		"open object": "{", "no key": "{1:2}", "no colon": `{"a" 1}`, "no value": `{"a":}`, "cut after colon": `{"a":`,
		"no comma": `{"a":1 "b":2}`, "comma at the end": `{"a":1,}`, "comma at the start": `{,"a":1}`,
		"open string": `{"a":"b`, "open escape": `{"a":"\`, "unknown escape": `{"a":"\x"}`, "short escape": `{"a":"\u12"}`,
		"control character": "{\"a\":\"\x01\"}", "raw NUL": "{\"a\":\"\x00\"}", "raw newline": "{\"a\":\"\n\"}",
		"high surrogate": `{"a":"\ud800"}`, "low surrogate": `{"a":"\udc00"}`, "swapped pair": `{"a":"\udc00\ud800"}`,
		"high and letter": `{"a":"\ud800\u0041"}`, "surrogate in a key": `{"\ud800":1}`,
		"surrogate in free-form data": `{"metadata":{"a":["\ud800"]}}`, "surrogate in raw": `{"raw":"\ud800"}`,
		"leading zero": `{"amount":010}`, "plus": `{"amount":+1}`, "NaN": `{"amount":NaN}`, "point": `{"amount":.5}`,
		"nothing after the point": `{"amount":1.}`, "exponent": `{"amount":1e}`, "minus": `{"amount":-}`,
		"hex": `{"amount":0x1}`, "comment": `{/**/}`, "single quotes": `{'a':1}`, "word": `{"a":nul}`, "true": `{"a":tru`,
		"faulty array": `[1,]`, "cut array": `[1`, "malformed after a fault": `{"unknown":1,"amount":"x","a":}`,
		"raw word": `{"raw":nope}`,
	} {
		_, err := decode(t, body)
		var fault *strictjson.MalformedError
		require.ErrorAs(t, err, &fault, name)
		require.LessOrEqual(t, fault.Offset, len(body), name)
	}
}

func TestDecodeDepth(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, field := range []string{"metadata2", "raw", "amount"} {
		_, err := decode(t, `{"`+field+`":`+nested(strictjson.MaxDepth)+`}`)
		var fault *strictjson.MalformedError
		require.ErrorAs(t, err, &fault, field)
		_, err = decode(t, `{"receiver_agent_id":"did:a:b","`+field+`":`+nested(strictjson.MaxDepth-1)+`}`)
		var input *strictjson.InputError
		require.ErrorAs(t, err, &input, field)
	}
	_, err := decode(t, strings.Repeat(`{"metadata":`, 1000))
	require.ErrorContains(t, err, "too deeply")
	_, err = decode(t, nested(1<<20))
	require.ErrorContains(t, err, "too deeply")
}

// faults lists an InputError as "field: message = value".
func faults(t *testing.T, err error) []string {
	t.Helper()
	var input *strictjson.InputError
	require.ErrorAs(t, err, &input)
	var lines []string
	for _, f := range input.Fields {
		message, _, _ := strings.Cut(f.Message, ":")
		line := f.Field + ": " + message
		if f.Value != nil {
			line += " = " + *f.Value
		}
		lines = append(lines, line)
	}
	return lines
}

const complete = `"receiver_agent_id":"did:a:b","amount":1`

func TestDecodeInputErrors(t *testing.T) {
	for body, want := range map[string]string{
		`[]`: "body: must be a JSON object", `"text"`: "body: must be a JSON object", `null`: "body: must be a JSON object",
		`17`:                                                          "body: must be a JSON object",
		`{` + complete + `} x`:                                        "body: must end after the JSON object",
		`{` + complete + `}{"a"`:                                      "body: must end after the JSON object",
		`{` + complete + `,"AMOUNT":5}`:                               "AMOUNT: is not a known field",
		`{` + complete + `,"x":[{"y":1}]}`:                            "x: is not a known field",
		`{` + complete + `,"amount":5}`:                               "amount: is given twice",
		`{` + complete + `,"\u0061mount":5}`:                          "amount: is given twice",
		`{` + complete + `,"message":"a\u0000b"}`:                     "message: must not contain the character U+0000 = a\x00b",
		`{` + complete + `,"message":5}`:                              "message: must be a string = 5",
		`{` + complete + `,"message":{"a":5}}`:                        "message: must be a string",
		`{` + complete + `,"atomic":"true"}`:                          "atomic: must be true or false = true",
		`{` + complete + `,"expires_in_seconds":1.0}`:                 "expires_in_seconds: must be a whole number = 1.0",
		`{` + complete + `,"expires_in_seconds":1e3}`:                 "expires_in_seconds: must be a whole number = 1e3",
		`{` + complete + `,"expires_in_seconds":"1"}`:                 "expires_in_seconds: must be a whole number = 1",
		`{` + complete + `,"expires_in_seconds":9223372036854775808}`: "expires_in_seconds: is out of range = 9223372036854775808",
		`{` + complete + `,"small":256}`:                              "small: is out of range = 256",
		`{` + complete + `,"small":-1}`:                               "small: is out of range = -1",
		`{` + complete + `,"reward_share_percentage":100.1}`:          "reward_share_percentage: must be a percentage = 100.1",
		`{` + complete + `,"at":"yesterday"}`:                         "at: is not valid = yesterday",
		`{` + complete + `,"metadata":[]}`:                            "metadata: must be a JSON object",
		`{` + complete + `,"metadata":{"a":[0,{"b":1,"b":1}]}}`:       "metadata.a[1].b: is given twice",
		`{` + complete + `,"raw":{"a":1,"\u0061":1}}`:                 "raw.a: is given twice",
		`{` + complete + `,"raw":["\u0000"]}`:                         "raw[0]: must not contain the character U+0000 = \x00",
		`{` + complete + `,"token":5}`:                                "token: must be a string",
		`{` + complete + `,"token":"a\u0000"}`:                        "token: must not contain the character U+0000",
		`{"receiver_agent_id":"did:a:b"}`:                             "amount: is required",
		`{"receiver_agent_id":"did:a:b","amount":null}`:               "amount: is required",
		`{"receiver_agent_id":"bob","amount":1}`:                      "receiver_agent_id: must be a DID, such as did = bob",
	} {
		_, err := decode(t, body)
		got := faults(t, err)
		require.Len(t, got, 1, body)
		require.True(t, strings.HasPrefix(want, got[0]) || strings.HasPrefix(got[0], want) ||
			got[0] == want, "%s: %q is not %q", body, got[0], want)
	}
}

func TestDecodeRefusesEveryOtherSpellingOfAnAmount(t *testing.T) {
	for _, literal := range []string{
		`-10`, `1e5`, `0.1234567890123456789`, `1234567890123456789`, `""`, `" 1"`, `"1 "`, `"+1"`, `"01"`, `"1."`, `".5"`,
		`"1e5"`, `"NaN"`, `"Infinity"`, `"0x10"`, `"1_000"`, `"1,000"`, `"١"`, `"１"`, `"1\u0000"`, `true`,
	} {
		_, err := decode(t, `{"receiver_agent_id":"did:a:b","amount":`+literal+`}`)
		got := faults(t, err)
		require.Len(t, got, 1, literal)
		require.Contains(t, got[0], "amount: must ")
		require.Contains(t, got[0], " = ")
	}
}

func TestDecodeListsEveryFaultInOrder(t *testing.T) {
	var into bulk
	err := strictjson.Decode([]byte(`{"zeta":1,"transfers":[{`+complete+`},{"amount":"x","message":[]},null],"limit":"many"}`), &into)
	require.Equal(t, []string{
		"limit: must be a whole number = many",
		"transfers[1].amount: must be an amount = x",
		"transfers[1].message: must be a string",
		"transfers[1].receiver_agent_id: is required",
		"transfers[2]: must be a JSON object = null",
		"zeta: is not a known field",
	}, faults(t, err))
	require.NotContains(t, err.Error(), "many")
}

func TestDecodeBoundsWhatItTells(t *testing.T) {
	var keys []string
	for i := range 5000 {
		keys = append(keys, fmt.Sprintf(`"k%04d":1`, 4999-i))
	}
	_, err := decode(t, `{`+complete+`,`+strings.Join(keys, ",")+`}`)
	got := faults(t, err)
	require.Len(t, got, strictjson.MaxFieldErrors)
	require.Equal(t, "k0000: is not a known field", got[0])
	require.Equal(t, "k0019: is not a known field", got[19])
	require.True(t, slices.IsSorted(got))

	_, err = decode(t, `{`+complete+`,"`+strings.Repeat("é", 1000)+`":1,"at":"`+strings.Repeat("é", 1000)+`"}`)
	var input *strictjson.InputError
	require.ErrorAs(t, err, &input)
	require.Equal(t, strings.Repeat("é", strictjson.MaxValueRunes), *input.Fields[0].Value)
	require.Equal(t, strings.Repeat("é", 256), input.Fields[1].Field)

	_, err = decode(t, `{`+complete+strings.Repeat(`,"metadata":{"`+strings.Repeat("k", 5000)+`":"\u0000"}`, 1)+`}`)
	require.Less(t, len(err.Error()), 1000)
}

func TestFieldErrorIsAnElementOfValidationErrors(t *testing.T) {
	empty := ""
	e := strictjson.NewInputError("b", "is required", nil)
	e.Add(strictjson.FieldError{Field: "a", Message: "is empty", Value: &empty})
	e.Add(strictjson.FieldError{Field: "a", Message: "is empty", Value: &empty})
	got, err := json.Marshal(e.Fields)
	require.NoError(t, err)
	require.JSONEq(t, `[{"field":"a","message":"is empty","value":""},{"field":"b","message":"is required"}]`, string(got))
}
