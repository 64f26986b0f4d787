package teg_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// asked is a payment, or, of a sum of zero, the question what somebody has.
type asked struct{ from, to, sum int }

// told is the answer: what the payer, or the one asked about, has by it.
type told struct {
	refused bool
	left    int
}

// Histories of transfers and balance reads by several clients of two engines are
// linearizable: each operation took effect at one moment between its call and
// its return, also for those who look through the other engine.
func TestHistoriesAreLinearizable(t *testing.T) {
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		terms := teg.DefaultTerms()
		terms.Fees = teg.Fees{} // whole numbers stay whole
		var engines [2]*teg.Engine
		for i, st := range stores {
			engines[i] = tegtest.Over(t, st, tegtest.WithTerms(terms))
		}
		const clients, each = 6, 60
		agents := tegtest.FundMany(t, engines[0], 3, fmt.Sprint(linearStart))
		history := make([]porcupine.Operation, clients*each)
		start := time.Now()
		together(clients, func(client int) {
			for n := range each {
				q := asked{rand.IntN(3), rand.IntN(3), rand.IntN(5)}
				if q.from == q.to {
					q.sum = 0
				}
				called := time.Since(start)
				answer := ask(t, engines[client%2], agents, q)
				history[client*each+n] = porcupine.Operation{
					ClientId: client, Input: q, Call: int64(called), Output: answer, Return: int64(time.Since(start)),
				}
			}
		})
		require.Equal(t, porcupine.Ok, porcupine.CheckOperationsTimeout(linearModel, history, time.Minute))
		refused := func(o porcupine.Operation) bool { return o.Output.(told).refused }
		require.True(t, slices.ContainsFunc(history, refused), "some must have had too little")

		// Asked when all else has ended, so that only one answer can be true.
		called := time.Since(start)
		answer := ask(t, engines[0], agents, asked{})
		answer.left++
		history = append(history, porcupine.Operation{Call: int64(called), Output: answer, Input: asked{}, Return: int64(time.Since(start))})
		require.Equal(t, porcupine.Illegal, porcupine.CheckOperationsTimeout(linearModel, history, time.Minute),
			"an answer that was never true is found")
	})
}

// ask carries an operation out.
func ask(t *testing.T, eng *teg.Engine, agents []teg.DID, q asked) told {
	whole := func(sum teg.Amount) int {
		for n := range 3*linearStart + 1 {
			if sum == teg.AVT(fmt.Sprint(n)) {
				return n
			}
		}
		require.Fail(t, "no balance of these", "%s", sum)
		return 0
	}
	if q.sum == 0 {
		b, err := eng.Balance(context.Background(), agents[q.from])
		require.NoError(t, err)
		return told{left: whole(b.Available)}
	}
	r, err := eng.Transfer(context.Background(), teg.TransferParams{From: agents[q.from], To: agents[q.to], Amount: teg.AVT(fmt.Sprint(q.sum))})
	var short *teg.InsufficientBalanceError
	if errors.As(err, &short) {
		return told{refused: true, left: whole(short.Available)}
	}
	require.NoError(t, err)
	return told{left: whole(r.SenderBalance)}
}

// linearStart is what each of three agents has at first.
const linearStart = 5

// linearModel is three balances.
var linearModel = porcupine.Model{
	Init: func() any { return [3]int{linearStart, linearStart, linearStart} },
	Step: func(state, input, output any) (bool, any) {
		has, q, answer := state.([3]int), input.(asked), output.(told)
		if refused := q.sum > has[q.from]; refused != answer.refused {
			return false, state
		}
		if !answer.refused {
			has[q.from] -= q.sum
			has[q.to] += q.sum
		}
		return has[q.from] == answer.left, has
	},
}
