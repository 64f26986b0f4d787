package server

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type flagRequest api.FlagRequest

func (in *flagRequest) check(f *faults) {
	code := string(in.RuleViolatedCode)
	_, err := teg.ParseFlagCode(code)
	f.refused("rule_violated_code", err, &code)
	f.filled("flag_reason", in.FlagReason, teg.MaxReason)
	if len(in.RelatedTransactionIDs) > teg.MaxFlagged {
		f.add("related_transaction_ids", "must be a list of at most "+strconv.Itoa(teg.MaxFlagged)+" transactions", nil)
	}
	for i := range in.RelatedTransactionIDs {
		checkID(f, fmt.Sprintf("related_transaction_ids[%d]", i), "transaction", &in.RelatedTransactionIDs[i], teg.ParseTransactionID)
	}
}

// flagOf is a flag. Of one that a rule has raised, flagged_by is null; of one that a
// person has, window_start.
func flagOf(f *teg.Flag) api.Flag {
	return api.Flag{
		FlagID: f.ID, FlaggedAgentDID: f.Agent, RuleViolatedCode: f.Code, FlagReason: f.Reason, Severity: f.Severity, Status: f.Status,
		RelatedTransactionIDs: orEmpty(f.Transactions), FlaggedBy: known(f.RaisedBy), CreatedAt: stamp(f.CreatedAt), UpdatedAt: stamp(f.UpdatedAt),
		ResolutionNotes: orNull(f.Notes), WindowStart: stampOrNull(f.WindowStart), Shadow: f.Shadow,
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
	p := teg.RaiseFlagParams{By: c.caller.Agent, Agent: in.FlaggedAgentDID, Code: in.RuleViolatedCode, Reason: in.FlagReason, Severity: in.Severity, Key: c.key}
	for i := range in.RelatedTransactionIDs {
		p.Transactions = append(p.Transactions, readID(&in.RelatedTransactionIDs[i], teg.ParseTransactionID))
	}
	r, err := c.engine().RaiseFlag(c.ctx, p)
	return flagAnswer(http.StatusCreated, &r, err)
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
		body := api.FlagsPage{Flags: make([]api.TrustedFlag, len(found.Flags)), Page: p.info(found.Total, found.TotalCapped, found.NextCursor)}
		for i := range found.Flags {
			body.Flags[i] = api.TrustedFlag{Flag: flagOf(&found.Flags[i].Flag), TrustScore: found.Flags[i].Trust}
		}
		return answer{body: body}, nil
	}, nil
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
	body := api.FlagInFull{TrustedFlag: api.TrustedFlag{Flag: flagOf(&flag), TrustScore: trust.Score}, History: make([]api.FlagStep, len(steps))}
	for i, s := range steps {
		body.History[i] = api.FlagStep{Status: s.Status, Severity: s.Severity, Actor: known(s.By), Timestamp: stamp(s.At), Note: orNull(s.Notes)}
	}
	return answer{body: body}, err
}

// flagID is the flag that the path names, zero for what is no id; see
// [call.transactionID].
func (c *call) flagID() teg.FlagID {
	id, _ := teg.ParseFlagID(c.vars["flag_id"])
	return id
}
