package fetch

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Who waits for room in vain is told that, and not that the document was not to be had;
// and who waited has the whole time for the document.
func TestRoomIsWaitedFor(t *testing.T) {
	c := New(Config{Parallel: 1, Timeout: time.Millisecond})
	c.slots <- struct{}{}
	_, err := c.Get(t.Context(), "https://host.example")
	require.ErrorIs(t, err, ErrBusy)
	require.NotErrorIs(t, err, ErrAway)

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = New(Config{}).Get(gone, "https://host.example")
	require.ErrorIs(t, err, ErrAway)
	require.Error(t, c.enter(gone))
	<-c.slots
	require.NoError(t, c.enter(t.Context()))
	require.Len(t, c.slots, 1)
}
