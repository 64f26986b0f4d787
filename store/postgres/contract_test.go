package postgres_test

import (
	"testing"

	"github.com/agentvault/teg-layer/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.NeedPostgres(t)
	storetest.Run(t, storetest.OpenPostgres)
}
