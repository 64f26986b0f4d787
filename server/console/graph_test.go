package console

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

func payment(from, to, sum string) client.Transaction {
	sender, receiver := did.MustParse("did:example:"+from), did.MustParse("did:example:"+to)
	return client.Transaction{SenderAgentID: &sender, ReceiverAgentID: &receiver, Amount: amount.MustParse(sum)}
}

// What went from one to another is one arrow, back it is another, and who is in the middle is
// whom the picture is about.
func TestGraph(t *testing.T) {
	subject := did.MustParse("did:example:a")
	g := drawn(new(Console), []client.Transaction{
		payment("a", "b", "5"), payment("a", "b", "7.5"), payment("b", "a", "1"), payment("a", "c", "2"), payment("d", "d", "9"), {Amount: amount.MustParse("3")},
	}, subject)
	require.Len(t, g.Edges, 3)
	require.Equal(t, []string{"12.5", "2", "1"}, []string{g.Edges[0].Sum.String(), g.Edges[1].Sum.String(), g.Edges[2].Sum.String()})
	require.Equal(t, 2, g.Edges[0].Count)
	require.NotEqual(t, g.Edges[0].Path, g.Edges[2].Path)
	require.Len(t, g.Nodes, 3)
	require.True(t, g.Nodes[0].Subject)
	require.Equal(t, []float64{graphMiddleX, graphMiddleY}, []float64{g.Nodes[0].X, g.Nodes[0].Y}, "all is with it")
	require.Equal(t, "did:example:b", g.Nodes[1].Agent, "through whom most went")

	ring := drawn(new(Console), []client.Transaction{payment("a", "b", "1"), payment("b", "c", "1"), payment("c", "a", "1")}, subject)
	require.NotEqual(t, []float64{graphMiddleX, graphMiddleY}, []float64{ring.Nodes[0].X, ring.Nodes[0].Y}, "a ring has no middle")
	require.Nil(t, drawn(new(Console), nil, subject))
}

// Of many agents those are drawn through whom most went.
func TestGraphOfMany(t *testing.T) {
	var list []client.Transaction
	for i := range 30 {
		list = append(list, payment("a", fmt.Sprintf("x%d", i), fmt.Sprint(i+1)))
	}
	g := drawn(new(Console), list, did.MustParse("did:example:a"))
	require.Len(t, g.Nodes, mostNodes)
	require.Len(t, g.Edges, mostNodes-1)
	require.Equal(t, 31-mostNodes, g.Left)
	require.Equal(t, "did:example:x29", g.Nodes[1].Agent)
	for _, n := range g.Nodes {
		require.True(t, n.X > 0 && n.X < 720 && n.Y > 0 && n.TextY < 420, n.Agent)
	}
}
