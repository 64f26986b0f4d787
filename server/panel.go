package server

import (
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
)

type commitRequest struct {
	Commitment string `json:"commitment"`
}

func (in *commitRequest) check(f *faults) {
	f.refused("commitment", teg.CheckCommitment(in.Commitment), &in.Commitment)
}

// postCommit takes what a juror has chosen without telling it. It takes no key: a seat
// has one commitment.
func postCommit(c *call, in *commitRequest) (answer, error) {
	r, err := c.engine().CommitVote(c.ctx, teg.CommitVoteParams{By: c.caller.Agent, Dispute: c.disputeID(), Commitment: in.Commitment})
	return seatAnswer(&r, err)
}

type revealRequest struct {
	Choice teg.PanelChoice `json:"choice"`
	Salt   string          `json:"salt"`
}

func (in *revealRequest) check(f *faults) { f.refused("salt", teg.CheckSalt(in.Salt), nil) }

// postReveal takes what a juror has chosen.
func postReveal(c *call, in *revealRequest) (answer, error) {
	r, err := c.engine().RevealVote(c.ctx, teg.RevealVoteParams{By: c.caller.Agent, Dispute: c.disputeID(), Choice: in.Choice, Salt: in.Salt})
	return seatAnswer(&r, err)
}

func seatAnswer(r *teg.SeatReceipt, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return answer{body: takenSeatOf(&r.Seat, &r.Round), replayed: r.Again}, nil
}

// seatBody is a seat of a round. Until the round has ended, choice and salt are null
// for everybody but the juror.
type seatBody struct {
	ID          teg.PanelSeatID `json:"seat_id"`
	Number      int             `json:"seat"`
	Juror       teg.DID         `json:"juror_agent_id"`
	Weight      teg.Amount      `json:"weight"`
	Pinned      teg.Amount      `json:"pinned_stake"`
	Commitment  *string         `json:"commitment"`
	CommittedAt *string         `json:"committed_at"`
	Choice      *string         `json:"choice"`
	Salt        *string         `json:"salt"`
	RevealedAt  *string         `json:"revealed_at"`
	Penalty     teg.Amount      `json:"penalty"`
	Reward      teg.Amount      `json:"reward"`
}

func seatOf(s *teg.PanelSeat) seatBody {
	return seatBody{
		s.ID, s.Number, s.Juror, s.Weight, s.Pinned, orNull(s.Commitment), stampOrNull(s.CommittedAt), orNull(s.Choice.String()), orNull(s.Salt),
		stampOrNull(s.RevealedAt), s.Penalty, s.Reward,
	}
}

// takenSeatBody is a seat with what its juror has to know of the round.
type takenSeatBody struct {
	seatBody
	Dispute  teg.DisputeID    `json:"dispute_id"`
	RoundID  teg.PanelRoundID `json:"round_id"`
	Round    int              `json:"round"`
	Status   teg.PanelState   `json:"status"`
	Deadline *string          `json:"deadline"`
}

func takenSeatOf(s *teg.PanelSeat, r *teg.PanelRound) takenSeatBody {
	return takenSeatBody{seatOf(s), s.Dispute, r.ID, r.Number, r.State, stampOrNull(r.Deadline)}
}

// drawBody is all that a round was drawn from, so that anybody can draw it again.
type drawBody struct {
	Secret   string    `json:"secret"`
	Position int64     `json:"log_position"`
	Event    string    `json:"log_event_hash"`
	Seed     string    `json:"seed"`
	Roll     string    `json:"roll"`
	Passed   []teg.DID `json:"passed_over"`
}

type roundBody struct {
	ID       teg.PanelRoundID `json:"round_id"`
	Number   int              `json:"round"`
	Status   teg.PanelState   `json:"status"`
	Size     int              `json:"size"`
	DrawnAt  string           `json:"drawn_at"`
	Deadline *string          `json:"deadline"`
	Choice   *string          `json:"ruling"`
	Seats    []seatBody       `json:"seats"`
	Draw     drawBody         `json:"draw"`
	History  []roundStepBody  `json:"history"`
}

type roundStepBody struct {
	Status    teg.PanelState `json:"status"`
	Actor     *string        `json:"actor"`
	Timestamp string         `json:"timestamp"`
	Note      *string        `json:"note"`
}

type panelBody struct {
	Dispute teg.DisputeID `json:"dispute_id"`
	Rounds  []roundBody   `json:"rounds"`
}

// getPanel shows the panel of a dispute to whoever may see the dispute, its jurors and
// auditors included.
func getPanel(c *call) (answer, error) {
	viewer, err := c.viewer(arbitrators.roles.With(auth.Auditor))
	if err != nil {
		return answer{}, err
	}
	if _, err := c.engine().Dispute(c.ctx, viewer, c.disputeID()); err != nil {
		return answer{}, err
	}
	found, err := c.engine().Panel(c.ctx, c.disputeID())
	body := panelBody{Dispute: found.Dispute, Rounds: make([]roundBody, len(found.Rounds))}
	for i := range found.Rounds {
		body.Rounds[i] = roundOf(&found.Rounds[i])
	}
	return answer{body: body}, err
}

func roundOf(r *teg.SeatedRound) roundBody {
	body := roundBody{
		ID: r.ID, Number: r.Number, Status: r.State, Size: r.Size, DrawnAt: stamp(r.DrawnAt), Deadline: stampOrNull(r.Deadline), Choice: orNull(r.Choice.String()),
		Seats: make([]seatBody, len(r.Seats)), History: make([]roundStepBody, len(r.History)),
		Draw: drawBody{r.Secret, r.Position, r.Event, r.Seed, r.Roll, orEmpty(teg.PassedOver(&r.PanelRound))},
	}
	for i := range r.Seats {
		body.Seats[i] = seatOf(&r.Seats[i])
	}
	for i, s := range r.History {
		body.History[i] = roundStepBody{s.State, didOrNull(s.By), stamp(s.At), orNull(s.Note)}
	}
	return body
}

type panelsBody struct {
	Panels []takenSeatBody `json:"panels"`
	pageInfo
}

// getPanels lists the seats that the caller has, or had, newest first.
func getPanels(c *call) (func() (answer, error), error) {
	q := teg.SeatsQuery{Juror: c.caller.Agent, OpenOnly: c.query.flag("open_only")}
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	return func() (answer, error) {
		found, err := c.engine().Seats(c.ctx, q)
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := panelsBody{Panels: make([]takenSeatBody, len(found.Seats)), pageInfo: p.info(found.Total, found.TotalCapped, found.NextCursor)}
		for i := range found.Seats {
			body.Panels[i] = takenSeatOf(&found.Seats[i].PanelSeat, &found.Seats[i].In)
		}
		return answer{body: body}, nil
	}, nil
}
