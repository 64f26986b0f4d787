package server

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/agentvault/teg-layer/teg"
)

type flagRequest struct {
	Agent        teg.DID      `json:"flagged_agent_did"`
	Code         teg.RuleCode `json:"rule_violated_code"`
	Reason       string       `json:"flag_reason"`
	Severity     teg.Severity `json:"severity"`
	Transactions []string     `json:"related_transaction_ids,omitempty"`
}

func (in *flagRequest) check(f *faults) {
	code := string(in.Code)
	_, err := teg.ParseFlagCode(code)
	f.refused("rule_violated_code", err, &code)
	f.filled("flag_reason", in.Reason, teg.MaxReason)
	if len(in.Transactions) > teg.MaxFlagged {
		f.add("related_transaction_ids", "must be a list of at most "+strconv.Itoa(teg.MaxFlagged)+" transactions", nil)
	}
	for i := range in.Transactions {
		checkID(f, fmt.Sprintf("related_transaction_ids[%d]", i), "transaction", &in.Transactions[i], teg.ParseTransactionID)
	}
}

// flagBody is a flag. Of one that a rule has raised, flagged_by is null; of one that a
// person has, window_start.
type flagBody struct {
	ID           teg.FlagID          `json:"flag_id"`
	Agent        teg.DID             `json:"flagged_agent_did"`
	Code         teg.RuleCode        `json:"rule_violated_code"`
	Reason       string              `json:"flag_reason"`
	Severity     teg.Severity        `json:"severity"`
	Status       teg.FlagStatus      `json:"status"`
	Transactions []teg.TransactionID `json:"related_transaction_ids"`
	RaisedBy     *string             `json:"flagged_by"`
	CreatedAt    string              `json:"created_at"`
	UpdatedAt    string              `json:"updated_at"`
	Notes        *string             `json:"resolution_notes"`
	WindowStart  *string             `json:"window_start"`
	Shadow       bool                `json:"shadow"`
}

func flagOf(f *teg.Flag) flagBody {
	return flagBody{
		f.ID, f.Agent, f.Code, f.Reason, f.Severity, f.Status, orEmpty(f.Transactions), didOrNull(f.RaisedBy),
		stamp(f.CreatedAt), stamp(f.UpdatedAt), orNull(f.Notes), stampOrNull(f.WindowStart), f.Shadow,
	}
}

// flagAnswer is what an act left of a flag.
func flagAnswer(status int, r *teg.FlagReceipt, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return answer{status: status, body: flagOf(&r.Flag), replayed: r.Replayed}, nil
}

func postFlag(c *call, in *flagRequest) (answer, error) {
	p := teg.RaiseFlagParams{By: c.caller.Agent, Agent: in.Agent, Code: in.Code, Reason: in.Reason, Severity: in.Severity, Key: c.key}
	for i := range in.Transactions {
		p.Transactions = append(p.Transactions, readID(&in.Transactions[i], teg.ParseTransactionID))
	}
	r, err := c.engine().RaiseFlag(c.ctx, p)
	return flagAnswer(http.StatusCreated, &r, err)
}

// trustedFlagBody is a flag as a reviewer sees it.
type trustedFlagBody struct {
	flagBody
	Trust *float64 `json:"trust_score"`
}

type flagsBody struct {
	Flags []trustedFlagBody `json:"flags"`
	pageInfo
}

func getFlags(c *call) (func() (answer, error), error) {
	q := teg.FlagsQuery{
		Viewer: c.caller.Agent, Agent: c.query.agent("agent_id"), Code: teg.RuleCode(c.query.filter("rule", teg.MaxFlagCode)),
		Severity: oneOf(&c.query, "severity", teg.ParseSeverity), Status: oneOf(&c.query, "status", teg.ParseFlagStatus), Shadow: c.query.flag("shadow"),
	}
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	return func() (answer, error) {
		found, err := c.engine().Flags(c.ctx, q)
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := flagsBody{Flags: make([]trustedFlagBody, len(found.Flags)), pageInfo: p.info(found.Total, found.TotalCapped, found.NextCursor)}
		for i := range found.Flags {
			body.Flags[i] = trustedFlagBody{flagOf(&found.Flags[i].Flag), found.Flags[i].Trust}
		}
		return answer{body: body}, nil
	}, nil
}

type oneFlagBody struct {
	trustedFlagBody
	History []flagStepBody `json:"history"`
}

type flagStepBody struct {
	Status    teg.FlagStatus `json:"status"`
	Severity  teg.Severity   `json:"severity"`
	Actor     *string        `json:"actor"`
	Timestamp string         `json:"timestamp"`
	Note      *string        `json:"note"`
}

// getFlag shows a flag with all that was done about it, its raising first.
func getFlag(c *call) (answer, error) {
	flag, err := c.engine().Flag(c.ctx, c.flagID())
	if err != nil {
		return answer{}, err
	}
	steps, err := c.engine().FlagHistory(c.ctx, flag.ID)
	if err != nil {
		return answer{}, err
	}
	steps = steps[:min(int(flag.Steps), len(steps))] // it may have grown since
	trust, err := c.engine().Trust(c.ctx, teg.TrustQuery{Agent: flag.Agent, Limit: 1})
	body := oneFlagBody{trustedFlagBody{flagOf(&flag), trust.Score}, make([]flagStepBody, len(steps))}
	for i, s := range steps {
		body.History[i] = flagStepBody{s.Status, s.Severity, didOrNull(s.By), stamp(s.At), orNull(s.Notes)}
	}
	return answer{body: body}, err
}

// flagID is the flag that the path names, zero for what is no id; see
// [call.transactionID].
func (c *call) flagID() teg.FlagID {
	id, _ := teg.ParseFlagID(c.vars["flag_id"])
	return id
}
