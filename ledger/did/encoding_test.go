package did_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger/did"
)

var (
	_ encoding.TextAppender    = did.DID{}
	_ encoding.TextMarshaler   = did.DID{}
	_ encoding.TextUnmarshaler = (*did.DID)(nil)
	_ driver.Valuer            = did.DID{}
	_ json.Unmarshaler         = (*did.DID)(nil)
	_ sql.Scanner              = (*did.DID)(nil)
)

type document struct {
	Owner did.DID
	Other *did.DID        `json:",omitempty"`
	Maybe did.DID         `json:",omitzero"`
	Names map[did.DID]int `json:",omitempty"`
}

func TestRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := dids().Draw(t, "d")

		text, err := d.MarshalText()
		require.NoError(t, err)
		var back did.DID
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, d, back)

		in := document{Owner: d, Other: &d, Maybe: d, Names: map[did.DID]int{d: 1}}
		out, err := json.Marshal(in)
		require.NoError(t, err)
		var doc document
		require.NoError(t, json.Unmarshal(out, &doc))
		require.Equal(t, in, doc)

		stored, err := d.Value()
		require.NoError(t, err)
		require.Equal(t, d.String(), stored)
		for _, src := range []any{stored, text} {
			var scanned did.DID
			require.NoError(t, scanned.Scan(src))
			require.Equal(t, d, scanned)
		}
	})
}

func TestRefusals(t *testing.T) {
	before := did.MustParse("did:x:before")
	for _, src := range []any{nil, "", []byte{}, "did:x:", 1, int64(1), 1.5, true} {
		d := before
		require.ErrorIs(t, d.Scan(src), did.ErrSyntax, "%#v", src)
		require.Equal(t, before, d, "left alone")
	}
	d := before
	require.ErrorIs(t, d.UnmarshalText(nil), did.ErrSyntax)
	for _, doc := range []string{`""`, `"did:x:a#b"`, `1`, `{}`, `[]`, `true`, `null`} {
		require.ErrorIs(t, json.Unmarshal([]byte(doc), &d), did.ErrSyntax, doc)
		require.Equal(t, before, d, "left alone")
	}
}

func TestZeroHasNoText(t *testing.T) {
	var zero did.DID
	_, err := zero.MarshalText()
	require.ErrorIs(t, err, did.ErrSyntax)
	b, err := zero.AppendText([]byte("x"))
	require.ErrorIs(t, err, did.ErrSyntax)
	require.Equal(t, "x", string(b))
	_, err = zero.Value()
	require.ErrorIs(t, err, did.ErrSyntax)
	_, err = json.Marshal(zero)
	require.ErrorIs(t, err, did.ErrSyntax)

	out, err := json.Marshal(document{Owner: did.MustParse("did:a:b")})
	require.NoError(t, err)
	require.Equal(t, `{"Owner":"did:a:b"}`, string(out))
}

func TestNullColumns(t *testing.T) {
	var n sql.Null[did.DID]
	require.NoError(t, n.Scan(nil))
	require.False(t, n.Valid)
	v, err := n.Value()
	require.NoError(t, err)
	require.Nil(t, v)

	require.NoError(t, n.Scan("did:a:b"))
	require.Equal(t, did.MustParse("did:a:b"), n.V)
	v, err = driver.DefaultParameterConverter.ConvertValue(n)
	require.NoError(t, err)
	require.Equal(t, "did:a:b", v)
}
