package postgres_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
)

// The URL says how many connections answer questions, and nothing of it goes to the
// server.
func TestReadersAreAsManyAsTheURLSays(t *testing.T) {
	address, err := url.Parse(storetest.PostgresURL(t))
	require.NoError(t, err)
	for given, most := range map[string]int{"": 16, "3": 3, "0": 0, "1001": 0, "many": 0} {
		parameters := address.Query()
		if given != "" {
			parameters.Set("pool_max_conns", given)
		}
		asked := *address
		asked.RawQuery = parameters.Encode()
		st, err := postgres.Open(context.Background(), asked.String())
		if most == 0 {
			require.ErrorContains(t, err, "pool_max_conns must be a whole number from 1 to 1000", given)
			continue
		}
		require.NoError(t, err, given)
		require.Equal(t, most, st.DB().Stats().MaxOpenConnections, given)
		require.NoError(t, st.Close())
	}
}
