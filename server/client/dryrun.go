package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// DryRun asks what would come of the call in place of making it: nothing is changed, and
// nothing is remembered under its key. The method returns what it would have: an answer,
// whose ids are of nothing, or the [Error] of the refusal. Into is filled with that and
// with why, where the server tells; it is empty where the server did not say. Calls that
// only read have no dry run.
//
//	var why client.Explanation
//	_, err := c.Transfer(ctx, in, client.DryRun(&why))
//	if errors.Is(err, client.ErrInsufficientBalance) {
//		fmt.Println(why.Reason.Rule, why.Reason.WouldPass[0].Do)
//	}
func DryRun(into *Explanation) CallOption { return func(s *callSettings) { s.rehearsal = into } }

// rehearse asks what would come of a call, and answers that.
func (c *Client) rehearse(ctx context.Context, call call, s callSettings) (*received, error) {
	*s.rehearsal = Explanation{}
	if !call.writes() {
		return nil, fmt.Errorf("client: %s: it changes nothing, so there is no dry run of it", call.name)
	}
	where, err := c.locate(call)
	if err != nil {
		return nil, err
	}
	path, below := strings.CutPrefix(where, c.api)
	if !below {
		return nil, fmt.Errorf("client: %s: there is no dry run of it", call.name)
	}
	options := []CallOption{RequestID(s.requestID)}
	if s.record != nil {
		options = append(options, Record(s.record))
	}
	in := ExplainRequest{Method: ExplainedMethod(call.method), Path: path, Body: call.body, IdempotencyKey: s.key}
	x, err := c.Explain(ctx, in, options...)
	if err != nil {
		return nil, err
	}
	*s.rehearsal = *x
	return call.foreseen(x, s)
}

// foreseen is what a call would have been answered.
func (call call) foreseen(x *Explanation, s callSettings) (*received, error) {
	attempt := Attempt{Operation: call.name, Key: s.key}
	switch {
	case x.Allowed && x.Answer != nil:
		return &received{attempt: attempt, status: x.Status, header: http.Header{}, body: *x.Answer, secret: call.secret, dry: true}, nil
	case x.Allowed:
		return &received{attempt: attempt, status: x.Status, header: http.Header{}, dry: true}, nil
	case x.Error == nil:
		return nil, errors.New("client: explain: the answer says neither what would come of it nor why not")
	}
	p := x.Error
	return nil, &Error{
		Attempt: attempt, Status: x.Status, Code: p.ErrorCode, Message: p.Message, Detail: p.Detail, Fields: p.ValidationErrors, Replayed: x.Replayed,
	}
}
