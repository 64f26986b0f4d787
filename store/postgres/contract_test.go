package postgres_test

import (
	"testing"

	"github.com/agentvault/teg-layer/store/storetest"
)

func TestContract(t *testing.T) {
	if storetest.PostgresAnswers(t) {
		storetest.Run(t, storetest.OpenPostgres)
	}
}
