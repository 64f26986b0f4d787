package server_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// eachLog is a market on each database whose log is signed.
func eachLog(t *testing.T, test func(t *testing.T, m *market, verify note.Verifier)) {
	private, public, err := note.GenerateKey(nil, "example.com/log")
	require.NoError(t, err)
	signer, err := teg.NewLogSigner(private)
	require.NoError(t, err)
	verify, err := note.NewVerifier(public)
	require.NoError(t, err)
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		test(t, newMarketWith(t, open(t), func(c *teg.Config) { c.LogSigner = signer }), verify)
	})
}

// checkpointOf reads a checkpoint as anybody does.
func checkpointOf(t *testing.T, text string, verify note.Verifier) tlog.Tree {
	opened, err := note.Open([]byte(text), note.VerifierList(verify))
	require.NoError(t, err)
	lines := strings.Split(opened.Text, "\n")
	require.Len(t, lines, 4)
	require.Equal(t, "example.com/log", lines[0])
	var tree tlog.Tree
	_, err = fmt.Sscan(lines[1], &tree.N)
	require.NoError(t, err)
	tree.Hash, err = tlog.ParseHash(lines[2])
	require.NoError(t, err)
	return tree
}

// provenBody is a proof as a client reads it.
type provenBody struct {
	Event      string      `json:"event"`
	EntryID    string      `json:"entry_id"`
	LeafIndex  int64       `json:"leaf_index"`
	LeafHash   tlog.Hash   `json:"leaf_hash"`
	TreeSize   int64       `json:"tree_size"`
	Path       []tlog.Hash `json:"inclusion_path"`
	Checkpoint *string     `json:"checkpoint"`
}

func TestProofOfATransaction(t *testing.T) {
	eachLog(t, func(t *testing.T, m *market, verify note.Verifier) {
		id := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10","message":"between us"}`).is(200, "").at("transaction_id").(string)
		var proof provenBody
		for _, token := range []string{m.aliceToken, m.bobToken, m.admins, m.token(teg.Agent("did:example:eve"), auth.Auditor)} {
			r := m.get("/token/transactions/"+id+"/proof", token).is(200, "")
			require.NoError(t, json.Unmarshal([]byte(r.text), &proof))
			tree := checkpointOf(t, *proof.Checkpoint, verify)
			require.Equal(t, proof.TreeSize, tree.N)
			require.Equal(t, tlog.RecordHash([]byte(proof.Event)), proof.LeafHash)
			require.NoError(t, tlog.CheckRecord(proof.Path, tree.N, tree.Hash, proof.LeafIndex, proof.LeafHash))
			require.Contains(t, proof.Event, id)
			require.NotContains(t, proof.Event, "between us")
		}
		path := "/token/transactions/" + id + "/proof"
		m.get(path, m.token(teg.Agent("did:example:eve"))).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.get("/token/transactions/tx_0/proof", m.aliceToken).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.get(path+"?tree_size=0", m.aliceToken).is(422, "VALIDATION_INVALID_INPUT")
		m.get(path+"?tree_size=9999", m.aliceToken).is(422, "VALIDATION_INVALID_INPUT")
		m.get(path+"?size=1", m.aliceToken).is(422, "VALIDATION_INVALID_INPUT")
		older := m.get(fmt.Sprintf("%s?tree_size=%d", path, proof.LeafIndex+1), m.aliceToken).is(200, "")
		require.Equal(t, fmt.Sprint(proof.LeafIndex+1), fmt.Sprint(older.at("tree_size")))

		entry := m.get("/admin/audit-log/proof?entry_id="+proof.EntryID, m.admins).is(200, "")
		require.Equal(t, proof.Event, entry.at("event"))
		m.get("/admin/audit-log/proof?entry_id=evt_"+strings.Repeat("1", 32), m.admins).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.get("/admin/audit-log/proof?entry_id=evt_1", m.admins).is(422, "VALIDATION_INVALID_INPUT")
		m.get("/admin/audit-log/proof", m.admins).is(422, "VALIDATION_INVALID_INPUT")
	})
}

func TestLogInPublic(t *testing.T) {
	eachLog(t, func(t *testing.T, m *market, verify note.Verifier) {
		tegtest.FundMany(t, m.engine, 5, "1")
		first := m.get("/log/checkpoint", "").is(200, "")
		require.Equal(t, "text/plain; charset=utf-8", first.header.Get("Content-Type"))
		require.Equal(t, "no-cache", first.header.Get("Cache-Control"))
		old := checkpointOf(t, first.text, verify)
		p := teg.BatchParams{From: m.alice}
		for range 260 {
			p.Transfers = append(p.Transfers, teg.BatchTransfer{To: m.bob, Amount: teg.AVT("0.01")})
		}
		_, err := m.engine.TransferBatch(ctx(), p)
		require.NoError(t, err)
		m.clock.Advance(10e9)
		require.NoError(t, m.engine.Tick(ctx()))
		now := checkpointOf(t, m.get("/log/checkpoint", "").is(200, "").text, verify)
		var grown struct {
			From int64       `json:"from"`
			To   int64       `json:"to"`
			Path []tlog.Hash `json:"consistency_path"`
		}
		r := m.get(fmt.Sprintf("/log/consistency?from=%d", old.N), "").is(200, "")
		require.NoError(t, json.Unmarshal([]byte(r.text), &grown))
		require.Equal(t, []int64{old.N, now.N}, []int64{grown.From, grown.To})
		require.NoError(t, tlog.CheckTree(grown.Path, now.N, now.Hash, old.N, old.Hash))
		m.get("/log/consistency?from=9&to=3", "").is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, []any{}, m.get("/log/consistency", "").is(200, "").at("consistency_path"))

		whole := m.get("/log/tile/8/0/000", "").is(200, "")
		require.Equal(t, "public, max-age=31536000, immutable", whole.header.Get("Cache-Control"))
		require.Equal(t, "application/octet-stream", whole.header.Get("Content-Type"))
		require.Len(t, whole.text, 8192)
		require.Equal(t, whole.text, m.get("/log/tile/0/000", "").is(200, "").text, "as C2SP writes it")
		require.Equal(t, "no-store", m.get("/log/tile/0/000", m.aliceToken).header.Get("Cache-Control"))
		part := m.get(fmt.Sprintf("/log/tile/0/001.p/%d", now.N-256), "").is(200, "")
		require.Equal(t, "no-cache", part.header.Get("Cache-Control"))
		for _, path := range []string{"0/001", "0/000.p/0", "0/000.p/257", "1/000", "0/1", "0/x000/000", "8/000", "8/8/000", "9/0/000", "8/data/000", "data/000", "0/-01", "0/000/", "0", "8", "0/x999/x999/x999/x999/x999/x999/999"} {
			require.Equal(t, 404, m.get("/log/tile/"+path, "").status, path)
		}

		bundle := []byte(m.get("/log/tile/entries/000", m.admins).is(200, "").text)
		var hashes []byte
		for len(bundle) > 0 {
			n := binary.BigEndian.Uint16(bundle)
			hash := tlog.RecordHash(bundle[2 : 2+n])
			hashes, bundle = append(hashes, hash[:]...), bundle[2+n:]
		}
		require.Equal(t, whole.text, string(hashes), "the leaves that the tile has the hashes of")
		m.get("/log/tile/entries/000", m.aliceToken).is(403, "AUTH_FORBIDDEN")
		m.get("/log/tile/entries/000", "").is(401, "AUTH_MISSING_TOKEN")
		m.get("/log/tile/entries/9", m.admins).is(404, "ROUTE_NOT_FOUND")
		m.get("/log/tile/entries/001", m.admins).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.send("POST", prefix+"/log/checkpoint", "", "").is(405, "METHOD_NOT_ALLOWED")
	})
}

// Without a key there are proofs, and no checkpoints.
func TestLogWithoutAKey(t *testing.T) {
	m := newMarket(t)
	m.get("/log/checkpoint", "").is(404, "BIZ_ENTITY_NOT_FOUND")
	id := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10"}`).is(200, "").at("transaction_id").(string)
	r := m.get("/token/transactions/"+id+"/proof", m.bobToken).is(200, "")
	require.Nil(t, r.at("checkpoint"))
	_, err := base64.StdEncoding.DecodeString(r.at("leaf_hash").(string))
	require.NoError(t, err)
}
