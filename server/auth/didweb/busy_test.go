package didweb

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth/fetch"
)

// That too many were asked for at the same time says nothing about the host: nobody can
// keep others out for longer than they fill the place themselves.
func TestBusyIsNotRemembered(t *testing.T) {
	r, of := New(Config{}), did.MustParse("did:web:alice.example")
	r.get = func(context.Context, string) ([]byte, error) { return nil, fmt.Errorf("%w", fetch.ErrBusy) }
	_, err := r.Keys(t.Context(), of)
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorIs(t, err, fetch.ErrBusy)
	r.get = func(context.Context, string) ([]byte, error) {
		return []byte(`{"id":"did:web:alice.example","authentication":[{"publicKeyMultibase":"z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"}]}`), nil
	}
	keys, err := r.Keys(t.Context(), of)
	require.NoError(t, err)
	require.Len(t, keys, 1)
}
