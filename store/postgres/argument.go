package postgres

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// The arguments of statements that load. There are few enough of them to leave
// the encoding to the driver.

func accountIDs(ids []ledger.AccountID) []int64 {
	list := make([]int64, len(ids))
	for i, id := range ids {
		list[i] = int64(id)
	}
	return list
}

func owners(ids []did.DID) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = id.String()
	}
	return list
}

func transactionNames(ids []ledger.TransactionID) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = id.String()
	}
	return list
}

// uuids are ids as PostgreSQL's type. FlatArray spares pgx the reflection.
func uuids[T ~[16]byte](ids []T) pgtype.FlatArray[pgtype.UUID] {
	list := make(pgtype.FlatArray[pgtype.UUID], len(ids))
	for i, id := range ids {
		list[i] = pgtype.UUID{Bytes: id, Valid: true}
	}
	return list
}

func parseID(to *ledger.ID, text string) error {
	id, err := uuid.Parse(text)
	*to = ledger.ID(id)
	return err
}
