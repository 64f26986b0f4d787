package console

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

// entrance is the page on which people log in.
type entrance struct {
	Next, Problem string
	Back          string // the page itself, for who is logged in and came from elsewhere, so that no cookie was sent
	Ended         bool
	Agent         string
	Challenge     string // to be signed; empty before there is one
}

// askToLogIn sends a browser to the entrance, and from there back to where it wanted.
func (c *Console) askToLogIn(w http.ResponseWriter, r *http.Request, why string) {
	query := url.Values{}
	if r.Method == http.MethodGet && r.URL.Path != c.config.Base {
		query.Set("next", r.URL.RequestURI())
	}
	if why != "" {
		query.Set("why", why)
	}
	address := c.config.Base + "/login"
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	if r.Header.Get("HX-Request") != "" { // a part of a page cannot be redirected, the page can
		w.Header().Set("HX-Redirect", address)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// destination is where to go after a login: a page of the console, whatever was asked for.
func (c *Console) destination(next string) string {
	at, err := url.Parse(next)
	inside := err == nil && at.Scheme == "" && at.Host == "" && at.Opaque == "" &&
		strings.HasPrefix(at.Path, c.config.Base+"/") && !strings.Contains(at.Path, "..") && !strings.ContainsAny(next, "\\\t\r\n")
	if !inside {
		return c.config.Base
	}
	return at.RequestURI()
}

func (c *Console) login(w http.ResponseWriter, r *http.Request) {
	if c.holder(r) != nil && r.URL.Query().Get("why") == "" {
		http.Redirect(w, r, c.destination(r.URL.Query().Get("next")), http.StatusSeeOther)
		return
	}
	next, ended := r.URL.Query().Get("next"), r.URL.Query().Get("why") == "ended"
	e := entrance{Next: next, Ended: ended}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" && !ended {
		e.Back = c.destination(next)
	}
	c.enter(w, http.StatusOK, e)
}

func (c *Console) enter(w http.ResponseWriter, status int, e entrance) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := c.templates["login"].ExecuteTemplate(w, "login", e); err != nil {
		c.config.Logger.Error("the entrance of the console failed", "error", err)
	}
}

// loginByToken takes a token that somebody pasted.
func (c *Console) loginByToken(w http.ResponseWriter, r *http.Request) {
	e := entrance{Next: r.PostFormValue("next")}
	token := strings.TrimSpace(r.PostFormValue("token"))
	h, err := newHolder(token, "")
	if err == nil {
		err = c.tryToken(r, token)
	}
	c.welcome(w, r, h, e, err)
}

// tryToken asks the API whether it takes a token.
func (c *Console) tryToken(r *http.Request, token string) error {
	api, err := c.client(token, nil)
	if err != nil {
		return err
	}
	_, err = api.GetBalance(r.Context())
	var refused *client.Error
	if errors.As(err, &refused) && refused.Status != http.StatusUnauthorized && refused.Status < http.StatusInternalServerError {
		return nil // it knows who asks, whatever else is wrong
	}
	return err
}

// welcome lets somebody in, or says why not.
func (c *Console) welcome(w http.ResponseWriter, r *http.Request, h *holder, e entrance, err error) {
	if err == nil {
		err = c.remember(w, r, h)
	}
	if err != nil {
		status := http.StatusUnauthorized
		if e.Problem = problem(err); failureOf(err).Status == http.StatusBadGateway && !errors.Is(err, errNoToken) {
			status = http.StatusBadGateway
		}
		c.enter(w, status, e)
		return
	}
	http.Redirect(w, r, c.destination(e.Next), http.StatusSeeOther)
}

// problem is what is said of an error on a form.
func problem(err error) string {
	var refused *client.Error
	if !errors.As(err, &refused) {
		if errors.As(err, new(*client.NoAnswerError)) {
			return "the server did not answer; try again"
		}
		return err.Error()
	}
	said := refused.Message
	for _, field := range refused.Fields {
		said += "; " + field.Field + " " + field.Message
	}
	return said
}

// challenge gets what somebody is to sign with a key of its DID.
func (c *Console) challenge(w http.ResponseWriter, r *http.Request) {
	e := entrance{Next: r.PostFormValue("next"), Agent: strings.TrimSpace(r.PostFormValue("agent_did"))}
	agent, err := did.Parse(e.Agent)
	if err != nil {
		e.Problem = "that is no DID; it is like did:key:z6Mk…"
		c.enter(w, http.StatusUnprocessableEntity, e)
		return
	}
	api, err := c.client("", nil)
	if err == nil {
		var given *client.Challenge
		if given, err = api.Challenge(r.Context(), client.ChallengeRequest{AgentDID: agent}); err == nil {
			e.Challenge = given.Challenge
			c.enter(w, http.StatusOK, e)
			return
		}
	}
	e.Problem = problem(err)
	c.enter(w, failureOf(err).Status, e)
}

// loginBySignature takes a signature of a challenge.
func (c *Console) loginBySignature(w http.ResponseWriter, r *http.Request) {
	e := entrance{Next: r.PostFormValue("next"), Agent: r.PostFormValue("agent_did")}
	h, err := c.exchange(r, e.Agent)
	c.welcome(w, r, h, e, err)
}

// exchange trades a signature for a token.
func (c *Console) exchange(r *http.Request, agent string) (*holder, error) {
	id, err := did.Parse(agent)
	if err != nil {
		return nil, errors.New("that is no DID; it is like did:key:z6Mk…")
	}
	api, err := c.client("", nil)
	if err != nil {
		return nil, err
	}
	tokens, err := api.Login(r.Context(), client.LoginRequest{
		AgentDID: id, Challenge: r.PostFormValue("challenge"), Signature: strings.TrimSpace(r.PostFormValue("signature")),
	})
	if err != nil {
		return nil, err
	}
	return newHolder(tokens.AccessToken, tokens.RefreshToken)
}

// logout ends the session, and with it the tokens of a login by signature.
func (c *Console) logout(w http.ResponseWriter, r *http.Request) {
	if h := c.holder(r); h != nil && h.refresh != "" {
		api, err := c.client("", nil)
		if err == nil {
			err = api.Logout(r.Context(), client.RefreshRequest{RefreshToken: h.refresh})
		}
		if err != nil {
			c.config.Logger.WarnContext(r.Context(), "a session could not be ended", "agent", h.Agent.String(), "error", problem(err))
		}
	}
	c.forget(w, r)
	http.Redirect(w, r, c.config.Base+"/login", http.StatusSeeOther)
}
