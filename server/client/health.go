package client

import (
	"encoding/json"
	"maps"
)

// HealthChecks is what was checked of a server, and how it is.
type HealthChecks struct {
	Database      DatabaseCheck
	Configuration ConfigurationCheck
	Ledger        LedgerCheck
	Resources     ResourcesCheck
	Integrations  map[string]IntegrationCheck // the services that the server uses, by name
}

// named are the checks that every server has.
func (h *HealthChecks) named() map[string]any {
	return map[string]any{"database": &h.Database, "configuration": &h.Configuration, "ledger": &h.Ledger, "resources": &h.Resources}
}

// UnmarshalJSON reads the checks out of one object.
func (h *HealthChecks) UnmarshalJSON(data []byte) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	named := h.named()
	for name, text := range all {
		if into, ok := named[name]; ok {
			if err := json.Unmarshal(text, into); err != nil {
				return err
			}
			continue
		}
		var check IntegrationCheck
		if err := json.Unmarshal(text, &check); err != nil {
			return err
		}
		if h.Integrations == nil {
			h.Integrations = map[string]IntegrationCheck{}
		}
		h.Integrations[name] = check
	}
	return nil
}

// MarshalJSON writes them into one object again.
func (h HealthChecks) MarshalJSON() ([]byte, error) {
	all := map[string]any{}
	for name, check := range h.Integrations {
		all[name] = check
	}
	maps.Copy(all, h.named())
	return json.Marshal(all)
}
