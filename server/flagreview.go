package server

import (
	"fmt"
	"strconv"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type reviewRequest api.ReviewRequest

func (in *reviewRequest) check(f *faults) {
	f.text("resolution_notes", in.ResolutionNotes, teg.MaxFlagNotes)
}

func putFlag(c *call, in *reviewRequest) (answer, error) {
	r, err := c.engine().UpdateFlag(c.ctx, teg.UpdateFlagParams{
		By: c.caller.Agent, FlagID: c.flagID(), Status: in.Status, Notes: orZero(in.ResolutionNotes), Key: c.key,
	})
	return flagAnswer(0, &r, err)
}

type escalateRequest api.EscalationRequest

func (in *escalateRequest) check(f *faults) { f.filled("reason", in.Reason, teg.MaxFlagNotes) }

func postEscalate(c *call, in *escalateRequest) (answer, error) {
	r, err := c.engine().EscalateFlag(c.ctx, teg.EscalateFlagParams{By: c.caller.Agent, FlagID: c.flagID(), Reason: in.Reason, Key: c.key})
	return flagAnswer(0, &r, err)
}

type bulkReviewRequest api.BulkReviewRequest

func (in *bulkReviewRequest) check(f *faults) {
	f.text("resolution_notes", in.ResolutionNotes, teg.MaxFlagNotes)
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

func postBulkReview(c *call, in *bulkReviewRequest) (answer, error) {
	p := teg.UpdateFlagsParams{By: c.caller.Agent, Status: in.Status, Notes: orZero(in.ResolutionNotes), Key: c.key}
	for i := range in.FlagIDs {
		p.FlagIDs = append(p.FlagIDs, readID(&in.FlagIDs[i], teg.ParseFlagID))
	}
	r, err := c.engine().UpdateFlags(c.ctx, p)
	body := api.BulkReview{Updated: r.Updated, Failed: []api.FailedFlag{}}
	for _, each := range r.Results {
		if each.Err != nil {
			body.Failed = append(body.Failed, api.FailedFlag{FlagID: each.FlagID, Error: *c.elementProblem(each.Err)})
		}
	}
	return answer{body: body, replayed: r.Replayed}, err
}
