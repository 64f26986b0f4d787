package toxic

import (
	"sync/atomic"

	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/Shopify/toxiproxy/v2/toxics"
)

func init() { toxics.Register("cut_once", new(cutOnce)) }

// cutOnce is toxiproxy's limit_data for one connection alone. Where each one were cut, nobody
// could ask on another what became of what was cut.
type cutOnce struct {
	Bytes int64 `json:"bytes"`

	cut atomic.Bool
}

// NewState counts what one connection has carried.
func (c *cutOnce) NewState() any { return new(int64) }

// Pipe implements [toxics.Toxic].
func (c *cutOnce) Pipe(stub *toxics.ToxicStub) {
	carried := stub.State.(*int64)
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			if chunk == nil {
				stub.Close()
				return
			}
			left := c.Bytes - *carried
			*carried += int64(len(chunk.Data))
			if left < int64(len(chunk.Data)) && c.cut.CompareAndSwap(false, true) {
				c.last(stub, chunk, max(left, 0))
				return
			}
			stub.Output <- chunk
		}
	}
}

// last hands on what is left of the allowance, and closes.
func (c *cutOnce) last(stub *toxics.ToxicStub, chunk *stream.StreamChunk, left int64) {
	if left > 0 {
		stub.Output <- &stream.StreamChunk{Data: chunk.Data[:left], Timestamp: chunk.Timestamp}
	}
	stub.Close()
}
