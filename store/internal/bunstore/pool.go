package bunstore

import (
	"database/sql"

	"github.com/agentvault/teg-layer/store"
)

// Pool tells how the connections of a handle are used.
func Pool(name string, db *sql.DB) store.Pool {
	s := db.Stats()
	return store.Pool{
		Name: name, Limit: s.MaxOpenConnections, Open: s.OpenConnections, InUse: s.InUse,
		Waits: s.WaitCount, Waited: s.WaitDuration,
	}
}
