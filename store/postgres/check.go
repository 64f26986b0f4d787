package postgres

import (
	"context"
	"fmt"

	"github.com/agentvault/teg-layer/store"
)

// Check refuses a server or session that may lose a commit after it was
// acknowledged.
func (s *Store) Check(ctx context.Context) error {
	for _, setting := range []struct{ name, advice string }{
		{"synchronous_commit", "set it to on (or remote_apply, remote_write, local)"},
		{"fsync", "set it to on and restart the server"},
		{"full_page_writes", "set it to on"},
	} {
		var value string
		if err := s.db.QueryRowContext(ctx, "SHOW "+setting.name).Scan(&value); err != nil {
			return translate(err)
		}
		if value == "off" {
			return fmt.Errorf("%w: %s is off, and a crash could lose what was acknowledged; %s", store.ErrUnsafe, setting.name, setting.advice)
		}
	}
	return nil
}
