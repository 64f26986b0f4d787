package teg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
)

// signalLog is what was read of the signals in the event log, in commit order.
type signalLog struct {
	graph    reputation.Graph
	begun    bool
	position int64         // of the last that was read, once begun
	last     store.EventID // its name
	changed  bool          // something was read of which no view was made
}

// signalPage is how many signals are read at once.
const signalPage = 5000

// read takes in the signals that were committed since the last time. It begins with
// the last one that it knows: where that is gone, a database took over that had lost
// its tail, and all signals are read anew. What was read before a fault stays read.
func (l *signalLog) read(ctx context.Context, reader store.EventReader, logger *slog.Logger) error {
	for {
		events, _, err := reader.Follow(ctx, l.position, signalPage, store.VerbSignal.String())
		if l.begun && gone(l.last, events, err) {
			logger.Error("the log has lost signals that were read; trust is made anew of those that are left", "event", l.last, "position", l.position)
			*l = signalLog{changed: true}
			continue
		}
		if err != nil {
			return err
		}
		for i := range events {
			if !l.begun || events[i].ID != l.last { // which it began with
				l.take(&events[i], logger)
			}
		}
		if len(events) < signalPage {
			return nil
		}
	}
}

// gone says whether an event is not where it was, by what reading from there answered.
func gone(last store.EventID, events []store.Event, err error) bool {
	return errors.Is(err, store.ErrBeyondLog) || err == nil && (len(events) == 0 || events[0].ID != last)
}

// take adds a signal. One that is damaged is left out, for it must not take everybody's
// trust away; [Engine.Verify] reports it.
func (l *signalLog) take(event *store.Event, logger *slog.Logger) {
	l.begun, l.position, l.last = true, event.Position, event.ID
	signal, err := decodeSignal(event.Body)
	if err == nil {
		err = l.graph.Add(signal)
	}
	if err != nil {
		logger.Error("a signal in the log cannot be read; trust goes on without it", "event", event.ID, "position", event.Position, "error", err)
		return
	}
	l.changed = true
}

// signalBody is what of a signal's event makes trust.
type signalBody struct {
	Sender   DID       `json:"sender"`
	Receiver DID       `json:"receiver"`
	Value    string    `json:"value"`
	Weight   string    `json:"weight"`
	At       time.Time `json:"at"`
	Given    time.Time `json:"given"`
}

func decodeSignal(text []byte) (reputation.Signal, error) {
	var body signalBody
	if err := json.Unmarshal(text, &body); err != nil {
		return reputation.Signal{}, err
	}
	weight, err := amount.ParseFraction(body.Weight)
	if err != nil {
		return reputation.Signal{}, err
	}
	signal := reputation.Signal{
		Rater: body.Sender.String(), Ratee: body.Receiver.String(), Weight: float64(weight.PPM()) / 1e6, Time: body.At.UnixMicro(),
	}
	switch body.Value {
	case "1":
	case "-1":
		signal.Weight = -signal.Weight
	default:
		return signal, fmt.Errorf("its value is %q", body.Value)
	}
	if !body.Given.IsZero() {
		signal.Time = body.Given.UnixMicro()
	}
	return signal, nil
}
