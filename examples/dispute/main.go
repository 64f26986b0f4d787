// Command dispute tells the story of a quarrel: Alice sets a price aside for Bob, who
// delivers nothing. She files a dispute, agents who were drawn by their stakes judge it in
// secret, and the engine carries out what they decide.
//
// With IPFS_API_URL, such as http://127.0.0.1:5001, Alice's evidence lies on that node,
// where the engine has it fetched, proved and kept. Without it the dispute has a pointer
// that nobody has followed.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/ipfs"
)

func main() {
	if err := run(context.Background(), "teg-dispute.db", os.Getenv("IPFS_API_URL"), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

var (
	admin, alice, bob = teg.Agent("did:example:admin"), teg.Agent("did:example:alice"), teg.Agent("did:example:bob")
	jurors            = []teg.DID{
		teg.Agent("did:example:juror-1"), teg.Agent("did:example:juror-2"), teg.Agent("did:example:juror-3"),
		teg.Agent("did:example:juror-4"), teg.Agent("did:example:juror-5"),
	}
)

// run tells the story over a database; node is the address of an IPFS node, or empty.
func run(ctx context.Context, file, node string, out io.Writer) error {
	st, err := sqlite.Open(ctx, file)
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Migrate(ctx); err != nil {
		return err
	}
	days := &calendar{}
	config, err := configuration(node, days)
	if err != nil {
		return err
	}
	eng, err := teg.New(ctx, st, config)
	if err != nil {
		return err
	}
	defer eng.Close()
	s := &story{eng: eng, days: days, node: node, out: out}
	if err := s.tell(ctx); err != nil {
		return err
	}
	_, err = eng.Verify(ctx)
	return err
}

// configuration is that of a market in which agents judge.
func configuration(node string, days *calendar) (teg.Config, error) {
	disputes, panels := teg.DefaultDisputeTerms(), teg.DefaultPanelTerms()
	disputes.FilingFee, disputes.Bond = teg.AVT("1"), teg.AVT("5") // who files means it
	panels.MinReputation = 0                                       // of the default 50 nobody has any yet
	c := teg.Config{
		Disputes: &disputes, Panel: &panels, Clock: days.Now,
		IdempotencyTTL: 365 * 24 * time.Hour, // days pass quickly here, and each key is to act once
	}
	if node == "" {
		return c, nil
	}
	store, err := ipfs.New(ipfs.Config{API: node})
	if err != nil {
		return c, err
	}
	c.Evidence = store
	return c, nil
}

// tell has the dispute take its way, unless it has ended in a run before, and shows what
// became of everybody.
func (s *story) tell(ctx context.Context) error {
	if err := s.populate(ctx); err != nil {
		return err
	}
	if err := s.hire(ctx); err != nil {
		return err
	}
	filed, err := s.file(ctx)
	if err != nil {
		return err
	}
	now, err := s.eng.Dispute(ctx, alice, filed.ID)
	if err != nil {
		return err
	}
	if now.Status.Open() {
		if err := s.proceed(ctx, filed); err != nil {
			return err
		}
	}
	return s.end(ctx, filed.ID)
}

// proceed takes a dispute from its filing to its end.
func (s *story) proceed(ctx context.Context, filed teg.DisputeReceipt) error {
	fmt.Fprintln(s.out, filed.Status, "about", filed.Value, "AVT, with a fee of", filed.Fee, "AVT and a bond of", filed.Bond, "AVT")
	for _, step := range []func(context.Context, teg.DisputeID) error{s.argue, s.wait, s.pinned, s.vote, s.reveal} {
		if err := step(ctx, filed.ID); err != nil {
			return fmt.Errorf("%w (after a run that was broken off, begin with a new database)", err)
		}
	}
	return nil
}
