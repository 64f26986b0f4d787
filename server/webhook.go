package server

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
)

// The scopes of webhooks.
const (
	ownEvents = "own"
	allEvents = "all"
)

var adminRole = auth.RolesOf(auth.Admin)

type webhookRequest api.WebhookRequest

func (in *webhookRequest) check(f *faults) {
	checkAddress(f, &in.URL)
	checkKinds(f, in.EventTypes)
	f.text("description", in.Description, teg.MaxWebhookDescription)
	if in.Scope != nil && *in.Scope != ownEvents && !in.all() {
		f.add("scope", "must be own or all", in.Scope)
	}
	if in.AgentID != nil && !in.all() {
		f.add("agent_id", "is for the scope all", nil)
	}
}

// all reports whether it is to be told of all events.
func (in *webhookRequest) all() bool {
	return orZero(in.Scope) == allEvents
}

// checkAddress looks at what needs no courier to be told. The address is a secret to the
// log of requests, as there may be one in it.
func checkAddress(f *faults, address *string) {
	if address != nil && (*address == "" || len(*address) > teg.MaxWebhookURL) {
		f.add("url", "must have 1 to "+strconv.Itoa(teg.MaxWebhookURL)+" bytes", nil)
	}
}

func checkKinds(f *faults, kinds []string) {
	if len(kinds) > teg.MaxWebhookActions {
		f.add("event_types", "must be a list of at most "+strconv.Itoa(teg.MaxWebhookActions), nil)
	}
	known := teg.EventActions()
	for i := range kinds {
		field := "event_types[" + strconv.Itoa(i) + "]"
		switch {
		case !slices.Contains(known, kinds[i]):
			f.add(field, "there are no events of this type", &kinds[i])
		case slices.Contains(kinds[:i], kinds[i]):
			f.add(field, "is given twice", &kinds[i])
		}
	}
}

func postWebhook(c *call, in *webhookRequest) (answer, error) {
	if in.all() {
		if err := c.actsAsAdmin(); err != nil {
			return answer{}, err
		}
	}
	r, err := c.engine().CreateWebhook(c.ctx, teg.CreateWebhookParams{
		By: c.caller.Agent, URL: in.URL, Actions: in.EventTypes, All: in.all(), About: orZero(in.AgentID), Description: orZero(in.Description),
	})
	return c.secretWebhook(http.StatusCreated, &r, err)
}

// secretWebhook shows a secret, once.
func (c *call) secretWebhook(status int, r *teg.WebhookReceipt, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	var state teg.WebhookState
	if !c.dry || r.Generation > 1 { // one that would be made is not there to be read
		if state, err = c.engine().Webhook(c.ctx, r.ID, c.caller.Agent); err != nil {
			return answer{}, err
		}
	}
	state.Webhook = r.Webhook
	return answer{status: status, body: api.WebhookWithSecret{Webhook: c.webhookOf(&state), Secret: r.Secret}}, nil
}

// webhookOf is a webhook. Who oversees those of others does not see their addresses whole.
func (c *call) webhookOf(w *teg.WebhookState) api.Webhook {
	scope := ownEvents
	if w.All {
		scope = allEvents
	}
	address := w.URL
	if w.Owner != c.caller.Agent {
		address = ""
		if u, err := url.Parse(w.URL); err == nil {
			address = u.Scheme + "://" + u.Host
		}
	}
	return api.Webhook{
		WebhookID: w.ID, OwnerAgentID: w.Owner, URL: address, Scope: scope, EventTypes: orEmpty(w.Kinds()), AgentID: known(w.About),
		Description: orNull(w.Description), Status: w.Status, Reason: orNull(w.Reason), Behind: w.Behind, Failures: w.Failures,
		FailingSince: stampOrNull(w.FailingSince), NextAttempt: stampOrNull(w.NextAttempt), CreatedAt: stamp(w.CreatedAt), UpdatedAt: stamp(w.UpdatedAt),
		OldSecretUntil: stampOrNull(w.OldUntil),
	}
}

func getWebhooks(c *call) (func() (answer, error), error) {
	q := teg.WebhooksQuery{Viewer: c.caller.Agent, Status: oneOf(&c.query, "status", teg.ParseWebhookStatus), Owner: c.query.agent("agent_id")}
	everyone := c.query.flag("everyone")
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	if everyone && !q.Owner.IsZero() {
		c.query.fault("everyone", "not together with agent_id")
	}
	return func() (answer, error) {
		if !everyone && q.Owner.IsZero() {
			q.Owner = c.caller.Agent
		}
		if q.Owner != c.caller.Agent {
			if may, err := c.may(adminRole); err != nil || !may {
				return answer{}, orRole(err)
			}
		}
		found, err := c.engine().Webhooks(c.ctx, q)
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := api.WebhooksPage{Webhooks: make([]api.Webhook, len(found.Webhooks)), Page: p.info(found.Total, found.TotalCapped, found.NextCursor)}
		for i := range found.Webhooks {
			body.Webhooks[i] = c.webhookOf(&found.Webhooks[i])
		}
		return answer{body: body}, nil
	}, nil
}

// orRole is an error, or that a role is missing.
func orRole(err error) error {
	if err != nil {
		return err
	}
	return errRole
}

func getWebhook(c *call) (answer, error) {
	viewer, err := c.viewer(adminRole)
	if err != nil {
		return answer{}, err
	}
	state, err := c.engine().Webhook(c.ctx, c.webhookID(), viewer)
	return answer{body: c.webhookOf(&state)}, err
}

// webhookID is the webhook that the path names, zero for what is no id; see
// [call.transactionID].
func (c *call) webhookID() teg.WebhookID {
	id, _ := teg.ParseWebhookID(c.vars["webhook_id"])
	return id
}

// actsAsAdmin refuses those whose role as an administrator is not in force.
func (c *call) actsAsAdmin() error {
	may, err := c.actsAs(auth.Admin)
	if err == nil && !may {
		err = errRole
	}
	return err
}

// webhook names the webhook of the path for the caller.
func (c *call) webhook() teg.WebhookParams {
	return teg.WebhookParams{By: c.caller.Agent, ID: c.webhookID()}
}

// ownWebhook names it for its owner, who has to be an administrator still where it is told
// of all events: what a token does not say any more, the engine does not know. What else is
// wrong the engine says.
func (c *call) ownWebhook() (teg.WebhookParams, error) {
	p := c.webhook()
	if state, err := c.engine().Webhook(c.ctx, p.ID, p.By); err == nil && state.All {
		return p, c.actsAsAdmin()
	}
	return p, nil
}

// overseenWebhook names it for its owner or an admin.
func (c *call) overseenWebhook(reason string) (teg.WebhookParams, error) {
	p := c.webhook()
	var err error
	p.Reason = reason
	p.Oversees, err = c.actsAs(auth.Admin)
	return p, err
}

// webhookAnswer is what an act left of a webhook, and how that gets on.
func (c *call) webhookAnswer(r *teg.WebhookReceipt, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	state, err := c.engine().Webhook(c.ctx, r.ID, teg.DID{})
	if err != nil {
		return answer{}, err
	}
	state.Webhook = r.Webhook
	return answer{body: c.webhookOf(&state)}, nil
}

type webhookChangeRequest api.WebhookChangeRequest

func (in *webhookChangeRequest) check(f *faults) {
	checkAddress(f, in.URL)
	checkKinds(f, in.EventTypes)
	f.text("description", in.Description, teg.MaxWebhookDescription)
}

func putWebhook(c *call, in *webhookChangeRequest) (answer, error) {
	own, err := c.ownWebhook()
	if err != nil {
		return answer{}, err
	}
	p := teg.UpdateWebhookParams{WebhookParams: own, URL: in.URL, Description: in.Description}
	if in.EventTypes != nil {
		p.Actions = &in.EventTypes
	}
	r, err := c.engine().UpdateWebhook(c.ctx, p)
	return c.webhookAnswer(&r, err)
}

func deleteWebhook(c *call) (answer, error) {
	p, err := c.overseenWebhook("")
	if err != nil {
		return answer{}, err
	}
	r, err := c.engine().DeleteWebhook(c.ctx, p)
	return c.webhookAnswer(&r, err)
}

type webhookPauseRequest api.WebhookPauseRequest

func (in *webhookPauseRequest) check(f *faults) { f.text("reason", in.Reason, teg.MaxReason) }

func postPause(c *call, in *webhookPauseRequest) (answer, error) {
	p, err := c.overseenWebhook(orZero(in.Reason))
	if err != nil {
		return answer{}, err
	}
	r, err := c.engine().PauseWebhook(c.ctx, p)
	return c.webhookAnswer(&r, err)
}

func postResume(c *call, in *api.WebhookResumeRequest) (answer, error) {
	own, err := c.ownWebhook()
	if err != nil {
		return answer{}, err
	}
	r, err := c.engine().ResumeWebhook(c.ctx, teg.ResumeWebhookParams{WebhookParams: own, FromNow: orZero(in.FromNow)})
	return c.webhookAnswer(&r, err)
}

type webhookRotationRequest api.WebhookRotationRequest

func (in *webhookRotationRequest) check(f *faults) {
	f.between("overlap_hours", in.OverlapHours, 0, int64(teg.MaxSecretOverlap/time.Hour))
}

// defaultOverlap is for how long two secrets are good where nobody says.
const defaultOverlap = 24 * time.Hour

func postRotation(c *call, in *webhookRotationRequest) (answer, error) {
	overlap := defaultOverlap
	if in.OverlapHours != nil {
		overlap = time.Duration(*in.OverlapHours) * time.Hour
	}
	own, err := c.ownWebhook()
	if err != nil {
		return answer{}, err
	}
	r, err := c.engine().RotateWebhookSecret(c.ctx, teg.RotateWebhookParams{WebhookParams: own, Overlap: overlap})
	return c.secretWebhook(http.StatusOK, &r, err)
}
