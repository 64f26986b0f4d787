package sqlite

import (
	"testing"

	"go.uber.org/goleak"
)

// Every test closes its stores; what is still running after the last one was
// leaked by one of them.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
