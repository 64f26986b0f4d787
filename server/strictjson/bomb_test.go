package strictjson_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/strictjson"
)

// spent is what reading a body costs in memory that is asked for, whether or not
// it is given back.
func spent(t *testing.T, body string, into any) (bytes uint64, err error) {
	t.Helper()
	text := []byte(body)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err = strictjson.Decode(text, into)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, err
}

// A body of tiny elements costs no more than its length says.
func TestListBombs(t *testing.T) {
	const size = 1 << 20
	for _, element := range []string{"{}", "0", "null", "[]", `{"a":1}`, `{"amount":"1"}`, `""`} {
		body := `{"transfers":[` + strings.Repeat(element+",", size/(len(element)+1)) + element + `]}`
		var into bulk
		bytes, err := spent(t, body, &into)
		require.Contains(t, faults(t, err), "transfers: must have at most 1000 elements", element)
		require.LessOrEqual(t, len(into.Transfers), strictjson.MaxElements)
		require.Less(t, bytes, uint64(2*size), element)
	}
}

// As many elements as are allowed are read, and one more is one too many; what
// follows the list is read either way.
func TestLongestList(t *testing.T) {
	list := func(n int) string {
		element := `{"receiver_agent_id":"did:a:b","amount":"1"}`
		return `{"transfers":[` + strings.Repeat(element+",", n-1) + element + `],"limit":7}`
	}
	var into bulk
	require.NoError(t, strictjson.Decode([]byte(list(strictjson.MaxElements)), &into))
	require.Len(t, into.Transfers, strictjson.MaxElements)
	into = bulk{}
	err := strictjson.Decode([]byte(list(strictjson.MaxElements+1)), &into)
	require.Equal(t, []string{"transfers: must have at most 1000 elements"}, faults(t, err))
	require.Equal(t, 7, *into.Limit)
	var malformed *strictjson.MalformedError
	err = strictjson.Decode([]byte(strings.Replace(list(strictjson.MaxElements+9), `],`, `,x],`, 1)), &into)
	require.ErrorAs(t, err, &malformed, "what is stepped over is JSON, too")
}
