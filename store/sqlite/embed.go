package sqlite

import "embed"

// migrations are the steps of the schema, up and down.
//
//go:embed migrations/*.sql
var migrations embed.FS
