package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
)

type commitRequest api.CommitRequest

func (in *commitRequest) check(f *faults) {
	f.refused("commitment", teg.CheckCommitment(in.Commitment), &in.Commitment)
}

// postCommit takes what a juror has chosen without telling it. It takes no key: a seat
// has one commitment.
func postCommit(c *call, in *commitRequest) (answer, error) {
	r, err := c.engine().CommitVote(c.ctx, teg.CommitVoteParams{By: c.caller.Agent, Dispute: c.disputeID(), Commitment: in.Commitment})
	return seatAnswer(&r, err)
}

type revealRequest api.RevealRequest

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

// seatOf is a seat of a round. Until the round has ended, choice and salt are null for
// everybody but the juror.
func seatOf(s *teg.PanelSeat) api.Seat {
	return api.Seat{
		SeatID: s.ID, Seat: s.Number, JurorAgentID: s.Juror, Weight: s.Weight, PinnedStake: s.Pinned,
		Commitment: orNull(s.Commitment), CommittedAt: stampOrNull(s.CommittedAt),
		Choice: orNull(s.Choice.String()), Salt: orNull(s.Salt), RevealedAt: stampOrNull(s.RevealedAt), Penalty: s.Penalty, Reward: s.Reward,
	}
}

// takenSeatOf is a seat with what its juror has to know of the round.
func takenSeatOf(s *teg.PanelSeat, r *teg.PanelRound) api.TakenSeat {
	return api.TakenSeat{
		Seat: seatOf(s), DisputeID: s.Dispute, RoundID: r.ID, Round: r.Number, Status: r.State, Deadline: stampOrNull(r.Deadline),
	}
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
	body := api.Panel{DisputeID: found.Dispute, Rounds: make([]api.PanelRound, len(found.Rounds))}
	for i := range found.Rounds {
		body.Rounds[i] = roundOf(&found.Rounds[i])
	}
	return answer{body: body}, err
}

func roundOf(r *teg.SeatedRound) api.PanelRound {
	body := api.PanelRound{
		RoundID: r.ID, Round: r.Number, Status: r.State, Size: r.Size, DrawnAt: stamp(r.DrawnAt), Deadline: stampOrNull(r.Deadline), Ruling: orNull(r.Choice.String()),
		Seats: make([]api.Seat, len(r.Seats)), History: make([]api.PanelStep, len(r.History)),
		Draw: api.PanelDraw{
			Secret: r.Secret, LogPosition: r.Position, LogEventHash: r.Event, Seed: r.Seed, Roll: r.Roll, PassedOver: orEmpty(teg.PassedOver(&r.PanelRound)),
		},
	}
	for i := range r.Seats {
		body.Seats[i] = seatOf(&r.Seats[i])
	}
	for i, s := range r.History {
		body.History[i] = api.PanelStep{Status: s.State, Actor: known(s.By), Timestamp: stamp(s.At), Note: orNull(s.Note)}
	}
	return body
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
		body := api.PanelsPage{Panels: make([]api.TakenSeat, len(found.Seats)), Page: p.info(found.Total, found.TotalCapped, found.NextCursor)}
		for i := range found.Seats {
			body.Panels[i] = takenSeatOf(&found.Seats[i].PanelSeat, &found.Seats[i].In)
		}
		return answer{body: body}, nil
	}, nil
}
