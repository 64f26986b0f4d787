package server

import (
	"encoding/json"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type circuitRequest api.CircuitRequest

func (in *circuitRequest) check(f *faults) {
	if err := teg.CheckCircuit(in.CircuitID, in.VerifyingKey, in.PublicInputNames); err != nil {
		f.refusedThere(err)
	}
}

func circuitOf(c *teg.Circuit) api.Circuit {
	return api.Circuit{
		CircuitID: c.ID, VerifyingKey: json.RawMessage(c.Key), PublicInputNames: c.Inputs(), VerifyingKeyHash: c.Hash, RegisteredBy: c.By, CreatedAt: stamp(c.At),
	}
}

func postCircuit(c *call, in *circuitRequest) (answer, error) {
	made, err := c.engine().RegisterCircuit(c.ctx, teg.RegisterCircuitParams{By: c.caller.Agent, ID: in.CircuitID, VerifyingKey: in.VerifyingKey, Inputs: in.PublicInputNames})
	return answer{body: circuitOf(&made)}, err
}

func getCircuits(c *call) (func() (answer, error), error) {
	p := c.query.page()
	return func() (answer, error) {
		found, err := c.engine().CircuitsPage(c.ctx, teg.CircuitsQuery{
			Viewer: c.caller.Agent, Limit: p.limit, Offset: p.offset, Cursor: p.cursor, Total: p.total,
		})
		body := api.CircuitsPage{Circuits: make([]api.Circuit, len(found.Circuits)), Page: p.info(found.Total, false, found.NextCursor)}
		for i := range found.Circuits {
			body.Circuits[i] = circuitOf(&found.Circuits[i])
		}
		return answer{body: body}, valued(err, "cursor", p.cursor)
	}, nil
}
