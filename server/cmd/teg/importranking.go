package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"

	"github.com/agentvault/teg-layer/server/ratings"
	"github.com/agentvault/teg-layer/teg"
)

// extremes are the agents at both ends of a ranking.
type extremes struct{ best, last []teg.Ranking }

// printRankings shows the best and the last agents by each of the two scores, and
// where the two disagree.
func printRankings(ctx context.Context, w io.Writer, engine *teg.Engine, top int) error {
	byScore, err := ends(ctx, engine, false, top)
	if err != nil {
		return err
	}
	byTrust, err := ends(ctx, engine, true, top)
	if err != nil {
		return err
	}
	compared, err := compare(ctx, engine)
	if err != nil {
		return err
	}
	return errors.Join(
		printRanked(w, "The best", byScore.best, byTrust.best),
		printRanked(w, "The last, from the end", byScore.last, byTrust.last),
		printAgreement(w, compared, byScore, byTrust),
		printApart(w, compared, (top+1)/2),
	)
}

// ends reads the best agents by a score, and the last, the last of all first.
// Nobody is in both.
func ends(ctx context.Context, engine *teg.Engine, byTrust bool, n int) (e extremes, err error) {
	page, err := engine.Rankings(ctx, teg.RankingsQuery{ByTrust: byTrust, Limit: n})
	if err != nil {
		return e, err
	}
	e.best = page.Rankings
	from := max(page.Agents-int64(n), int64(len(e.best)))
	page, err = engine.Rankings(ctx, teg.RankingsQuery{ByTrust: byTrust, Limit: n, Offset: from})
	e.last = page.Rankings
	slices.Reverse(e.last)
	return e, err
}

// compare reads all agents that have both scores.
func compare(ctx context.Context, engine *teg.Engine) (ratings.Comparison, error) {
	var scored []ratings.Scored
	q := teg.RankingsQuery{Limit: teg.MaxLimit}
	for {
		page, err := engine.Rankings(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Rankings {
			if r.Trust != nil {
				scored = append(scored, ratings.Scored{Agent: r.Agent, Score: r.Score, Trust: *r.Trust})
			}
		}
		if q.Cursor = page.NextCursor; q.Cursor == "" {
			return ratings.Compare(scored), nil
		}
	}
}

// printRanked sets those by score and those by trust side by side.
func printRanked(w io.Writer, title string, byScore, byTrust []teg.Ranking) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "\n%s\n", title)
	fmt.Fprintln(table, "by score\tagent\tscore\ttrust\t|  by trust\tagent\ttrust\tscore")
	for i := range max(len(byScore), len(byTrust)) {
		left, right := "\t\t\t", "\t\t\t"
		if i < len(byScore) {
			r := &byScore[i]
			left = fmt.Sprintf("%d\t%s\t%d\t%s", r.Rank, r.Agent, r.Score, trustText(r.Trust))
		}
		if i < len(byTrust) {
			r := &byTrust[i]
			right = fmt.Sprintf("%d\t%s\t%s\t%d", r.Rank, r.Agent, trustText(r.Trust), r.Score)
		}
		fmt.Fprintf(table, "%s\t|  %s\n", left, right)
	}
	return table.Flush()
}

func trustText(trust *float64) string {
	if trust == nil {
		return "unknown"
	}
	return fmt.Sprintf("%.4f", *trust)
}

// printAgreement tells how far the two scores say the same.
func printAgreement(w io.Writer, c ratings.Comparison, byScore, byTrust extremes) error {
	correlation := "none"
	if r := c.Correlation(); !math.IsNaN(r) {
		correlation = fmt.Sprintf("%.3f", r)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "\nagents with both scores\t%d\n", len(c))
	fmt.Fprintf(table, "rank correlation (Spearman)\t%s\n", correlation)
	fmt.Fprintf(table, "among the best by both\t%d of %d\n", shared(byScore.best, byTrust.best), len(byScore.best))
	fmt.Fprintf(table, "among the last by both\t%d of %d\n", shared(byScore.last, byTrust.last), len(byScore.last))
	return table.Flush()
}

// shared is how many agents are in both lists.
func shared(a, b []teg.Ranking) (both int) {
	for i := range a {
		if slices.ContainsFunc(b, func(r teg.Ranking) bool { return r.Agent == a[i].Agent }) {
			both++
		}
	}
	return both
}

// printApart lists the agents whose places by the two scores are furthest apart.
// Those who are equal share the middle of their places.
func printApart(w io.Writer, c ratings.Comparison, n int) error {
	byScore, byTrust := c.Apart(n)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, part := range []struct {
		title  string
		agents ratings.Comparison
	}{{"Higher by score than by trust", byScore}, {"Higher by trust than by score", byTrust}} {
		fmt.Fprintf(table, "\n%s\nagent\tscore\tplace\ttrust\tplace\n", part.title)
		for i := range part.agents {
			a := &part.agents[i]
			fmt.Fprintf(table, "%s\t%d\t%.1f\t%.4f\t%.1f\n", a.Agent, a.Score, a.ByScore, a.Trust, a.ByTrust)
		}
	}
	return table.Flush()
}
