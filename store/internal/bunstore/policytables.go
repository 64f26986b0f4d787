package bunstore

import (
	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
)

// Policies are all policies as they are.
var Policies = Table[policy.Policy]{
	Name:  "teg_policies",
	Terms: []string{"id", "code", "type", "created_at"},
	Standing: []string{"name", "description", "parameters", "reward", "circuit", "level", "active", "version", "change",
		"changed_by", "updated_at"},
	places: func(p *policy.Policy) (terms, standing []any) {
		return []any{(*ledger.ID)(&p.ID), &p.Code, (*uint8)(&p.Type), &p.CreatedAt}, []any{
			&p.Name, &p.Description, &p.Parameters, &p.Reward, &p.Circuit, (*uint8)(&p.Level), &p.Active, &p.Version, &p.Change,
			&p.By, &p.UpdatedAt,
		}
	},
}

// PolicyVersions are all versions that policies ever had.
var PolicyVersions = Table[policy.Policy]{
	Name: "teg_policy_versions",
	Terms: []string{"change", "policy", "code", "type", "created_at", "name", "description", "parameters", "reward", "circuit", "level",
		"active", "version", "changed_by", "at"},
	places: func(p *policy.Policy) (terms, standing []any) {
		return []any{
			&p.Change, (*ledger.ID)(&p.ID), &p.Code, (*uint8)(&p.Type), &p.CreatedAt, &p.Name, &p.Description, &p.Parameters, &p.Reward,
			&p.Circuit, (*uint8)(&p.Level), &p.Active, &p.Version, &p.By, &p.UpdatedAt,
		}, nil
	},
}
