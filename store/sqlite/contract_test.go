package sqlite_test

import (
	"testing"

	"github.com/agentvault/teg-layer/store/storetest"
)

func TestContract(t *testing.T) { storetest.Run(t, storetest.OpenSQLite) }
