package server

import (
	"math"

	"github.com/agentvault/teg-layer/teg"
)

// proofBody proves that an event is in the log. The event is the text of the leaf, to be
// hashed as it stands.
type proofBody struct {
	Event      string        `json:"event"`
	EntryID    string        `json:"entry_id"`
	LeafIndex  int64         `json:"leaf_index"`
	LeafHash   teg.LogHash   `json:"leaf_hash"`
	TreeSize   int64         `json:"tree_size"`
	Path       []teg.LogHash `json:"inclusion_path"`
	Checkpoint *string       `json:"checkpoint"`
}

// proofOf is what a handler answers with a proof.
func proofOf(c *call, p teg.ProofParams) (answer, error) {
	proof, err := c.engine().Proof(c.ctx, p)
	return answer{body: proofBody{
		Event: string(proof.Event.Body), EntryID: proof.Event.ID.String(), LeafIndex: proof.LeafIndex, LeafHash: proof.LeafHash,
		TreeSize: proof.TreeSize, Path: orEmpty(proof.Path), Checkpoint: orNull(proof.Checkpoint.Note),
	}}, err
}

// getTransactionProof proves a transaction to those who may see it.
func getTransactionProof(c *call) (func() (answer, error), error) {
	size := c.query.number("tree_size", 1, math.MaxInt64, 0)
	return func() (answer, error) {
		id, err := teg.ParseTransactionID(c.vars["transaction_id"])
		if err != nil {
			return answer{}, err
		}
		p := teg.ProofParams{Transaction: id, By: c.caller.Agent, TreeSize: size}
		if c.oversees() {
			p.By = teg.DID{}
		}
		return proofOf(c, p)
	}, nil
}

// getEntryProof proves any entry of the audit log.
func getEntryProof(c *call) (func() (answer, error), error) {
	p := teg.ProofParams{TreeSize: c.query.number("tree_size", 1, math.MaxInt64, 0)}
	p.Event = oneOf(&c.query, "entry_id", teg.ParseEventID)
	if !c.query.given("entry_id") {
		c.query.fault("entry_id", "is required")
	}
	return func() (answer, error) { return proofOf(c, p) }, nil
}
