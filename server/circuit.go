package server

import (
	"encoding/json"

	"github.com/agentvault/teg-layer/teg"
)

type circuitRequest struct {
	ID    string          `json:"circuit_id"`
	Key   json.RawMessage `json:"verifying_key"`
	Names []string        `json:"public_input_names"`
}

func (in *circuitRequest) check(f *faults) {
	if err := teg.CheckCircuit(in.ID, in.Key, in.Names); err != nil {
		f.refusedThere(err)
	}
}

type circuitBody struct {
	ID    string          `json:"circuit_id"`
	Key   json.RawMessage `json:"verifying_key"`
	Names []string        `json:"public_input_names"`
	Hash  string          `json:"verifying_key_hash"`
	By    teg.DID         `json:"registered_by"`
	At    string          `json:"created_at"`
}

func circuitOf(c *teg.Circuit) circuitBody {
	return circuitBody{c.ID, json.RawMessage(c.Key), c.Inputs(), c.Hash, c.By, stamp(c.At)}
}

func postCircuit(c *call, in *circuitRequest) (answer, error) {
	made, err := c.engine().RegisterCircuit(c.ctx, teg.RegisterCircuitParams{By: c.caller.Agent, ID: in.ID, VerifyingKey: in.Key, Inputs: in.Names})
	return answer{body: circuitOf(&made)}, err
}

type circuitsBody struct {
	Circuits []circuitBody `json:"circuits"`
	pageInfo
}

func getCircuits(c *call) (func() (answer, error), error) {
	p := c.query.page()
	return func() (answer, error) {
		found, err := c.engine().CircuitsPage(c.ctx, teg.CircuitsQuery{
			Viewer: c.caller.Agent, Limit: p.limit, Offset: p.offset, Cursor: p.cursor, Total: p.total,
		})
		body := circuitsBody{make([]circuitBody, len(found.Circuits)), p.info(found.Total, false, found.NextCursor)}
		for i := range found.Circuits {
			body.Circuits[i] = circuitOf(&found.Circuits[i])
		}
		return answer{body: body}, valued(err, "cursor", p.cursor)
	}, nil
}
