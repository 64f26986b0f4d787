package teg_test

import (
	"math/big"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/teg"
)

func (m *machine) register(rt *rapid.T, agent teg.DID) {
	want := ""
	switch {
	case m.model.admit(agent.String()) != "":
		want = m.model.admit(agent.String())
	case m.model.agents[agent.String()] != nil:
		want = "BIZ_ALREADY_EXISTS"
	default:
		m.model.agents[agent.String()] = &modelAgent{available: new(big.Rat), locked: new(big.Rat)}
	}
	_, err := m.engine.RegisterAgent(m.ctx, teg.RegisterParams{Agent: agent})
	require.Equal(rt, want, teg.CodeOf(err))
}

func (m *machine) suspend(rt *rapid.T) {
	agent, days := m.anyone(rt), rapid.IntRange(0, 2).Draw(rt, "days")
	duration := time.Duration(days) * 24 * time.Hour
	a, want := m.model.agents[agent.String()], ""
	switch {
	case a == nil:
		want = "BIZ_ENTITY_NOT_FOUND"
	case a.deactivated:
		want = "BIZ_INVALID_STATE"
	default:
		a.suspended, a.until = true, time.Time{}
		if days > 0 {
			a.until = m.model.now.Add(duration)
		}
	}
	_, err := m.engine.SuspendAgent(m.ctx, teg.StandingParams{By: m.admin, Agent: agent, Reason: "model", Duration: duration})
	require.Equal(rt, want, teg.CodeOf(err), "%v", err)
}

func (m *machine) reactivate(rt *rapid.T) {
	agent := m.anyone(rt)
	a, want := m.model.agents[agent.String()], ""
	switch {
	case a == nil:
		want = "BIZ_ENTITY_NOT_FOUND"
	case !a.suspended:
		want = "BIZ_INVALID_STATE"
	default:
		a.suspended = false
	}
	_, err := m.engine.ReactivateAgent(m.ctx, teg.StandingParams{By: m.admin, Agent: agent})
	require.Equal(rt, want, teg.CodeOf(err), "%v", err)
}

// deactivate is rare: whoever has something cannot be deactivated.
func (m *machine) deactivate(rt *rapid.T) {
	agent := m.anyone(rt)
	a := m.model.agents[agent.String()]
	want := m.model.admit(agent.String())
	switch {
	case want != "":
	case a == nil:
		want = "BIZ_ENTITY_NOT_FOUND"
	case a.available.Sign() != 0 || a.locked.Sign() != 0:
		want = "BIZ_INVALID_STATE"
	default:
		a.deactivated = true
	}
	_, err := m.engine.DeactivateAgent(m.ctx, teg.StandingParams{Agent: agent})
	require.Equal(rt, want, teg.CodeOf(err), "%v", err)
}
