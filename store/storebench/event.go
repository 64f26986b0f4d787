package storebench

import (
	"encoding/hex"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// appendEvent writes what the engine's event of a transfer says, byte for byte
// in the same form: one line of JSON with its names in order.
func (p *posting) appendEvent(b []byte, fee amount.Amount, at time.Time) []byte {
	b = append(b, `{"action":"transfer","actor":"`...)
	b = append(b, p.from.owner...)
	b = append(b, `","amount":"`...)
	b, _ = p.sum.AppendText(b) // never fails
	b = append(b, `","at":"`...)
	b = at.AppendFormat(b, "2006-01-02T15:04:05.000000Z")
	if !fee.IsZero() {
		b = append(b, `","fee":"`...)
		b, _ = fee.AppendText(b)
	}
	b = append(b, `","id":"evt_`...)
	b = hex.AppendEncode(b, p.event[:])
	b = append(b, `","receiver":"`...)
	b = append(b, p.to.owner...)
	b = append(b, `","sender":"`...)
	b = append(b, p.from.owner...)
	b = append(b, `","transactions":["tx_`...)
	b = hex.AppendEncode(b, p.id[:])
	return append(b, `"],"v":1}`...)
}
