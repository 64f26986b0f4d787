package sqlite

import (
	"context"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var (
	panelRounds = keep(&bunstore.PanelRounds)
	panelSeats  = keep(&bunstore.PanelSeats)
	panelSteps  = keep(&bunstore.PanelSteps)
)

func loadPanels(ctx context.Context, e executor, need *store.Need, rows *store.Rows) (err error) {
	if len(need.Panels) > 0 {
		rows.Panels, err = bunstore.LoadPanels(ctx, source{e}, need.Panels)
	}
	return err
}

// writePanels writes what became of panels.
func writePanels(ctx context.Context, e executor, c *store.Changes) error {
	for _, step := range []func() error{
		func() error { return panelRounds.insertAll(ctx, e, c.Panels.NewRounds) },
		func() error { return panelRounds.changeAll(ctx, e, c.Panels.Rounds) },
		func() error { return panelSeats.insertAll(ctx, e, c.Panels.NewSeats) },
		func() error { return panelSeats.changeAll(ctx, e, c.Panels.Seats) },
		func() error { return panelSteps.insertAll(ctx, e, c.Panels.Steps) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
