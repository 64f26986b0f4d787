package teg_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Of every verb a dry run answers what the verb itself then answers, but for ids,
// also where it is refused and where the key is known; and it leaves every row of
// every table as it was.
func TestDryRun(t *testing.T) {
	t.Parallel()
	const few = 12 // in one world: all its rows are read four times for each
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		for part := range slices.Chunk(slices.Concat(acts, onlyDry, repeatedBootstraps, refused, refusedStakes, refusedAttestations, refusedDisputes, refusedDebtors, refusedBootstraps, refusedWebhooks), few) {
			w := newWorld(t, open(t))
			for _, a := range part {
				if !a.unasked {
					w.tried(t, a)
				}
			}
		}
	})
}

// tried asks what a verb would do, and lets it, twice.
func (w *world) tried(t *testing.T, a doing) {
	s := w.scene(a.prepare)
	undone := s.effect()
	for _, turn := range []string{"first", "again"} {
		name, rows := a.name+", "+turn, func() string { return everyRow(t, w.store) }
		if _, onPostgres := w.store.(*postgres.Store); turn == "again" && (onPostgres || testing.Short()) {
			// It takes longest, and here a key is known, or the verb refused, and nothing is written.
			rows = func() string { return "" }
		}
		before := rows()
		s.dry = true
		would := answerOf(a.act(limited(t), s))
		require.Equal(t, before, rows(), name)
		s.dry = false
		receipt, err := a.act(limited(t), s)
		require.Equal(t, answerOf(receipt, err), would, name)
		if turn == "first" {
			require.ErrorIs(t, err, a.refusal, name)
		}
	}
	require.NotEqual(t, a.refusal == nil, s.effect() == undone, "%s: either it is refused, or it does something", a.name)
}

// answerOf is an answer in words, without what is new in each: ids, and secrets, of which
// a dry run makes none.
func answerOf(receipt any, err error) string {
	text := fmt.Sprintf("%+v, %v, %s, replayed %t", receipt, err, teg.CodeOf(err), teg.Replayed(err))
	return regexp.MustCompile(`_[0-9a-f]{32}`).ReplaceAllString(regexp.MustCompile(`tegboot_[0-9A-Za-z_-]{43}|whsec_[0-9a-z_.]*`).ReplaceAllString(text, ""), "_id")
}

// everyRow is all that a database holds, asked for in one question: there are many tables.
func everyRow(t *testing.T, st store.Store) string {
	t.Helper()
	tx, _ := hostOf(t, st, nil)
	defer tx.Rollback()
	ask := func(question string) (found []string) {
		rows, err := tx.QueryContext(context.Background(), question)
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var line string
			require.NoError(t, rows.Scan(&line))
			found = append(found, line)
		}
		require.NoError(t, rows.Err())
		return found
	}
	questions := `SELECT 'SELECT ' || quote(m.name) || ' || '' '' || ' || (SELECT group_concat('quote("' || c.name || '")', ' || '' '' || ') FROM pragma_table_info(m.name) AS c) ||
		' FROM "' || m.name || '"' FROM sqlite_master AS m WHERE type = 'table' ORDER BY m.name`
	if _, ok := st.(*postgres.Store); ok {
		questions = `SELECT format('SELECT %L || t::text FROM %I AS t', tablename || ' ', tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`
	}
	rows := ask(strings.Join(ask(questions), " UNION ALL "))
	slices.Sort(rows) // they may come in any order
	return strings.Join(rows, "\n")
}

// onlyDry are verbs that can be repeated without a key.
var onlyDry = []doing{
	{name: "suspend", act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.SuspendAgent(ctx, teg.StandingParams{DryRun: s.dry, Agent: s.alice, By: tegtest.Admin, Reason: "x"})
	}},
}

// refused are the verbs where each is refused.
var refused = []doing{
	{name: "transfer by one who is suspended", refusal: teg.ErrSuspended, prepare: (*scene).suspend, act: moneyActs[0].act},
	{name: "transfer to the system beyond the balance", refusal: teg.ErrInsufficientBalance, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.TransferToSystem(ctx, teg.SystemTransferParams{DryRun: s.dry, From: s.alice, Amount: teg.AVT("1000"), Key: "k"})
	}},
	{name: "atomic batch", refusal: teg.ErrInsufficientBalance, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.TransferBatch(ctx, teg.BatchParams{DryRun: s.dry, From: s.alice, Key: "k", Atomic: true, Transfers: []teg.BatchTransfer{
			{To: s.bob, Amount: teg.AVT("1")}, {To: s.bob, Amount: teg.AVT("1000")}}})
	}},
	{name: "refund of more than was paid", refusal: teg.ErrInvalidInput, prepare: (*scene).pay, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Refund(ctx, teg.RefundParams{DryRun: s.dry, By: s.bob, TransactionID: s.paid, Amount: teg.AVT("11"), Key: "k"})
	}},
	{name: "hold beyond the balance", refusal: teg.ErrInsufficientBalance, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Hold(ctx, teg.HoldParams{DryRun: s.dry, From: s.alice, To: s.bob, Amount: teg.AVT("1000"), Key: "k"})
	}},
	{name: "capture by the receiver", refusal: teg.ErrForbidden, prepare: (*scene).setAside, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Capture(ctx, teg.CaptureParams{DryRun: s.dry, By: s.bob, HoldID: s.hold, Key: "k"})
	}},
	{name: "void of nothing", refusal: teg.ErrNotFound, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Void(ctx, teg.VoidParams{DryRun: s.dry, By: s.bob, HoldID: s.hold, Key: "k"})
	}},
	{name: "issue to a system account", refusal: teg.ErrNotFound, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Issue(ctx, teg.IssueParams{DryRun: s.dry, By: tegtest.Admin, To: teg.RewardsDID, Amount: teg.AVT("7"), Reason: "x", Key: "k" + s.carol.String()})
	}},
	{name: "burn of more than there is", refusal: teg.ErrInsufficientBalance, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Burn(ctx, teg.BurnParams{DryRun: s.dry, By: tegtest.Admin, Amount: teg.AVT("99999999"), Reason: "x", Key: "k" + s.carol.String()})
	}},
	{name: "adjust beyond the balance", refusal: teg.ErrInsufficientBalance, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.Adjust(ctx, teg.AdjustParams{DryRun: s.dry, By: tegtest.Admin, From: s.alice, To: s.bob, Amount: teg.AVT("1000"), Reason: "x", Key: "k" + s.carol.String()})
	}},
	{name: "register twice", refusal: teg.ErrAlreadyExists, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.RegisterAgent(ctx, teg.RegisterParams{DryRun: s.dry, Agent: s.alice, Grant: teg.AVT("20")})
	}},
	{name: "suspend nobody", refusal: teg.ErrNotFound, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.SuspendAgent(ctx, teg.StandingParams{DryRun: s.dry, Agent: s.carol, By: tegtest.Admin, Reason: "x"})
	}},
	{name: "reactivate one who is active", refusal: teg.ErrInvalidState, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.ReactivateAgent(ctx, teg.StandingParams{DryRun: s.dry, Agent: s.alice, By: tegtest.Admin})
	}},
	{name: "deactivate one who has something", refusal: teg.ErrInvalidState, act: func(ctx context.Context, s *scene) (any, error) {
		return s.eng.DeactivateAgent(ctx, teg.StandingParams{DryRun: s.dry, Agent: s.alice, By: tegtest.Admin})
	}},
}
