package teg_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// fieldsOf are the members of an event's body.
func fieldsOf(t *testing.T, body json.RawMessage) (fields map[string]json.RawMessage) {
	t.Helper()
	require.NoError(t, json.Unmarshal(body, &fields))
	return fields
}

// busy is an economy in which something of most kinds has happened between three agents.
func busy(c *conduct) (alice, bob, carol teg.DID) {
	t, agents := c.t, tegtest.FundMany(c.t, c.eng, 3, "1000")
	alice, bob, carol = agents[0], agents[1], agents[2]
	ctx := teg.WithRequestID(c.ctx, "a-request")
	paid, err := c.eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("5"), Reference: "invoice-1", Message: "for advice"})
	require.NoError(t, err)
	_, err = c.eng.Signal(ctx, teg.SignalParams{By: alice, TransactionID: paid.TransactionID, Value: -1})
	require.NoError(t, err)
	held, err := c.eng.Hold(ctx, teg.HoldParams{From: bob, To: carol, Amount: teg.AVT("2"), Purpose: "a deposit"})
	require.NoError(t, err)
	_, err = c.eng.Void(ctx, teg.VoidParams{By: carol, HoldID: held.HoldID})
	require.NoError(t, err)
	_, err = c.eng.RaiseFlag(ctx, teg.RaiseFlagParams{By: tegtest.Admin, Agent: bob, Code: "ODD", Reason: "it looks odd", Severity: teg.SeverityLow})
	require.NoError(t, err)
	_, err = c.eng.SuspendAgent(ctx, teg.StandingParams{By: tegtest.Admin, Agent: carol, Reason: "spam"})
	require.NoError(t, err)
	_, err = c.eng.ReactivateAgent(ctx, teg.StandingParams{By: tegtest.Admin, Agent: carol, Reason: "an internal reason"})
	require.NoError(t, err)
	_, err = c.eng.ReportOutcome(ctx, teg.OutcomeParams{By: alice, AVTP: "work-1", Initiator: alice, Responder: bob, Outcome: teg.OutcomeFailureProvider})
	require.NoError(t, err)
	_, err = c.eng.RaiseDispute(ctx, teg.RaiseDisputeParams{By: alice, Defendant: bob, TransactionID: paid.TransactionID, Reason: "NOT_DELIVERED", Description: "nothing came"})
	require.NoError(t, err)
	return alice, bob, carol
}

func (c *conduct) seen(filter teg.EventFilter) (list []teg.AuditLogEntry) {
	filter.ToEnd = true
	for entry, err := range c.eng.Events(c.ctx, 0, filter) {
		require.NoError(c.t, err)
		list = append(list, entry)
	}
	return list
}

func actionsOf(list []teg.AuditLogEntry) (actions []string) {
	for _, entry := range list {
		actions = append(actions, entry.Action)
	}
	return actions
}

// An agent sees what it is a party to, and of that what it may know.
func TestEventsOfAnAgent(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t := c.t
		alice, bob, carol := busy(c)
		require.Equal(t, []string{"issue", "transfer", "signal", "report_outcome", "raise_dispute"}, without(actionsOf(c.seen(teg.EventFilter{Viewer: alice})), "register_agent"))
		require.Equal(t, []string{"issue", "transfer", "signal", "hold", "void", "raise_dispute"}, without(actionsOf(c.seen(teg.EventFilter{Viewer: bob})), "register_agent"))
		require.Equal(t, []string{"issue", "hold", "void", "suspend_agent", "reactivate_agent"}, without(actionsOf(c.seen(teg.EventFilter{Viewer: carol})), "register_agent"))
		about := actionsOf(c.seen(teg.EventFilter{Agent: bob}))
		require.Contains(t, about, "raise_flag", "who oversees sees all that is about an agent")
		require.Contains(t, about, "report_outcome")

		whole := map[int64]map[string]json.RawMessage{}
		for _, entry := range c.seen(teg.EventFilter{}) {
			whole[entry.Position] = fieldsOf(t, entry.Body)
		}
		for _, viewer := range []teg.DID{alice, bob, carol, tegtest.Admin} {
			for _, entry := range c.seen(teg.EventFilter{Viewer: viewer}) {
				for name, value := range fieldsOf(t, entry.Body) {
					require.Contains(t, teg.Shown(entry.Action), name)
					require.Equal(t, string(whole[entry.Position][name]), string(value))
				}
				require.NotContains(t, string(entry.Body), tegtest.Admin.String(), "who decided for the platform is not told")
				require.NotContains(t, string(entry.Body), "private")
				acted := string(whole[entry.Position]["actor"]) == strconv.Quote(viewer.String())
				require.Equal(t, acted, entry.RequestID != "", "%s of %s", entry.Action, viewer)
				require.True(t, entry.Actor.IsZero() || entry.Actor == alice || entry.Actor == bob || entry.Actor == carol)
			}
		}
		paid := map[teg.DID]bool{alice: true, bob: false} // whose reference it is
		for viewer, own := range paid {
			entry := c.seen(teg.EventFilter{Viewer: viewer, Actions: []string{"transfer"}})[0]
			require.Equal(t, own, strings.Contains(string(entry.Body), "invoice-1"))
			require.Equal(t, alice, entry.Actor)
			require.Len(t, entry.IDs, 1)
		}
		back := c.seen(teg.EventFilter{Viewer: carol, Actions: []string{"reactivate_agent"}})[0]
		require.NotContains(t, string(back.Body), "internal")
	})
}

func without(list []string, one string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == one })
}

// Whoever adds an action decides who may see its events.
func TestEveryActionHasAnAudience(t *testing.T) {
	known := teg.EventActions()
	never := []string{"transfer_batch", "expire_holds", "run_reward_cycle", "release_unbonding"} // acts whose events are called otherwise
	for verb := store.VerbTransfer; verb.Valid(); verb++ {
		if !slices.Contains(never, verb.String()) {
			require.Contains(t, known, verb.String())
		}
	}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	found := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(tree, func(n ast.Node) bool {
			pair, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			key, _ := pair.Key.(*ast.Ident)
			value, literal := pair.Value.(*ast.BasicLit)
			if key != nil && key.Name == "action" && literal {
				action, err := strconv.Unquote(value.Value)
				require.NoError(t, err)
				require.Contains(t, known, action, name)
				found++
			}
			return true
		})
	}
	require.Greater(t, found, 10)
}
