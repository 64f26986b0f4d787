package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
)

// asked keeps the statements of questions.
type asked struct{ statements []string }

func (a *asked) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (a *asked) AfterQuery(_ context.Context, event *bun.QueryEvent) {
	a.statements = append(a.statements, event.Query)
}

// Most agents have no score, and one may have most of the events: a page seeks its
// place among them, and looks nothing up of those it skips.
func TestConductIsReadByItsIndexes(t *testing.T) {
	const agents, events = 20_000, 20_000
	st := storetest.OpenNewPostgres(t)
	var a asked
	r := bunstore.NewReader(st.DB().WithQueryHook(&a), bunstore.Postgres, func(err error) error { return err })
	manyOf(t, st, agents, events)
	who, newest := did.MustParse("did:test:7"), time.Now().Add(-time.Hour)
	for _, c := range []struct {
		name string
		ask  func() error
		rows []int    // that the statements find
		uses []string // what the first of them must do
	}{
		{"first page", ranking(r, reputation.RankingQuery{}), []int{10, 1, 1}, []string{"Index Cond: (reputation_score <= 1000)"}},
		{"far page", ranking(r, reputation.RankingQuery{Below: &reputation.Score{Agent: agents / 2}}), []int{10, 1, 1},
			[]string{"Index Cond: ((reputation_score = ANY ('{0}'::integer[])) AND (account_id > 10000))"}},
		{"last page", ranking(r, reputation.RankingQuery{Below: &reputation.Score{Agent: agents}}), []int{0, 0, 1, 1}, nil},
		{"skipped", ranking(r, reputation.RankingQuery{Offset: agents - 100}), []int{1, 10}, nil},
		{"one score", func() error { _, _, err := r.PlaceOf(background, who); return err }, []int{1, 1, 1}, []string{"agent_teg_profiles_pkey"}},
		{"scores", func() error { _, err := r.ScoresOf(background, who); return err }, []int{1}, []string{"agent_teg_profiles_pkey"}},
		{"history", scoreEvents(r, reputation.EventQuery{}), []int{10}, []string{"reputation_events_pkey"}},
		{"latest history", scoreEvents(r, reputation.EventQuery{From: newest}), []int{5}, []string{"reputation_events_at"}},
		{"older history", scoreEvents(r, reputation.EventQuery{Below: 100}), []int{10}, []string{"(seq < 100)"}},
		{"signals", func() error { _, err := r.Signals(background, ledger.TransactionID{1}); return err }, []int{0}, []string{"reputation_events_signal"}},
		{"audit of events", func() error { _, err := r.AuditScoreEvents(background, 1, 1, 10); return err }, []int{10}, []string{"reputation_events_pkey"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a.statements = nil
			require.NoError(t, c.ask())
			require.Len(t, a.statements, len(c.rows))
			for i, statement := range a.statements {
				plan := explained(t, st, statement)
				require.Contains(t, plan[0], fmt.Sprintf("(actual rows=%d ", c.rows[i]), statement)
				requireSeeks(t, plan, statement)
				if i == 0 {
					for _, index := range c.uses {
						require.Contains(t, strings.Join(plan, "\n"), index)
					}
				}
			}
		})
	}
}

var background = context.Background()

func ranking(r store.Reader, q reputation.RankingQuery) func() error {
	q.Limit = 10
	return func() error { _, _, err := r.Ranking(background, q); return err }
}

func scoreEvents(r store.Reader, q reputation.EventQuery) func() error {
	q.Agent, q.Limit = 1, 10
	return func() error { _, _, err := r.ScoreEvents(background, q); return err }
}

// manyOf makes agents without a score, and gives the first many events, a minute
// after the other but for the five newest.
func manyOf(t *testing.T, st *postgres.Store, agents, events int) {
	t.Helper()
	for _, statement := range []string{
		`INSERT INTO accounts (id, owner, kind, stripe, balance, seq, status) SELECT n, 'did:test:' || n, 1, 0, 0, 0, 1 FROM generate_series(1, ?0) AS n`,
		`INSERT INTO agent_teg_profiles (did, account_id, locked_id, origin, created_at) SELECT 'did:test:' || n, n, 1000000 + n, 1, now() FROM generate_series(1, ?0) AS n`,
		`INSERT INTO reputation_histogram (score, stripe, agents) VALUES (0, 1, ?0)`,
		`INSERT INTO reputation_events SELECT 1, n, 1, 0, 0, 1, 2, 0, gen_random_uuid(), gen_random_uuid(),
			now() - make_interval(days => CASE WHEN n > ?1 - 5 THEN 0 ELSE 1 END, mins => ?1 - n::int) FROM generate_series(1, ?1) AS n`,
		`ANALYZE accounts, agent_teg_profiles, reputation_histogram, reputation_events`,
	} {
		_, err := st.DB().ExecContext(background, statement, agents, events)
		require.NoError(t, err)
	}
}

func explained(t *testing.T, st *postgres.Store, statement string) (plan []string) {
	t.Helper()
	require.NoError(t, st.DB().NewRaw(`EXPLAIN (ANALYZE, TIMING OFF) `+statement).Scan(background, &plan))
	return plan
}

// requireSeeks fails where what is not wanted was read. The counts of agents are
// few, and summed up whole.
func requireSeeks(t *testing.T, plan []string, statement string) {
	t.Helper()
	for _, line := range plan {
		require.NotContains(t, line, "Rows Removed by Filter", statement)
		if strings.Contains(line, "Seq Scan") {
			require.Contains(t, line, "reputation_histogram", statement)
		}
		if strings.Contains(line, "accounts") && strings.Contains(line, "loops=") {
			require.Regexp(t, `loops=([0-9]|10)\)`, line, "what is skipped is not looked up: "+statement)
		}
	}
}
