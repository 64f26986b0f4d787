package teg

import (
	"encoding/json"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/store"
)

// toldState is what events tell, added up: from it Verify goes on where they are gone.
type toldState struct {
	Posted       int64             `json:"posted"`
	Transactions sum               `json:"transactions"`
	Transfers    sum               `json:"transfers"`
	Changes      sum               `json:"changes"`
	Reports      sum               `json:"reports"`
	Holds        sum               `json:"holds"`
	Flags        sum               `json:"flags"`
	Policies     sum               `json:"policies"`
	PoliciesTo   int64             `json:"policies_to"`
	Attestations sum               `json:"attestations"`
	Circuits     sum               `json:"circuits"`
	Disputes     sum               `json:"disputes"`
	Debts        sum               `json:"debts"`
	Payments     sum               `json:"payments"`
	Panels       sum               `json:"panels"`
	Issued       map[string]sum    `json:"issued"`
	Used         sum               `json:"used"`
	Webhooks     sum               `json:"webhooks"`
	Stripped     map[string]string `json:"stripped"`
	Kept         sum               `json:"kept"`
}

// toldSoFar is what the events told that were read.
func (v *verification) toldSoFar() ([]byte, error) {
	return json.Marshal(toldState{
		Posted: v.posted, Transactions: v.expected, Transfers: v.told, Changes: v.changes.told, Reports: v.said.told, Holds: v.reserved.told, Flags: v.flagged.told,
		Policies: v.governed.told, PoliciesTo: v.governedTo, Attestations: v.attest.told.told, Circuits: v.attest.laws.told, Disputes: v.argued.told,
		Debts: v.indebted.told, Payments: v.settled.told, Panels: v.judged.told, Issued: v.issuedUntil, Used: v.boarded.told,
		Stripped: v.toldStripped, Kept: v.kept, Webhooks: v.hooked.told,
	})
}

// goOn begins behind events that told this; nil: with the first.
func (v *verification) goOn(told []byte) error {
	s := toldState{Issued: map[string]sum{}, Stripped: map[string]string{}}
	if told != nil {
		if err := json.Unmarshal(told, &s); err != nil {
			return fmt.Errorf("%w: what a segment of the log told cannot be read: %w", ErrInternal, err)
		}
	}
	v.posted, v.expected, v.told, v.changes.told, v.said.told, v.reserved.told, v.flagged.told = s.Posted, s.Transactions, s.Transfers, s.Changes, s.Reports, s.Holds, s.Flags
	v.governed.told, v.governedTo, v.attest.told.told, v.attest.laws.told, v.argued.told = s.Policies, s.PoliciesTo, s.Attestations, s.Circuits, s.Disputes
	v.indebted.told, v.settled.told, v.judged.told, v.issuedUntil, v.boarded.told = s.Debts, s.Payments, s.Panels, s.Issued, s.Used
	v.toldStripped, v.kept, v.hooked.told = s.Stripped, s.Kept, s.Webhooks
	return nil
}

// archived goes on behind the events that are gone: what they told is taken from the
// segment that ends there, their hashes from the tiles, which have to lead to its root. It
// returns the position of the first event that is left.
func (v *verification) archived() (int64, error) {
	reader := v.engine.reader()
	tail, err := reader.LogTail(v.ctx)
	if err != nil || tail == 0 {
		return 0, err
	}
	ends, err := reader.Segments(v.ctx, tail-1, 1)
	if err != nil {
		return 0, err
	}
	if len(ends) == 0 || ends[0].To != tail {
		v.find("log", "log_tail", "is at %d, where no segment ends that was archived", tail)
		return tail, nil
	}
	v.report.Archived = tail
	if err := v.goOn(ends[0].Told); err != nil {
		return 0, err
	}
	if err := v.archivedLeaves(tail); err != nil {
		return 0, err
	}
	if v.tree.Size() == tail && v.tree.Root() != ends[0].Root {
		v.find("tree", fmt.Sprintf("segment up to %d", tail), "was archived with the root %s, and its tiles lead to %s", ends[0].Root, v.tree.Root())
	}
	return tail, v.wordsKept(tail)
}

// tilePage is how many tiles are read at once.
const tilePage = auditPage / merkle.Width

// archivedLeaves grows the tree from the hashes that tiles have, up to a position.
func (v *verification) archivedLeaves(tail int64) error {
	for v.tree.Size() < tail {
		from := v.tree.Size() / merkle.Width
		tiles, err := v.engine.reader().Tiles(v.ctx, 0, from, int(min(tilePage, tail/merkle.Width-from)))
		if err != nil {
			return err
		}
		for i := range tiles {
			if tiles[i].Index != from+int64(i) {
				tiles = tiles[:i]
				break
			}
			if err := v.proveLeaves(leavesOf(&tiles[i])[v.tree.Size()%merkle.Width:]); err != nil {
				return err
			}
		}
		if len(tiles) == 0 {
			v.tree.broken = true
			v.find("tree", fmt.Sprintf("tile %d of level 0", from), "is missing, and its events are archived")
			return nil
		}
	}
	return nil
}

// leavesOf are the leaves of a tile, as far as it tells.
func leavesOf(tile *store.Tile) []store.Leaf {
	leaves := make([]store.Leaf, merkle.Width)
	for i := range leaves {
		leaves[i].ID = tile.Latest
		copy(leaves[i].Hash[:], tile.Hashes[i*tlog.HashSize:])
	}
	return leaves
}

// wordsKept holds the events that were kept of those that are gone against the tiles, and
// what was said by them against the words that are kept.
func (v *verification) wordsKept(tail int64) error {
	var found sum
	v.uttered.told = sum{} // all that was said before the tail is said here
	tiles := v.engine.treeReader(v.ctx)
	for from := int64(0); ; {
		page, err := v.engine.reader().KeptEvents(v.ctx, from, auditPage)
		if err != nil {
			return err
		}
		last := len(page) < auditPage
		if beyond := slices.IndexFunc(page, func(e store.Event) bool { return e.Position >= tail }); beyond >= 0 {
			page, last = page[:beyond], true // the tail has moved on since it was read
		}
		for i := range page {
			found.add(ledger.ID(page[i].ID))
			if err := v.keptEvent(tiles, &page[i]); err != nil {
				return err
			}
			from = page[i].Position + 1
		}
		if err := v.words(); err != nil {
			return err
		}
		if last {
			break
		}
	}
	if found != v.kept {
		v.find("log", "kept_events", "are other events before %d than those that were to be kept", tail)
	}
	return nil
}

func (v *verification) keptEvent(tiles *treeReader, event *store.Event) error {
	hashes, err := tiles.ReadHashes([]int64{tlog.StoredHashIndex(0, event.Position)})
	if err != nil {
		return err
	}
	var body toldAct
	told := json.Unmarshal(event.Body, &body) == nil && body.ID == event.ID.String() && body.Action == event.Action
	if hashes[0] != merkle.Leaf(event.Body) || !told || !slices.Contains(store.KeptActions, event.Action) {
		v.find("log", event.ID.String(), "is kept otherwise than it was archived")
	}
	if body.Private != "" {
		v.tellWords(&body)
	}
	return nil
}
