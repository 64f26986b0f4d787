package postgres

import (
	"time"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var (
	attestations     = keep(&bunstore.Attestations)
	attestationSteps = keep(&bunstore.AttestationSteps)
	budgets          = keep(&bunstore.AttestationBudgets)
	circuits         = keep(&bunstore.Circuits)

	findAttestations = statement{"find_attestations", selectFrom(&bunstore.Attestations) + `id = ANY($1::uuid[]) OR (scope = ANY($2::uuid[]) AND ` + bunstore.AttestationStands + `)`}
	findBudgets      = statement{"find_budgets", selectFrom(&bunstore.AttestationBudgets) + `policy = ANY($1::uuid[])`}
	findTurns        = statement{"find_turns", `SELECT d.agent, d.policy::text,
		(` + bunstore.AttestationLast + `s.agent = d.agent AND s.policy = d.policy),
		(` + bunstore.AttestationHanded + `s.agent = d.agent AND s.submitted_at > $3)
		FROM unnest($1::text[], $2::uuid[]) AS d (agent, policy)`}
)

// attestationCalls find what is needed, behind the locks of the rows that guard it.
func (l *loaded) attestationCalls(need *attestation.Need) (calls []call) {
	rows := &l.rows.Attestation
	if len(need.Submissions)+len(need.Scopes) > 0 {
		calls = append(calls, ask(findAttestations, scanInto(&bunstore.Attestations, &rows.Submissions), uuids(need.Submissions), uuids(need.Scopes)))
	}
	if len(need.Budgets) > 0 {
		calls = append(calls, ask(findBudgets, scanInto(&bunstore.AttestationBudgets, &rows.Budgets), uuids(need.Budgets)))
	}
	if len(need.Turns) == 0 {
		return calls
	}
	agents, policies := make([]string, len(need.Turns)), make([]ledger.ID, len(need.Turns))
	for i, pair := range need.Turns {
		agents[i], policies[i] = pair.Agent.String(), ledger.ID(pair.Policy)
	}
	return append(calls, ask(findTurns, func(s scanner) error {
		turn, err := scanTurn(s)
		rows.Turns = append(rows.Turns, turn)
		return err
	}, agents, uuids(policies), need.Since))
}

func scanTurn(s scanner) (turn attestation.Turn, err error) {
	var agent, policy string
	var last *time.Time
	if err := s.Scan(&agent, &policy, &last, &turn.Handed); err != nil {
		return turn, err
	}
	turn.Last = instant(last)
	if turn.Agent, err = did.Parse(agent); err != nil {
		return turn, err
	}
	return turn, parseID((*ledger.ID)(&turn.Policy), policy)
}

// attestationChanges write what was attested, and what became of it.
func attestationChanges(c *store.Changes) (calls []call) {
	a := &c.Attestation
	calls = attestations.changeCall(calls, a.Changed) // one that failed makes room for another
	calls = attestations.insertCall(calls, a.Made)
	calls = attestationSteps.insertCall(calls, a.Steps)
	calls = budgets.insertCall(calls, a.NewBudgets)
	calls = budgets.changeCall(calls, a.Budgets)
	return circuits.insertCall(calls, a.Circuits)
}
