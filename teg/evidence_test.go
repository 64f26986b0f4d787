package teg_test

import (
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

const evidencePointer = "ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"

func TestCheckPointer(t *testing.T) {
	t.Parallel()
	require.NoError(t, teg.CheckPointer("storage_pointer", evidencePointer+"/a/b.txt"))
	err := teg.CheckPointer("storage_pointer", "https://example.com/evidence")
	require.ErrorIs(t, err, teg.ErrInvalidInput)
	var refusal *teg.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, "storage_pointer", refusal.Field)
	require.ErrorIs(t, teg.CheckPointer("storage_pointer", ""), teg.ErrInvalidInput)
}

// A store that is away is told from a store that holds something else, by sentinel and
// by code, and the message is not about the database.
func TestEvidenceErrors(t *testing.T) {
	t.Parallel()
	cause := errors.New("no route")
	var err error = &teg.StorageUnavailableError{Cause: cause}
	require.ErrorIs(t, err, teg.ErrUnavailable)
	require.ErrorIs(t, err, cause)
	require.Equal(t, "SYS_UNAVAILABLE", teg.CodeOf(err))
	require.EqualError(t, err, "the storage of evidence is not available: no route")
	require.Equal(t, "VALIDATION_INVALID_INPUT", teg.CodeOf(teg.ErrEvidenceMismatch))
	require.NotErrorIs(t, teg.ErrEvidenceMismatch, teg.ErrInvalidInput)
}

// The fake does as it is told.
func TestFakeEvidence(t *testing.T) {
	t.Parallel()
	var fake tegtest.FakeEvidence
	content := []byte("paid in full")
	_, err := fake.Fetch(t.Context(), evidencePointer, 0)
	require.ErrorIs(t, err, teg.ErrUnavailable, "nobody has it yet")
	fake.Put(evidencePointer, content)
	got, err := fake.Fetch(t.Context(), evidencePointer, int64(len(content)))
	require.NoError(t, err)
	require.Equal(t, teg.Evidence{CID: evidencePointer[len("ipfs://"):], Size: 12, SHA256: sha256.Sum256(content)}, got)
	_, err = fake.Fetch(t.Context(), evidencePointer, 11)
	require.ErrorIs(t, err, teg.ErrInvalidInput)
	require.NoError(t, fake.Pin(t.Context(), evidencePointer))
	require.Equal(t, 1, fake.Pinned(evidencePointer))
	fake.Falsify(evidencePointer)
	_, err = fake.Fetch(t.Context(), evidencePointer, 0)
	require.ErrorIs(t, err, teg.ErrEvidenceMismatch)
	fake.SetUnreachable(true)
	require.ErrorIs(t, fake.Pin(t.Context(), evidencePointer), teg.ErrUnavailable)
	require.Equal(t, 4, fake.Fetches())
}
