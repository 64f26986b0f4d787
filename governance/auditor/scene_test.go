package auditor

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// epoch is the beginning of a day, so that it begins windows of every default.
var epoch = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

func name(parts ...any) did.DID { return did.MustParse("did:example:" + fmt.Sprint(parts...)) }

func transaction(n int64) (id ledger.TransactionID) {
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	return id
}

// scene tells a pack what happens.
type scene struct {
	pack     *Pack
	position int64
	at       time.Time
	found    []Finding
}

// only has one rule enabled.
func only(code Code, thresholds map[string]Number) *scene {
	s := &scene{pack: NewPack(), at: epoch}
	no := false
	var changes []Change
	for _, setting := range s.pack.Settings() {
		if setting.Code != code {
			changes = append(changes, Change{Code: setting.Code, Enabled: &no})
		}
	}
	changes = append(changes, Change{Code: code, Thresholds: thresholds})
	if err := s.pack.Configure(changes); err != nil {
		panic(err)
	}
	return s
}

func (s *scene) tell(e Event) {
	s.position++
	e.Position, e.At = s.position, s.at
	if e.Transaction.IsZero() {
		e.Transaction = transaction(s.position)
	}
	s.found = append(s.found, s.pack.Observe(e)...)
}

func (s *scene) wait(d time.Duration) { s.at = s.at.Add(d) }

func (s *scene) pay(from, to did.DID, sum string) {
	s.tell(Event{Kind: Payment, From: from, To: to, Amount: amount.MustParse(sum)})
}

func (s *scene) praise(from, to did.DID) {
	s.tell(Event{Kind: Signal, From: from, To: to, Value: Praise})
}

// agents lists whom findings are about, in order.
func (s *scene) agents() []string {
	list := []string{}
	for _, f := range s.found {
		list = append(list, f.Agent.ID())
	}
	return list
}

// party is the number that rules know an agent by.
func (s *scene) party(agent did.DID) party { return s.pack.known.find(agent, s.pack.now).party }
