package server

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/strictjson"
	"github.com/agentvault/teg-layer/teg"
)

// access says who may call a route.
type access struct {
	public bool       // anyone; a token that is sent is checked all the same
	roles  auth.Roles // one of these
}

var (
	anyone      = access{public: true}
	agents      = access{roles: auth.RolesOf(auth.Agent)}
	auditors    = access{roles: auth.RolesOf(auth.Auditor, auth.Admin)}
	arbitrators = access{roles: auth.RolesOf(auth.Arbitrator, auth.Admin)}
	admins      = access{roles: auth.RolesOf(auth.Admin)}
)

// answer is what a handler has to say.
type answer struct {
	status   int          // 0 means 200
	body     any          // sent as JSON
	text     []byte       // sent in place of body where it is not nil: JSON that was written before
	replayed bool         // given before, to the same request under the same key
	page     http.Handler // answers in place of all of the above where it is no JSON, such as a *document
}

// handler reads what it needs of the call and returns what to do once the shape
// of the request is known to be right. Reading comes first: it refuses with 400,
// 413 or 415, and notes in the call's faults what will be a 422.
type handler func(c *call) (act func() (answer, error), err error)

// serve takes the call through the order of the contract.
func (c *call) serve() {
	c.route, c.vars = c.server.router.find(c.request)
	if c.route == nil {
		c.fail(c.noRoute())
		return
	}
	c.request.Pattern = c.route.path // for what is wrapped around the server
	if err := c.admit(); err != nil {
		c.fail(err)
		return
	}
	act, err := c.prepare()
	if err != nil {
		c.fail(err)
		return
	}
	if err := c.limitItems(); err != nil {
		c.fail(err)
		return
	}
	if err = c.resting; err == nil {
		err = c.provision()
	}
	if err != nil {
		c.fail(err)
		return
	}
	result, err := c.carryOut(act)
	if err != nil {
		c.fail(err)
		return
	}
	c.answer(result)
}

// answer says what a handler has to say.
func (c *call) answer(a answer) {
	if a.page != nil {
		a.page.ServeHTTP(&c.w, c.request)
		return
	}
	if a.replayed {
		c.w.Header().Set("Idempotency-Replayed", "true")
	}
	if a.text != nil {
		c.writeText(cmp.Or(a.status, http.StatusOK), a.text)
		return
	}
	c.write(cmp.Or(a.status, http.StatusOK), a.body)
}

func (c *call) noRoute() error {
	if len(c.server.router.methods(c.request)) > 0 {
		return errMethod
	}
	return errRouteNotFound
}

// prepare reads what all routes share, and then what the handler wants. What is
// no readable request at all (400, 413, 415) comes before the list of what is
// wrong with one (422).
func (c *call) prepare() (func() (answer, error), error) {
	if c.route.keyed {
		c.readKey()
	}
	c.query = readQuery(c.request.URL.RawQuery, &c.faults)
	act, err := c.route.handle(c)
	if err != nil {
		return nil, err
	}
	c.query.refuseOthers()
	return act, c.faults.err()
}

// provision gives a caller who has no profile one, on first use of a route that
// is for callers. Public routes do without: what they answer depends on nobody,
// and a probe with a token must not need the database.
func (c *call) provision() error {
	if c.route.access.public {
		return nil
	}
	wanted, origin := c.server.config.ProvisionRegistry, teg.FromRegistry
	if c.caller.Session != "" { // nobody but the agent itself says who it is
		wanted, origin = c.server.config.ProvisionSelf, teg.FromSelf
	}
	if !wanted {
		return nil
	}
	return c.register(c.caller.Agent, origin)
}

// register gives an agent a profile that has none.
func (c *call) register(agent teg.DID, origin teg.Origin) error {
	known, err := c.engine().Registered(c.ctx, agent)
	if err != nil || known {
		return err
	}
	p := teg.RegisterParams{Agent: agent, Origin: origin}
	if c.server.config.Metadata != nil && origin == teg.FromRegistry {
		p.Metadata = c.server.config.Metadata(c.ctx, c.caller)
	}
	if _, err = c.engine().RegisterAgent(c.ctx, p); p.Metadata != nil && errors.Is(err, teg.ErrInvalidInput) {
		p.Metadata = nil // a profile without is better than none
		_, err = c.engine().RegisterAgent(c.ctx, p)
	}
	if errors.Is(err, teg.ErrAlreadyExists) { // somebody was faster
		return nil
	}
	return err
}

// withBody makes the handler of a route that takes a JSON body of type T.
func withBody[T any](run func(c *call, in *T) (answer, error)) handler {
	return func(c *call) (func() (answer, error), error) {
		in := new(T)
		if err := c.read(in); err != nil {
			return nil, err
		}
		return func() (answer, error) { return run(c, in) }, nil
	}
}

// read reads the body, and notes what is wrong with its fields.
func (c *call) read(in any) error {
	body, err := c.readBody()
	if err != nil {
		return err
	}
	err = strictjson.Decode(body, in)
	var input *strictjson.InputError
	if errors.As(err, &input) {
		c.faults.merge(input)
	} else if err != nil {
		return err
	}
	if in, ok := in.(checked); ok && !c.faults.has(strictjson.Root) {
		in.check(&c.faults)
	}
	return nil
}

// withoutBody makes the handler of a route that takes none.
func withoutBody(run func(c *call) (answer, error)) handler {
	return func(c *call) (func() (answer, error), error) {
		return func() (answer, error) { return run(c) }, nil
	}
}

// readBody reads the body of a request that must have one.
func (c *call) readBody() ([]byte, error) {
	if !isJSON(c.request.Header["Content-Type"]) || len(c.request.Header["Content-Encoding"]) > 0 {
		return nil, errUnsupportedType
	}
	limit := c.server.config.MaxBody
	if c.request.ContentLength > limit {
		return nil, errTooLarge
	}
	body, err := io.ReadAll(io.LimitReader(c.request.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%w: it did not arrive whole", errMalformed)
	}
	if int64(len(body)) > limit {
		return nil, errTooLarge
	}
	return body, nil
}

// isJSON reports whether a body is sent as JSON, in UTF-8 where it says so.
func isJSON(types []string) bool {
	if len(types) != 1 {
		return false
	}
	if types[0] == "application/json" { // as most clients write it
		return true
	}
	kind, params, err := mime.ParseMediaType(types[0])
	charset, given := params["charset"]
	return err == nil && kind == "application/json" && (!given || strings.EqualFold(charset, "utf-8"))
}
