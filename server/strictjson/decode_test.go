package strictjson_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/strictjson"
)

type transfer struct {
	Receiver did.DID         `json:"receiver_agent_id"`
	Amount   amount.Amount   `json:"amount"`
	Message  *string         `json:"message"`
	Share    *amount.Rate    `json:"reward_share_percentage"`
	Seconds  int64           `json:"expires_in_seconds,omitempty"`
	Small    *uint8          `json:"small"`
	Atomic   *bool           `json:"atomic"`
	At       *time.Time      `json:"at"`
	Metadata map[string]any  `json:"metadata,omitempty"`
	Raw      json.RawMessage `json:"raw,omitempty"`
	Secret   string          `json:"token,omitempty" strict:"secret"`
}

type bulk struct {
	Transfers []transfer `json:"transfers"`
	paging
}

type paging struct {
	Limit *int `json:"limit"`
}

func decode(t *testing.T, body string) (transfer, error) {
	t.Helper()
	var into transfer
	err := strictjson.Decode([]byte(body), &into)
	return into, err
}

func TestDecodeReadsEveryKind(t *testing.T) {
	got, err := decode(t, `{ "receiver_agent_id":"did:web:example.com", "amount": 1000.50,
		"message":"caf\u00e9 \ud83d\ude00 é\n", "reward_share_percentage":"2.5", "expires_in_seconds":-0,
		"small":255, "atomic":true, "at":"2026-11-01T10:00:00Z", "token":"t",
		"metadata":{"a":[1,2.50,null,true,{"b":"c"}],"":1e400}, "raw": [1 , "x"] } `)
	require.NoError(t, err)
	require.Equal(t, did.MustParse("did:web:example.com"), got.Receiver)
	require.Equal(t, amount.MustParse("1000.5"), got.Amount)
	require.Equal(t, "café 😀 é\n", *got.Message)
	require.Equal(t, amount.Fraction("0.025"), *got.Share)
	require.Zero(t, got.Seconds)
	require.Equal(t, uint8(255), *got.Small)
	require.True(t, *got.Atomic)
	require.Equal(t, time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), *got.At)
	require.Equal(t, map[string]any{
		"a": []any{json.Number("1"), json.Number("2.50"), nil, true, map[string]any{"b": "c"}},
		"":  json.Number("1e400"),
	}, got.Metadata)
	require.Equal(t, `[1 , "x"]`, string(got.Raw))
}

func TestDecodeEscapedKeyNamesTheSameField(t *testing.T) {
	got, err := decode(t, `{"receiver_agent_id":"did:a:b","\u0061mount":"7"}`)
	require.NoError(t, err)
	require.Equal(t, amount.MustParse("7"), got.Amount)
}

func TestDecodeNullOfAnOptionalFieldIsAbsent(t *testing.T) {
	got, err := decode(t, `{"receiver_agent_id":"did:a:b","amount":1,"message":null,"metadata":null,"expires_in_seconds":null,"raw":null}`)
	require.NoError(t, err)
	require.Nil(t, got.Message)
	require.Nil(t, got.Metadata)
	require.Nil(t, got.Raw)
}

func TestDecodeBulk(t *testing.T) {
	var into bulk
	body := `{"limit":3,"transfers":[` + strings.Repeat(`{"receiver_agent_id":"did:a:b","amount":"1"},`, 9) +
		`{"receiver_agent_id":"did:a:c","amount":"2"}]}`
	require.NoError(t, strictjson.Decode([]byte(body), &into))
	require.Len(t, into.Transfers, 10)
	require.Equal(t, amount.MustParse("2"), into.Transfers[9].Amount)
	require.Equal(t, 3, *into.Limit)
}

func TestDecodeIntoMap(t *testing.T) {
	var into map[string]any
	require.NoError(t, strictjson.Decode([]byte(`{"a":{"b":[1]}}`), &into))
	require.Equal(t, map[string]any{"a": map[string]any{"b": []any{json.Number("1")}}}, into)
}

func TestDecodeKeepsNothingOfTheBody(t *testing.T) {
	body := []byte(`{"receiver_agent_id":"did:a:b","amount":"1","message":"hello","raw":{"a":"b"},"metadata":{"k":"v"}}`)
	var into transfer
	require.NoError(t, strictjson.Decode(body, &into))
	clear(body)
	require.Equal(t, "hello", *into.Message)
	require.Equal(t, `{"a":"b"}`, string(into.Raw))
	require.Equal(t, "did:a:b", into.Receiver.String())
	require.Equal(t, map[string]any{"k": "v"}, into.Metadata)
}

type node struct {
	Name     string `json:"name"`
	Children []node `json:"children,omitempty"`
	Next     *node  `json:"next"`
}

func TestDecodeTypeThatContainsItself(t *testing.T) {
	var into node
	require.NoError(t, strictjson.Decode([]byte(`{"name":"a","children":[{"name":"b"}],"next":{"name":"c"}}`), &into))
	require.Equal(t, node{Name: "a", Children: []node{{Name: "b"}}, Next: &node{Name: "c"}}, into)
	err := strictjson.Decode([]byte(`{"name":"a","children":[{"name":"b","next":{}}]}`), &into)
	require.EqualError(t, err, "invalid input: children[0].next.name is required")
}

func TestDecodeRefusesTypesItDoesNotSupport(t *testing.T) {
	n := 0
	for name, into := range map[string]any{
		"no pointer": transfer{}, "nil": nil, "nil pointer": (*transfer)(nil), "int": &n,
		"float": &struct {
			F float64 `json:"f"`
		}{},
		"bytes": &struct {
			B []byte `json:"b"`
		}{},
		"no tag": &struct{ B string }{},
		"same name": &struct {
			paging
			L string `json:"limit"`
		}{},
		"json only": &struct {
			N onlyJSON `json:"n"`
		}{},
		"quoted": &struct {
			N int `json:"n,string"`
		}{},
	} {
		var fault *strictjson.TypeError
		require.ErrorAs(t, strictjson.Decode([]byte(`{}`), into), &fault, name)
	}
}

type onlyJSON struct{}

func (*onlyJSON) UnmarshalJSON([]byte) error { return nil }
