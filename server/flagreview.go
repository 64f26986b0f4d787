package server

import (
	"fmt"
	"strconv"

	"github.com/agentvault/teg-layer/teg"
)

type reviewRequest struct {
	Status teg.FlagStatus `json:"status"`
	Notes  *string        `json:"resolution_notes"`
}

func (in *reviewRequest) check(f *faults) { f.text("resolution_notes", in.Notes, teg.MaxFlagNotes) }

func putFlag(c *call, in *reviewRequest) (answer, error) {
	r, err := c.engine().UpdateFlag(c.ctx, teg.UpdateFlagParams{
		By: c.caller.Agent, FlagID: c.flagID(), Status: in.Status, Notes: orZero(in.Notes), Key: c.key,
	})
	return flagAnswer(0, &r, err)
}

type escalateRequest struct {
	Reason string `json:"reason"`
}

func (in *escalateRequest) check(f *faults) { f.filled("reason", in.Reason, teg.MaxFlagNotes) }

func postEscalate(c *call, in *escalateRequest) (answer, error) {
	r, err := c.engine().EscalateFlag(c.ctx, teg.EscalateFlagParams{By: c.caller.Agent, FlagID: c.flagID(), Reason: in.Reason, Key: c.key})
	return flagAnswer(0, &r, err)
}

type bulkReviewRequest struct {
	FlagIDs []string       `json:"flag_ids"`
	Status  teg.FlagStatus `json:"status"`
	Notes   *string        `json:"resolution_notes"`
}

func (in *bulkReviewRequest) check(f *faults) {
	f.text("resolution_notes", in.Notes, teg.MaxFlagNotes)
	if n := len(in.FlagIDs); n == 0 || n > teg.MaxBatch {
		f.add("flag_ids", "must be a list of 1 to "+strconv.Itoa(teg.MaxBatch)+" flags", nil)
		return
	}
	seen := map[string]bool{}
	for i := range in.FlagIDs {
		field := fmt.Sprintf("flag_ids[%d]", i)
		checkID(f, field, "flag", &in.FlagIDs[i], teg.ParseFlagID)
		if seen[in.FlagIDs[i]] {
			f.add(field, "is given twice in this request", &in.FlagIDs[i])
		}
		seen[in.FlagIDs[i]] = true
	}
}

type bulkReviewBody struct {
	Updated int              `json:"updated"`
	Failed  []failedFlagBody `json:"failed"`
}

type failedFlagBody struct {
	ID    teg.FlagID    `json:"flag_id"`
	Error *shortProblem `json:"error"`
}

func postBulkReview(c *call, in *bulkReviewRequest) (answer, error) {
	p := teg.UpdateFlagsParams{By: c.caller.Agent, Status: in.Status, Notes: orZero(in.Notes), Key: c.key}
	for i := range in.FlagIDs {
		p.FlagIDs = append(p.FlagIDs, readID(&in.FlagIDs[i], teg.ParseFlagID))
	}
	r, err := c.engine().UpdateFlags(c.ctx, p)
	body := bulkReviewBody{Updated: r.Updated, Failed: []failedFlagBody{}}
	for _, each := range r.Results {
		if each.Err != nil {
			body.Failed = append(body.Failed, failedFlagBody{each.FlagID, newShortProblem(each.Err)})
		}
	}
	return answer{body: body, replayed: r.Replayed}, err
}
