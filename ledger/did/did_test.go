package did_test

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger/did"
)

// grammar is the syntax of DID Core 1.0, section 3.1, as one expression.
var grammar = regexp.MustCompile(`\Adid:[a-z0-9]+:(([A-Za-z0-9._-]|%[0-9A-Fa-f]{2})*:)*([A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+\z`)

var valid = []struct{ in, method, id string }{
	{"did:a:b", "a", "b"},
	{"did:0:0", "0", "0"},
	{"did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "key", "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"},
	{"did:web:example.com", "web", "example.com"},
	{"did:web:example.com%3A3000:user:alice", "web", "example.com%3A3000:user:alice"},
	{"did:x:%2f%2F", "x", "%2f%2F"},
	{"did:x:A-Z_a.z", "x", "A-Z_a.z"},
	{"did:x::b", "x", ":b"},
	{"did:x:a::b", "x", "a::b"},
	{"did:did:did:x", "did", "did:x"},
	{"did:x:" + strings.Repeat("a", did.MaxLength-6), "x", strings.Repeat("a", did.MaxLength-6)},
}

var invalid = []struct{ in, reason string }{
	{"", "it is empty"},
	{" ", `it must start with "did:"`},
	{"did", `it must start with "did:"`},
	{"DID:x:a", `it must start with "did:"`},
	{" did:x:a", `it must start with "did:"`},
	{"did:", "it must have the form did:method:id"},
	{"did:x", "it must have the form did:method:id"},
	{"did::a", "the method is empty"},
	{"did:X:a", "the method may have lower-case letters and digits only"},
	{"did:a-b:c", "the method may have lower-case letters and digits only"},
	{"did:é:c", "the method may have lower-case letters and digits only"},
	{"did:x:", "the method-specific id is empty"},
	{"did:x:a:", "the method-specific id must not end with a colon"},
	{"did:x::", "the method-specific id must not end with a colon"},
	{"did:x:%", "a percent sign must be followed by two hexadecimal digits"},
	{"did:x:a%2", "a percent sign must be followed by two hexadecimal digits"},
	{"did:x:%2g", "a percent sign must be followed by two hexadecimal digits"},
	{"did:x:%%41", "a percent sign must be followed by two hexadecimal digits"},
	{"did:x:a/path", "a path, query or fragment is not part of a DID"},
	{"did:x:a?q=1", "a path, query or fragment is not part of a DID"},
	{"did:x:a#key-1", "a path, query or fragment is not part of a DID"},
	{"did:x:a b", "the method-specific id may have"},
	{"did:x:a\n", "the method-specific id may have"},
	{"did:x:a\x00", "the method-specific id may have"},
	{"did:x:ü", "the method-specific id may have"},
	{"did:x:a\xff", "the method-specific id may have"},
	{"did:x:a@b", "the method-specific id may have"},
	{"did:x:" + strings.Repeat("a", did.MaxLength-5), "it is longer than 255 bytes"},
}

func TestParse(t *testing.T) {
	for _, c := range valid {
		d, err := did.Parse(c.in)
		require.NoError(t, err, c.in)
		require.Equal(t, c.in, d.String())
		require.Equal(t, c.method, d.Method())
		require.Equal(t, c.id, d.ID())
		require.False(t, d.IsZero())
		require.Equal(t, d, did.MustParse(c.in))
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range invalid {
		d, err := did.Parse(c.in)
		require.ErrorIs(t, err, did.ErrSyntax, "%q", c.in)
		require.True(t, d.IsZero())
		var syntax *did.SyntaxError
		require.ErrorAs(t, err, &syntax)
		require.Equal(t, c.in, syntax.Input)
		require.Contains(t, syntax.Reason, c.reason, "%q", c.in)
	}
	require.Panics(t, func() { did.MustParse("did:x:") })
}

func TestSyntaxErrorMessage(t *testing.T) {
	_, err := did.Parse("did:x:")
	require.EqualError(t, err, `did: "did:x:" is not a DID: the method-specific id is empty; `+
		`a DID looks like did:web:example.com and has at most 255 bytes`)
	_, err = did.Parse(strings.Repeat("\n", 1<<20))
	require.Less(t, len(err.Error()), 1000)
}

func TestZero(t *testing.T) {
	var d did.DID
	require.True(t, d.IsZero())
	require.Empty(t, d.String())
	require.Empty(t, d.Method())
	require.Empty(t, d.ID())
	require.Equal(t, -1, d.Compare(did.MustParse("did:a:b")))
}

func TestParseIsItsGrammar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkParse(t, rapid.OneOf(
			rapid.StringMatching(`did:[a-z0-9]{1,3}:([A-Za-z0-9._:%-]|%[0-9A-Fa-f]{2}){0,12}`),
			rapid.StringMatching(`did:[a-zA-Z0-9-]{0,2}:[a:%/?# ]{0,5}`),
			rapid.StringMatching(`did:x:a{245,252}`),
			rapid.String(),
		).Draw(t, "in"))
	})
}

func checkParse(t require.TestingT, in string) {
	d, err := did.Parse(in)
	require.Equal(t, grammar.MatchString(in) && len(in) <= did.MaxLength, err == nil, "%q", in)
	if err != nil {
		require.ErrorIs(t, err, did.ErrSyntax)
		require.True(t, d.IsZero())
		return
	}
	require.Equal(t, in, d.String())
	require.Equal(t, in, "did:"+d.Method()+":"+d.ID())

	// It survives a URL path.
	back, err := url.PathUnescape(url.PathEscape(in))
	require.NoError(t, err)
	require.Equal(t, d, did.MustParse(back))
}

func TestCompare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := dids().Draw(t, "a"), dids().Draw(t, "b")
		require.Equal(t, cmp.Compare(a.String(), b.String()), a.Compare(b))
		require.Equal(t, a.Compare(b) == 0, a == b)
	})
	list := []did.DID{did.MustParse("did:b:a"), did.MustParse("did:a:b"), {}}
	slices.SortFunc(list, did.DID.Compare)
	require.Equal(t, []did.DID{{}, did.MustParse("did:a:b"), did.MustParse("did:b:a")}, list)
}

func dids() *rapid.Generator[did.DID] {
	text := rapid.StringMatching(`did:[a-z0-9]{1,2}:([A-Za-z._-]|%[0-9A-Fa-f]{2}|:){0,6}[a-c0-9]`)
	return rapid.Map(text, did.MustParse)
}

func FuzzParse(f *testing.F) {
	for _, c := range valid {
		f.Add(c.in)
	}
	for _, c := range invalid {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, in string) { checkParse(t, in) })
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := did.Parse("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendText(b *testing.B) {
	d, buf := did.MustParse("did:web:example.com:alice"), make([]byte, 0, did.MaxLength)
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = d.AppendText(buf[:0])
	}
}
