package console

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/client"
)

// page is one line of the console's table.
type page struct {
	name  string     // of its template, templates/NAME.html
	path  string     // below the base, a pattern of http.ServeMux
	title string     // of the document, and in the navigation
	key   string     // pressed after g; empty for what is not in the navigation
	roles auth.Roles // one of which it takes; none: every caller
	load  func(*visit) (any, error)
}

// visit is a request of somebody who is logged in, on its way to its page.
type visit struct {
	console *Console
	w       http.ResponseWriter
	r       *http.Request
	who     *holder
	api     *client.Client
	calls   *calls // that were made for the page
	status  int
}

// may reports whether the visitor's token gives one of some roles. The API is who decides.
func (v *visit) may(roles ...auth.Role) bool { return v.who.may(auth.RolesOf(roles...)) }

// known has a handler answer those who are logged in, and has others log in first.
func (c *Console) known(handle func(*visit) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := c.holder(r)
		if who == nil {
			c.askToLogIn(w, r, "")
			return
		}
		v := &visit{console: c, w: w, r: r, who: who, calls: new(calls), status: http.StatusOK}
		var err error
		if v.api, err = c.client(who.token, v.calls); err == nil {
			err = handle(v)
		}
		if err != nil {
			v.fail(err)
		}
	})
}

// page answers with a page.
func (c *Console) page(p page) http.Handler {
	return c.known(func(v *visit) error {
		if p.roles != 0 && !v.who.may(p.roles) {
			return errRole
		}
		content, err := p.load(v)
		if err != nil {
			return err
		}
		return v.show(p.name, p.title, content)
	})
}

// view is what the frame around every page is made of.
type view struct {
	Title   string
	Here    string // path of the page, below the base
	Who     *holder
	Pages   []link
	Calls   []string
	Content any
}

// link is a page as the navigation shows it.
type link struct {
	Title, Href, Key string
	Current          bool
}

// show writes a page.
func (v *visit) show(name, title string, content any) error {
	c := v.console
	var text bytes.Buffer
	frame := view{
		Title: title, Here: v.r.URL.Path, Who: v.who, Content: content,
		Pages: c.navigation(v.who, v.r.URL.Path), Calls: v.calls.commands(c, v.r),
	}
	if err := c.templates[name].ExecuteTemplate(&text, "frame", frame); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(v.status)
	_, _ = text.WriteTo(v.w) // who went away does not read
	return nil
}

// navigation lists the pages that somebody may see.
func (c *Console) navigation(who *holder, here string) []link {
	var links []link
	for _, p := range c.pages {
		if p.key == "" || p.roles != 0 && !who.may(p.roles) {
			continue
		}
		href := c.config.Base + p.path
		links = append(links, link{p.title, href, p.key, href == here || p.path != "" && strings.HasPrefix(here, href+"/")})
	}
	return links
}

var (
	errNoPage = errors.New("there is no such page")
	errRole   = errors.New("your token does not give the role that this page is for")
)

// failure is what the page of an error says.
type failure struct {
	Status            int
	Headline, Message string
	RequestID         string
}

// fail answers with an error. Who has no good token any more logs in again.
func (v *visit) fail(err error) {
	shown := failureOf(err)
	switch {
	case shown.Status == http.StatusUnauthorized:
		v.console.forget(v.w, v.r)
		v.console.askToLogIn(v.w, v.r, "ended")
		return
	case errors.Is(v.r.Context().Err(), context.Canceled): // nobody waits for this page any more
	case shown.Status >= http.StatusInternalServerError:
		v.console.config.Logger.ErrorContext(v.r.Context(), "a page of the console failed", "path", v.r.URL.Path, "error", err)
	}
	v.status = shown.Status
	if err := v.show("failure", shown.Headline, shown); err != nil {
		http.Error(v.w, shown.Message, shown.Status)
	}
}

func failureOf(err error) failure {
	var refused *client.Error
	switch {
	case errors.As(err, &refused):
		return failure{refused.Status, headlines[refused.Status], refused.Message, refused.RequestID}
	case errors.Is(err, errRole):
		return failure{http.StatusForbidden, headlines[http.StatusForbidden], "Your token does not give the role that this page is for.", ""}
	case errors.Is(err, errNoPage):
		return failure{http.StatusNotFound, headlines[http.StatusNotFound], "There is no such page.", ""}
	}
	return failure{http.StatusBadGateway, "The server did not answer", "The page could not be made. Try again; the server's log says more.", ""}
}

var headlines = map[int]string{
	http.StatusForbidden: "Not for you", http.StatusNotFound: "Not found", http.StatusTooManyRequests: "Too many requests",
	http.StatusUnprocessableEntity: "Not understood", http.StatusServiceUnavailable: "The server is busy", http.StatusConflict: "Not now",
}

// href is the address of a page, of parts that are escaped.
func (c *Console) href(parts ...string) string {
	address := c.config.Base
	for _, part := range parts {
		address += "/" + url.PathEscape(part)
	}
	return address
}
