package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/strictjson"
	"github.com/agentvault/teg-layer/teg"
)

// The reasons that only this face has.
var (
	errRouteNotFound   = ledger.NewReason("ROUTE_NOT_FOUND", "there is no such route")
	errMethod          = ledger.NewReason("METHOD_NOT_ALLOWED", "this route does not have this method; see the header Allow")
	errMalformed       = ledger.NewReason("VALIDATION_MALFORMED_JSON", "the body is not JSON")
	errTooLarge        = ledger.NewReason("BODY_TOO_LARGE", "the body is too large")
	errUnsupportedType = ledger.NewReason("UNSUPPORTED_MEDIA_TYPE", "the body must be sent as Content-Type: application/json, and without Content-Encoding")
	errMissingToken    = ledger.NewReason("AUTH_MISSING_TOKEN", "this route needs a token: Authorization: Bearer <JWT>")
	errDraining        = ledger.NewReason("SYS_UNAVAILABLE", "the server is shutting down")
	errInternal        = ledger.NewReason("SYS_INTERNAL_ERROR", "internal error; whether anything was changed is not known: "+
		"ask what became of the request's key, or look before sending it again")
	errNoLogin     = ledger.NewReason("ROUTE_NOT_FOUND", "this server logs nobody in: it has no key to sign tokens with; see JWT_PRIVATE_KEY_PATH")
	errNotLoggedIn = ledger.NewReason("SYS_UNAVAILABLE", "the database is not available; try again, and where a refresh token is refused then, log in again")
	errNotProven   = ledger.NewReason("SYS_UNAVAILABLE", "the database is not available, so that it cannot be told whether the signature is one of the DID's; try again, with another challenge")
	errOthersDID   = ledger.NewReason("AUTH_FORBIDDEN", "the token is of another DID than the one that is to be registered")
	errRole        = ledger.NewReason("AUTH_FORBIDDEN", "this route needs another role")
)

// statuses is the one table from codes to statuses.
var statuses = map[string]int{
	"VALIDATION_MALFORMED_JSON": 400, "BIZ_SELF_TRANSFER": 400, "BIZ_INSUFFICIENT_BALANCE": 400,
	"BIZ_BELOW_MINIMUM": 400, "BIZ_ABOVE_MAXIMUM": 400,
	"AUTH_MISSING_TOKEN": 401, "AUTH_INVALID_TOKEN": 401, "AUTH_TOKEN_REVOKED": 401,
	"AUTH_FORBIDDEN": 403, "AUTH_AGENT_SUSPENDED": 403, "AUTH_POLICY_DENIED": 403,
	"BIZ_ENTITY_NOT_FOUND": 404, "ROUTE_NOT_FOUND": 404,
	"METHOD_NOT_ALLOWED": 405, "BODY_TOO_LARGE": 413, "UNSUPPORTED_MEDIA_TYPE": 415,
	"BIZ_ALREADY_EXISTS": 409, "BIZ_SIGNAL_ALREADY_APPLIED": 409, "BIZ_STAKE_DELEGATED": 409, "BIZ_STAKE_INACTIVE": 409,
	"BIZ_DUPLICATE_ATTESTATION": 409, "BIZ_COOLDOWN_ACTIVE": 409, "BIZ_INVALID_STATE": 409, "BIZ_ALREADY_VOTED": 409, "BIZ_TOKEN_USED": 409,
	"BIZ_EXPIRED":              410,
	"VALIDATION_INVALID_INPUT": 422, "IDEMPOTENCY_KEY_REUSED": 422,
	"RATE_LIMITED": 429, "SYS_INTERNAL_ERROR": 500, "SYS_UNAVAILABLE": 503, "SYS_OUTCOME_UNKNOWN": 503,
}

// ErrorCodes are all that an answer may have as its error_code, in order.
func ErrorCodes() []string { return slices.Sorted(maps.Keys(statuses)) }

// newProblem says of an error what a client may know.
func newProblem(err error) api.Problem {
	p := api.Problem{ErrorCode: api.ErrorCode(teg.CodeOf(err)), Message: err.Error()}
	var refusal *teg.Refusal
	var input *strictjson.InputError
	var malformed *strictjson.MalformedError
	switch {
	case errors.As(err, &input):
		p.ErrorCode, p.Message = api.ErrorCodeVALIDATIONINVALIDINPUT, "the request is not valid"
		for _, each := range input.Fields {
			p.ValidationErrors = append(p.ValidationErrors, api.FieldError(each))
		}
	case errors.As(err, &malformed):
		p.ErrorCode, p.Message = api.ErrorCodeVALIDATIONMALFORMEDJSON, malformed.Error()
	case errors.Is(err, auth.ErrMissing):
		p.ErrorCode, p.Message = api.ErrorCodeAUTHMISSINGTOKEN, errMissingToken.Error()
	case errors.Is(err, auth.ErrRevoked):
		p.ErrorCode, p.Message = api.ErrorCodeAUTHTOKENREVOKED, strings.TrimPrefix(err.Error(), "auth: ")
	case errors.Is(err, auth.ErrInvalid):
		p.ErrorCode, p.Message = api.ErrorCodeAUTHINVALIDTOKEN, strings.TrimPrefix(err.Error(), "auth: ")
	case errors.As(err, &refusal) && errors.Is(err, teg.ErrInvalidInput):
		p.ValidationErrors = []api.FieldError{{Field: refusal.Field, Message: refusal.Error()}}
		p.Message = "the request is not valid"
	case strings.HasPrefix(string(p.ErrorCode), "SYS_"):
		p.Message = general(err) // what the database said is not for clients
	}
	return p
}

// newShortProblem is an error inside an answer: of an element, or of an operation.
func newShortProblem(err error) *api.ShortProblem {
	p := newProblem(err)
	return &api.ShortProblem{ErrorCode: p.ErrorCode, Message: p.Message}
}

// elementProblem is the error of one of several elements, with why: of it alone nobody asks. A
// call that is sent again has the same answer, so that it does not say of an element that it was
// refused before, and needs another key.
func (c *call) elementProblem(err error) *api.ShortProblem {
	p := newShortProblem(err)
	p.Reason = c.reason(err)
	if teg.Replayed(err) {
		p.Reason.WouldPass = p.Reason.WouldPass[:len(p.Reason.WouldPass)-1]
	}
	return p
}

// valued adds to what the engine says of a field what was given there.
func valued(err error, field, given string) error {
	var refusal *teg.Refusal
	if !errors.As(err, &refusal) || refusal.Field != field || !errors.Is(err, teg.ErrInvalidInput) {
		return err
	}
	return &valuedError{strictjson.NewInputError(field, refusal.Error(), &given), err}
}

// valuedError is the fault of a field with its value, and why the engine refused it.
type valuedError struct {
	error
	refused error
}

func (e *valuedError) Unwrap() []error { return []error{e.error, e.refused} }

// general is the message of the reason alone. An error without a reason is one
// that nobody foresaw, so that nothing is known of what it left behind.
func general(err error) string {
	var reason *ledger.Reason
	if errors.As(err, &reason) {
		return reason.Error()
	}
	return errInternal.Error()
}

// fail answers with an error.
func (c *call) fail(err error) {
	if timedOut(err) {
		err = fmt.Errorf("%w: %w", teg.ErrUnavailable, err)
	}
	p := newProblem(err)
	status, known := statuses[string(p.ErrorCode)]
	if !known {
		status = http.StatusInternalServerError
	}
	if c.server.config.Debug {
		detail := err.Error()
		p.Detail = &detail
	}
	if status >= http.StatusInternalServerError {
		c.fault = err
	}
	h := c.w.Header()
	switch status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		h.Set("Allow", strings.Join(c.server.router.methods(c.request), ", "))
	}
	if teg.Replayed(err) {
		h.Set("Idempotency-Replayed", "true")
	}
	c.code = string(p.ErrorCode)
	c.write(status, p)
}

// refusalsLast is when to come back after too many refusals, in seconds. They
// are remembered for a day or longer; by then some of them may be forgotten.
const refusalsLast = "3600"

// timedOut reports whether an error without a reason is the end of the request's
// time. Once the engine is asked, errors have reasons: nothing has been done yet.
func timedOut(err error) bool {
	var reason *ledger.Reason
	return !errors.As(err, &reason) && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled))
}

// write sends a status and a JSON body.
func (c *call) write(status int, body any) {
	text, err := json.Marshal(body)
	if err != nil { // cannot be: answers are plain structs
		c.fault = fmt.Errorf("the answer cannot be written: %w", err)
		c.code = errInternal.Code()
		status, text = http.StatusInternalServerError, []byte(`{"error_code":"SYS_INTERNAL_ERROR","message":"internal error"}`)
	}
	c.writeText(status, text)
}

// writeText sends a status and a body that is JSON already.
func (c *call) writeText(status int, text []byte) {
	h := c.w.Header()
	if status == http.StatusNoContent {
		c.w.WriteHeader(status)
		return
	}
	h.Set("Content-Type", "application/json")
	switch {
	case status == http.StatusTooManyRequests && h["Retry-After"] == nil:
		h.Set("Retry-After", refusalsLast)
	case status == http.StatusServiceUnavailable:
		h.Set("Retry-After", "1")
	}
	c.w.WriteHeader(status)
	_, _ = c.w.Write(append(text, '\n')) // a client that is gone is no fault
}
