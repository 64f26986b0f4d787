package server_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// ranked makes agents of an age each, with these scores.
func ranked(m *market, scores ...int) []teg.DID {
	m.t.Helper()
	agents := make([]teg.DID, len(scores))
	for i, score := range scores {
		agents[i] = tegtest.Fund(m.t, m.engine, fmt.Sprint("did:example:r", i), "0")
		for range max(score, -score) {
			m.say(m.aliceToken, agents[i], max(-1, min(1, score)))
		}
	}
	return agents
}

func TestRankings(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		ranked(m, 2, 1, -1, 2, 0)
		all := m.get("/reputation/rankings", "").is(200, "")
		require.Equal(t, []int{7, 7, 100, 0}, []int{number(t, all.at("total_agents")), number(t, all.at("total")), number(t, all.at("limit")), number(t, all.at("offset"))})
		require.Nil(t, all.at("next_cursor"))
		for i, want := range []struct {
			rank  string
			agent string
			score int
		}{{"1", "r0", 2}, {"1", "r3", 2}, {"3", "r1", 1}, {"4", "alice", 0}, {"4", "bob", 0}, {"4", "r4", 0}, {"7", "r2", -1}} {
			row := all.at("rankings", i).(map[string]any)
			require.Equal(t, []string{want.rank, "did:example:" + want.agent, fmt.Sprint(want.score), "new"},
				[]string{fmt.Sprint(row["rank"]), row["agent_id"].(string), fmt.Sprint(row["reputation_score"]), row["reputation_tier"].(string)}, i)
			require.Len(t, row, 6)
			require.Equal(t, want.agent == "bob" || want.agent == "r4", row["trust_score"] == nil, "of whom no signal tells nothing is known")
		}
		require.Equal(t, json.Number("2"), all.at("rankings", 0, "total_transactions"))
		require.NotContains(t, all.text, "agentvault", "system accounts have no rank")
		require.Equal(t, all.text, m.get("/reputation/rankings?sort=reputation", m.bobToken).text, "everybody sees the same")
		require.Equal(t, []any{}, m.get("/reputation/rankings?offset=7", "").is(200, "").at("rankings"))
		for i := range 7 {
			one := m.get(fmt.Sprintf("/reputation/rankings?limit=1&offset=%d", i), "").is(200, "")
			require.Equal(t, all.at("rankings", i), one.at("rankings", 0))
		}
		for _, sort := range []string{"", "&sort=trust"} {
			pages := m.everyRanking(sort)
			whole := m.get("/reputation/rankings?limit=1000"+sort, "").is(200, "")
			require.Equal(t, whole.at("rankings"), pages, sort)
		}
	})
}

// everyRanking follows the cursors.
func (m *market) everyRanking(sort string) []any {
	m.t.Helper()
	var rows []any
	for next := "/reputation/rankings?limit=2" + sort; ; {
		page := m.get(next, "").is(200, "")
		rows = append(rows, page.at("rankings").([]any)...)
		require.NotNil(m.t, page.at("total_agents"))
		cursor, more := page.at("next_cursor").(string)
		if !more {
			return rows
		}
		next = "/reputation/rankings?limit=2" + sort + "&cursor=" + url.QueryEscape(cursor)
		if len(rows) > 2 {
			require.Nil(m.t, page.at("total"), "depth costs nothing")
		}
	}
}

// By trust only those are ranked of whom something is known.
func TestRankingsByTrust(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		agents := ranked(m, 0, -1, 1)
		by := m.get("/reputation/rankings?sort=trust", "").is(200, "")
		require.Equal(t, []int{3, 3}, []int{number(t, by.at("total_agents")), number(t, by.at("total"))})
		last, seen := 1.0, map[any]any{}
		for i := range 3 {
			seen[by.at("rankings", i, "agent_id")] = by.at("rankings", i, "reputation_score")
			trust, err := by.at("rankings", i, "trust_score").(json.Number).Float64()
			require.NoError(t, err)
			require.LessOrEqual(t, trust, last)
			last = trust
		}
		require.Equal(t, map[any]any{"did:example:alice": json.Number("0"), agents[1].String(): json.Number("-1"), agents[2].String(): json.Number("1")}, seen)
		one := m.get("/reputation/rankings?sort=trust&limit=1", "").is(200, "")
		cursor := "cursor=" + url.QueryEscape(one.at("next_cursor").(string))
		second := m.get("/reputation/rankings?sort=trust&include_total=true&"+cursor, "").is(200, "")
		require.Equal(t, []any{by.at("rankings", 1), "3"}, []any{second.at("rankings", 0), fmt.Sprint(second.at("total"))})
		require.Equal(t, []string{"cursor"}, m.get("/reputation/rankings?"+cursor, "").is(422, "VALIDATION_INVALID_INPUT").faults())
		m.get("/reputation/rankings?sort=trust&offset=1&"+cursor, "").is(422, "VALIDATION_INVALID_INPUT")
	})
}
