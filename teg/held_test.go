package teg_test

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// A host that holds the treasury's rows stops those who want the treasury, and
// nobody else.
func TestHostHoldsTheTreasury(t *testing.T) {
	if !storetest.PostgresAnswers(t) {
		return
	}
	ctx, st := context.Background(), storetest.OpenPostgres(t)
	eng := tegtest.Over(t, st)
	agents := tegtest.FundMany(t, eng, 2, "10")
	_, err := eng.TransferToSystem(ctx, teg.SystemTransferParams{From: agents[0], Amount: teg.AVT("5")})
	require.NoError(t, err)
	tx, host := hostOf(t, st, nil)
	_, err = eng.Using(host).Burn(ctx, teg.BurnParams{By: tegtest.Admin, Amount: teg.AVT("1"), Reason: "held"})
	require.NoError(t, err)
	impatient, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	_, err = eng.Transfer(impatient, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
	require.NotErrorIs(t, err, teg.ErrInternal)
	require.NoError(t, tx.Commit())
	_, err = eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
	require.NoError(t, err)
}

// A host that holds one account does not stop the others.
func TestHostHoldsOneAccount(t *testing.T) {
	if !storetest.PostgresAnswers(t) {
		return // SQLite has one writer: everybody waits for the host, as documented
	}
	ctx, st := context.Background(), storetest.OpenPostgres(t)
	eng := tegtest.Over(t, st)
	agents := tegtest.FundMany(t, eng, 2000, "1000")
	rate := func(during time.Duration, everybody bool) float64 {
		var done atomic.Int64
		start := time.Now()
		together(128, func(i int) {
			for n := 0; time.Since(start) < during; n++ {
				from, to := agents[2+rand.IntN(1998)], agents[2+rand.IntN(1998)]
				limited, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
				if everybody && i == 0 && n%16 == 0 { // one of them wants the held account, over and over
					from = agents[0]
				}
				_, err := eng.Transfer(limited, teg.TransferParams{From: from, To: to, Amount: teg.AVT("0.01")})
				cancel()
				if err == nil {
					done.Add(1)
				}
			}
		})
		return float64(done.Load()) / time.Since(start).Seconds()
	}
	rate(500*time.Millisecond, false) // warm
	alone := rate(2*time.Second, false)
	tx, host := hostOf(t, st, nil)
	_, err := eng.Using(host).Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
	require.NoError(t, err)
	held := rate(5*time.Second, true)
	t.Logf("transfers per second: %.0f alone, %.0f while a host holds an account", alone, held)
	require.NoError(t, tx.Commit())
	_, err = eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
	require.NoError(t, err)
	require.Greater(t, held, 0.2*alone, "others must not wait for the host")
}
