package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/teg"
)

// devTraders trade with one another: the first ones buy what the last ones sell.
var devTraders = []teg.DID{
	teg.Agent("did:example:dave"), teg.Agent("did:example:erin"), teg.Agent("did:example:frank"), teg.Agent("did:example:heidi"), teg.Agent("did:example:ivan"),
	teg.Agent("did:example:grace"), teg.Agent("did:example:judy"), teg.Agent("did:example:mallory"), teg.Agent("did:example:niaj"),
}

// devBuyers is how many of them buy.
const devBuyers = 5

// devServices is what is sold there, and for how many hundredths of an AVT.
var devServices = []struct {
	name  string
	price int
}{
	{"translation, a thousand words", 425}, {"inference, two hours", 1250}, {"web search, a hundred pages", 80},
	{"labels for a thousand pictures", 960}, {"summary of a report", 215}, {"storage for a week", 40},
}

// devTrades is how many trades there have been.
const devTrades = 120

// drawTrade is who buys what from whom, drawn from a source.
func drawTrade(from *rand.Rand) teg.TransferParams {
	service := devServices[from.IntN(len(devServices))]
	hundredths := service.price * (80 + from.IntN(41)) / 100
	return teg.TransferParams{
		From: devTraders[from.IntN(devBuyers)], To: devTraders[devBuyers+from.IntN(len(devTraders)-devBuyers)],
		Amount: teg.AVT(fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)), Message: service.name,
	}
}

// devComplaints is in how many of a hundred trades the buyer complains of a seller.
func devComplaints(seller teg.DID) int {
	if seller == devTraders[7] { // mallory
		return 55
	}
	return 4
}

// trade has the traders trade for three days, and most buyers say how it was. They are the
// same trades each time.
func (s *seeder) trade(ctx context.Context) error {
	last := fmt.Sprintf("teg-dev:trade:%d", devTrades-1)
	source := rand.New(rand.NewPCG(2026, 11))
	trades := make([]teg.TransferParams, devTrades)
	for i := range trades {
		trades[i] = drawTrade(source)
		trades[i].Reference = fmt.Sprintf("teg-dev:trade:%d", i)
	}
	done, err := s.Transactions(ctx, teg.TransactionsQuery{Agent: trades[devTrades-1].From, Reference: last, Limit: 1})
	if err != nil || len(done.Transactions) > 0 {
		return err
	}
	pause := time.Since(s.now) * 9 / 10 / devTrades
	for i := range trades {
		s.pass(pause)
		paid, err := s.payOnce(ctx, trades[i])
		if err == nil && source.IntN(100) < 70 {
			err = judgeTrade(ctx, s.Engine, &trades[i], paid, source)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// judgeTrade has the buyer praise the seller, or complain of it.
func judgeTrade(ctx context.Context, e *teg.Engine, of *teg.TransferParams, paid teg.TransactionID, source *rand.Rand) error {
	value := 1
	if source.IntN(100) < devComplaints(of.To) {
		value = -1
	}
	_, err := e.Signal(ctx, teg.SignalParams{By: of.From, TransactionID: paid, Value: value})
	if errors.Is(err, teg.ErrSignalApplied) {
		return nil
	}
	return err
}

// devPause is how often somebody trades while the economy is served, on average.
const devPause = 3 * time.Second

// startTrading has them trade until what it returns is called.
func startTrading(ctx context.Context, e *teg.Engine) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { keepTrading(ctx, e) })
	return func() { cancel(); work.Wait() }
}

// keepTrading has the traders trade until the context ends, in both directions, so that
// nobody gets it all. Who cannot pay does not.
func keepTrading(ctx context.Context, e *teg.Engine) {
	source := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(devPause/2 + time.Duration(source.Int64N(int64(devPause)))):
		}
		trade := drawTrade(source)
		if source.IntN(2) == 0 {
			trade.From, trade.To = trade.To, trade.From
		}
		if paid, err := e.Transfer(ctx, trade); err == nil && source.IntN(100) < 50 {
			_ = judgeTrade(ctx, e, &trade, paid.TransactionID, source) // it was said for show
		}
	}
}
