package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/agentvault/teg-layer/teg/tegbench"
)

// print writes what was measured, for people or for scripts.
func (f *benchFlags) print(w io.Writer, r *tegbench.Report) error {
	if f.asJSON {
		return f.printJSON(w, r)
	}
	fmt.Fprintf(w, "%s, %d clients, %d accounts, zipf %g, batches of %d, runs of %s, median of %d\n",
		r.Database, f.Clients, f.Accounts, f.Zipf, f.Batch, f.extent(), f.runs)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "\ttransfers/s\tp50\tp95\tp99\tgroup\tratio\t\n")
	for _, line := range []struct {
		name  string
		of    tegbench.Result
		ratio float64
	}{
		{"engine", r.Engine, 0},
		{"by hand, groups of the same size", r.CeilingMean, r.OfCeiling},
		{fmt.Sprintf("by hand, groups of %d", tegbench.FixedGroup), r.CeilingFix, r.OfFixedCeiling},
		{"engine, groups of one", r.Ones, r.OfOnes},
		{"engine, lone caller", r.LoneEngine, 0},
		{"by hand, lone caller", r.LoneByHand, r.OfLone},
	} {
		if line.of.Rate > 0 {
			printResult(table, line.name, line.of, line.ratio)
		}
	}
	if err := table.Flush(); err != nil || r.Sync == 0 {
		return err
	}
	_, err := fmt.Fprintf(w, "one commit waits %s for the disk\n", r.Sync.Round(time.Microsecond))
	return err
}

// extent says how much a run is.
func (f *benchFlags) extent() string {
	if f.Transfers == 0 {
		return f.Duration.String()
	}
	return fmt.Sprintf("%d transfers", f.Transfers)
}

// printResult writes a line; a ratio is the engine's rate by that of the line.
func printResult(w io.Writer, name string, r tegbench.Result, ratio float64) {
	group, share := "", ""
	if r.Group > 0 {
		group = fmt.Sprintf("%.1f", r.Group)
	}
	if ratio > 0 {
		share = fmt.Sprintf("%.2f", ratio)
	}
	fmt.Fprintf(w, "%s\t%.0f\t%s\t%s\t%s\t%s\t%s\t\n", name, r.Rate, short(r.P50), short(r.P95), short(r.P99), group, share)
}

func short(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

// resultJSON is a result as scripts read it.
type resultJSON struct {
	Rate  float64 `json:"transfers_per_second"`
	P50   float64 `json:"p50_ms"`
	P95   float64 `json:"p95_ms"`
	P99   float64 `json:"p99_ms"`
	Group float64 `json:"mean_group,omitempty"`
}

func (f *benchFlags) printJSON(w io.Writer, r *tegbench.Report) error {
	out := map[string]any{
		"database": r.Database, "clients": f.Clients, "accounts": f.Accounts, "zipf": f.Zipf, "batch": f.Batch,
		"transfers": r.Engine.Transfers, "runs": f.runs,
	}
	for name, of := range map[string]tegbench.Result{
		"engine": r.Engine, "by_hand": r.CeilingMean, "by_hand_500": r.CeilingFix, "groups_of_one": r.Ones,
		"lone_engine": r.LoneEngine, "lone_by_hand": r.LoneByHand,
	} {
		if of.Rate > 0 {
			out[name] = resultJSON{of.Rate, milliseconds(of.P50), milliseconds(of.P95), milliseconds(of.P99), of.Group}
		}
	}
	for name, of := range map[string]float64{
		"of_ceiling": r.OfCeiling, "of_ceiling_500": r.OfFixedCeiling, "of_groups_of_one": r.OfOnes,
		"of_lone_by_hand": r.OfLone, "fsync_ms": milliseconds(r.Sync),
	} {
		if of > 0 {
			out[name] = of
		}
	}
	return json.NewEncoder(w).Encode(out)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
