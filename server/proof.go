package server

import (
	"math"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

// proofOf is what a handler answers with a proof.
func proofOf(c *call, p teg.ProofParams) (answer, error) {
	proof, err := c.engine().Proof(c.ctx, p)
	return answer{body: api.InclusionProof{
		Event: string(proof.Event.Body), EntryID: proof.Event.ID, LeafIndex: proof.LeafIndex, LeafHash: proof.LeafHash,
		TreeSize: proof.TreeSize, InclusionPath: orEmpty(proof.Path), Checkpoint: orNull(proof.Checkpoint.Note),
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
		by, err := c.viewer(auditors.roles)
		if err != nil {
			return answer{}, err
		}
		p := teg.ProofParams{Transaction: id, By: by, TreeSize: size}
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
