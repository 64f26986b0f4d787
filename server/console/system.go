package console

import (
	"maps"
	"slices"

	"github.com/agentvault/teg-layer/server/client"
)

// systemPage is the server that answers, and what it works with.
type systemPage struct {
	*client.System
	Health       *client.Health
	Integrations []integration
}

// integration is a service that the server uses.
type integration struct {
	Name string
	client.IntegrationCheck
}

func system(v *visit) (any, error) {
	found, err := v.api.GetSystem(v.r.Context())
	if err != nil {
		return nil, err
	}
	page := systemPage{System: found}
	if page.Health, err = health(v); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(page.Health.Checks.Integrations)) {
		page.Integrations = append(page.Integrations, integration{name, page.Health.Checks.Integrations[name]})
	}
	return page, nil
}
