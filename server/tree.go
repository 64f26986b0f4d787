package server

import (
	"encoding/binary"
	"math"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

// getCheckpoint gives out the last signed checkpoint, as text: whoever keeps it can hold
// the log to it.
func getCheckpoint(c *call) (answer, error) {
	last, err := c.engine().Checkpoint(c.ctx)
	if err != nil {
		return answer{}, err
	}
	if last.Note == "" {
		return answer{}, ledger.Refuse(teg.ErrNotFound, "this log gives out no checkpoints: nothing signs them; set LOG_SIGNING_KEY")
	}
	return answer{page: &document{kind: "text/plain; charset=utf-8", text: []byte(last.Note)}}, nil
}

// octets is what hashes and leaves are sent as.
const octets = "application/octet-stream"

// getTile gives out hashes of the tree.
func getTile(c *call) (answer, error) {
	tile, ok := parseTile(c.vars["tile"])
	if !ok {
		return answer{}, errRouteNotFound
	}
	data, err := c.engine().LogTile(c.ctx, tile.L, tile.N, tile.W)
	tiles := &document{kind: octets, text: data}
	if tile.W == merkle.Width {
		tiles.age = forever
	}
	return answer{page: tiles}, err
}

// getLeaves gives out the bodies of events, which are others' business: each with its
// length before it, two bytes.
func getLeaves(c *call) (answer, error) {
	tile, ok := parseTile("0/" + c.vars["bundle"])
	if !ok {
		return answer{}, errRouteNotFound
	}
	leaves, err := c.engine().LogLeaves(c.ctx, tile.N, tile.W)
	var content []byte
	for _, leaf := range leaves {
		if len(leaf) > math.MaxUint16 {
			return answer{}, ledger.Refuse(teg.ErrInvalidState, "an event here is longer than this format can say; read it by its proof")
		}
		content = append(binary.BigEndian.AppendUint16(content, uint16(len(leaf))), leaf...)
	}
	return answer{page: &document{kind: octets, text: content}}, err
}

// parseTile reads where a tile is, as C2SP's tlog-tiles writes it, level/index, and as
// tlog.Tile.Path does, with the height before it: 8/level/index. There is no level 8, so
// that the two cannot be taken for each other.
func parseTile(path string) (tlog.Tile, bool) {
	prefix := "tile/8/"
	if strings.HasPrefix(path, "8/") && strings.Count(path, "/") > 1 {
		prefix = "tile/"
	}
	tile, err := tlog.ParseTilePath(prefix + path)
	return tile, err == nil && tile.L >= 0 && tile.H == merkle.Height
}

// getConsistency proves that the log was only added to between two sizes.
func getConsistency(c *call) (func() (answer, error), error) {
	from := c.query.number("from", 0, math.MaxInt64, 0)
	to := c.query.number("to", 0, math.MaxInt64, 0)
	return func() (answer, error) {
		path, to, err := c.engine().Consistency(c.ctx, from, to)
		return answer{body: api.Consistency{From: from, To: to, ConsistencyPath: orEmpty(path)}}, err
	}, nil
}
