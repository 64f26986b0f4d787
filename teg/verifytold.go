package teg

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
)

// toldAct is what an event tells of an act, as far as rows repeat it.
type toldAct struct {
	ID           string      `json:"id"`
	Action       string      `json:"action"`
	Actor        string      `json:"actor"`
	At           string      `json:"at"`
	Amount       string      `json:"amount"`
	Fee          string      `json:"fee"`
	Agent        string      `json:"agent"`
	Revoked      string      `json:"revoked"`
	Sender       string      `json:"sender"`
	Receiver     string      `json:"receiver"`
	Reference    string      `json:"reference"`
	ReferenceID  string      `json:"reference_id"`
	Reason       string      `json:"reason"`
	Status       string      `json:"status"`
	Value        string      `json:"value"`
	Weight       string      `json:"weight"`
	Price        string      `json:"price"`
	Service      string      `json:"service"`
	SLA          string      `json:"sla"`
	Payment      string      `json:"payment"`
	Evidence     string      `json:"evidence"`
	Pointer      string      `json:"pointer"`
	Private      string      `json:"private"`
	Penalty      string      `json:"penalty"`
	Collected    string      `json:"collected"`
	Frivolous    bool        `json:"frivolous"`
	Hold         string      `json:"hold"`
	Outcome      string      `json:"outcome"`
	Given        string      `json:"given"`
	Until        string      `json:"until"`
	Final        bool        `json:"final"`
	Transactions []string    `json:"transactions"`
	Scores       []toldScore `json:"scores"`
	Debts        []toldDebt  `json:"debts"`
	Policy       *toldPolicy `json:"policy"`
	Panel        toldObject  `json:"panel"`

	Rules []json.RawMessage `json:"rules"`
}

// toldObject is what is compared as it was written.
type toldObject = json.RawMessage

// toldScore is a change of a score, as an event tells it.
type toldScore struct {
	Agent     string `json:"agent"`
	Applied   int    `json:"applied"`
	Reason    string `json:"reason"`
	Requested int    `json:"requested"`
	Score     int    `json:"score"`
	Seq       int64  `json:"seq"`
}

// tell takes in what an event tells of conduct. Each row of it makes the same sum as
// the event that tells of it.
func (v *verification) tell(a *toldAct) {
	v.tellDebts(a)
	giver := ""
	switch a.Action {
	case store.VerbHold.String():
		v.reserved.told.add(sumOf(a.Hold, a.Sender, a.Receiver, a.Amount, a.Fee, a.Reason))
	case store.VerbSignal.String():
		giver = a.Sender
	case store.VerbReportOutcome.String():
		v.said.told.add(sumOf(a.ReferenceID, a.Actor, a.Sender, a.Receiver, a.Reference, a.Reason, a.Status, strconv.FormatBool(a.Final),
			a.Price, a.Service, a.SLA, a.Payment, a.At))
	case store.VerbRaiseFlag.String(), store.VerbUpdateFlag.String(), store.VerbEscalateFlag.String():
		v.flagged.told.add(sumOf(a.ReferenceID, a.Status, a.Value, a.Actor, a.Reference, a.At))
		a.Value = ""
	case store.VerbAttest.String(), store.VerbReviewAttestation.String(), store.VerbPayAttestation.String(), store.VerbSeeEvidence.String():
		v.attest.told.told.add(sumOf(a.ReferenceID, a.Status, a.Value, a.Actor, a.Amount, a.Reference, a.At))
		a.Value = ""
	case store.VerbRegisterCircuit.String():
		v.attest.laws.told.add(sumOf(a.ReferenceID, a.Reference, a.Actor, a.At))
	}
	v.tellDispute(a)
	v.tellPanel(a)
	if a.Action == store.VerbStoreEvidence.String() {
		a.Value = ""
	}
	v.tellPolicy(a)
	v.tellBootstrap(a)
	v.tellWebhook(a)
	v.tellRoles(a)
	for i := range a.Scores {
		v.changes.told.add(a.Scores[i].sum(a.ReferenceID, giver, a.Value, a.Weight, a.At))
	}
}

// sum stands for a change of a score: what it is about, who gave the signal, which
// it was and how much was meant, and when.
func (s *toldScore) sum(about, giver, value, weight, at string) ledger.ID {
	return sumOf(s.Agent, s.Reason, fmt.Sprint(s.Seq, s.Requested, s.Applied, s.Score), about, giver, value, weight, at)
}

// keepChange takes in a change of a score.
func (v *verification) keepChange(e *reputation.Event) {
	told := toldScore{
		Agent: v.agentName(e.Agent), Applied: e.Applied, Reason: e.Reason.String(), Requested: e.Requested, Score: e.Value, Seq: e.Seq,
	}
	about, value, weight := ReportID(e.Related).String(), "", ""
	switch e.Reason {
	case reputation.Signalled:
		about, value = "", strconv.Itoa(cmp.Compare(e.Requested, 0))
	case reputation.FlagConfirmed, reputation.DisputeLost, reputation.DisputeWon:
		about = relatedName(e)
	case reputation.Attested:
		about = AttestationID(e.Related).String()
		v.attest.scored.told.add(sumOf(about, v.agentName(e.Agent)))
	}
	if !e.Weight.IsZero() {
		weight = e.Weight.FractionString()
	}
	v.changes.kept.add(told.sum(about+e.Cause.String(), v.agentName(e.Giver), value, weight, e.At.UTC().Format(TimeFormat)))
}

// keepReport takes in a report.
func (v *verification) keepReport(r *reputation.Report) {
	v.said.kept.add(sumOf(r.ID.String(), r.Reporter.String(), v.agentName(r.Initiator), v.agentName(r.Responder), r.AVTP, r.Outcome.String(),
		r.Status.String(), strconv.FormatBool(r.Final), textOf(r.Price), r.Service, r.SLA, r.Transfer.String(), r.At.UTC().Format(TimeFormat)))
}

// agentName is an agent as events name it.
func (v *verification) agentName(row ledger.AccountID) string {
	switch id, known := v.agents[row]; {
	case known:
		return id.String()
	case row == 0:
		return ""
	}
	return accountName(row)
}

// sumOf stands for what a row says, and for what an event tells of it.
func sumOf(fields ...string) ledger.ID {
	sum := digest(fields...)
	return ledger.ID(sum[:16])
}
