package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/teg"
)

func newVerify() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "verify", Short: "Prove the books", Args: noArgs,
		Long: "Proves every invariant of the economy from its entries alone, and may run\n" +
			"beside a server: the log's tree and all checkpoints of it, too. A file of SQLite is read\n" +
			"whole after that, its indexes too. Exit code 1 when one is broken, with a line for each finding.",
		RunE: func(cmd *cobra.Command, _ []string) error { return verify(cmd, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	addSettings(cmd, "DATABASE_URL", "TEG_SYSTEM_TREASURY_DID")
	return cmd
}

func verify(cmd *cobra.Command, asJSON bool) error {
	c, err := loadWithoutTokens(cmd)
	if err != nil {
		return err
	}
	b, err := openBooks(cmd.Context(), unasked(c), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	report, err := b.prove(cmd.Context())
	if err == nil || errors.Is(err, teg.ErrBroken) {
		print := printReport
		if asJSON {
			print = printReportJSON
		}
		err = errors.Join(verdict(&report, err), print(cmd.OutOrStdout(), &report))
	}
	return errors.Join(err, b.Close())
}

// prove proves the books and, where they hold, that the rest of a file of SQLite is sound: an
// index that has lost a row is not looked at by who reads the table.
func (b *books) prove(ctx context.Context) (teg.Report, error) {
	report, err := b.Verify(ctx)
	if st, one := b.store.(keeper); one && err == nil {
		err = st.Sound(ctx)
	}
	return report, err
}

// verdict leaves the findings, which are printed, out of the error.
func verdict(r *teg.Report, err error) error {
	if err == nil {
		return nil
	}
	count := fmt.Sprint(len(r.Findings))
	if r.FindingsCut {
		count = "more than " + count
	}
	return fmt.Errorf("%w: %s findings; stop the server, keep the database as it is, and restore a backup that verifies", teg.ErrBroken, count)
}

func printReport(w io.Writer, r *teg.Report) error {
	for _, f := range r.Findings {
		if _, err := fmt.Fprintln(w, f); err != nil {
			return err
		}
	}
	verdict := "the books hold"
	if len(r.Findings) > 0 {
		verdict = "THE BOOKS DO NOT HOLD"
	}
	_, err := fmt.Fprintf(w, "%s: %d accounts, %d entries, %d transactions, %d holds, %d events, %d changes of scores, %d checkpoints, %d keys; supply %s AVT; %s\n",
		verdict, r.Accounts, r.Entries, r.Transactions, r.Holds, r.Events, r.ScoreEvents, r.Checkpoints, r.Records, r.Supply, r.Took.Round(time.Millisecond))
	if err == nil && r.Archived > 0 {
		_, err = fmt.Fprintf(w, "the first %d events are archived: what they told was added up then; prove it with: teg log check --archive DIR\n", r.Archived)
	}
	if err == nil && r.Busy {
		_, err = fmt.Fprintln(w, "others wrote meanwhile: the sums of fees and events were not compared")
	}
	return err
}

// reportJSON is the report as scripts read it.
type reportJSON struct {
	OK           bool          `json:"ok"`
	Accounts     int64         `json:"accounts"`
	Entries      int64         `json:"entries"`
	Transactions int64         `json:"transactions"`
	Holds        int64         `json:"holds"`
	Events       int64         `json:"events"`
	Archived     int64         `json:"archived"`
	ScoreChanges int64         `json:"score_changes"`
	Checkpoints  int64         `json:"checkpoints"`
	Keys         int64         `json:"keys"`
	Supply       teg.Amount    `json:"supply"`
	Busy         bool          `json:"busy"`
	Seconds      float64       `json:"seconds"`
	Findings     []findingJSON `json:"findings"`
	FindingsCut  bool          `json:"findings_cut"`
}

type findingJSON struct {
	Invariant string `json:"invariant"`
	Where     string `json:"where"`
	Problem   string `json:"problem"`
}

func printReportJSON(w io.Writer, r *teg.Report) error {
	out := reportJSON{
		OK: len(r.Findings) == 0, Accounts: r.Accounts, Entries: r.Entries, Transactions: r.Transactions, Holds: r.Holds,
		Events: r.Events, Archived: r.Archived, ScoreChanges: r.ScoreEvents, Checkpoints: r.Checkpoints, Keys: r.Records, Supply: r.Supply, Busy: r.Busy, Seconds: r.Took.Seconds(),
		Findings: []findingJSON{}, FindingsCut: r.FindingsCut,
	}
	for _, f := range r.Findings {
		out.Findings = append(out.Findings, findingJSON(f))
	}
	return json.NewEncoder(w).Encode(out)
}
