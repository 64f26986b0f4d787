package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"github.com/agentvault/teg-layer/server/limit"
)

// route is one row of the API's table.
type route struct {
	method string
	path   string // a template of gorilla/mux
	access access
	keyed  bool // takes an Idempotency-Key
	handle handler
}

// endpoint is a route as it is served.
type endpoint struct {
	route
	class  limit.Class
	scores bool // it may change a score
}

// router finds the route of a request. Paths without variables, which are most
// requests, are looked up in a map; the others are matched by mux.
type router struct {
	exact  map[string]*endpoint // by method, space and path
	mux    *mux.Router
	byName map[string]*endpoint // by method, space and template
}

func newRouter(prefix string, routes []route) *router {
	r := &router{
		exact: map[string]*endpoint{}, byName: map[string]*endpoint{},
		mux: mux.NewRouter().SkipClean(true).UseEncodedPath().StrictSlash(false),
	}
	for i := range routes {
		each := &endpoint{
			route: routes[i], class: limitClass(prefix, routes[i].method, routes[i].path), scores: mayScore(prefix, routes[i].method, routes[i].path),
		}
		if !strings.Contains(each.path, "{") {
			r.exact[each.method+" "+each.path] = each
		} else {
			name := each.method + " " + each.path
			r.byName[name] = each
			r.mux.NewRoute().Path(each.path).Methods(each.method).Name(name)
		}
	}
	return r
}

// find returns the route of a request and the variables of its path, decoded;
// nil when there is none.
func (r *router) find(request *http.Request) (*endpoint, map[string]string) {
	method := request.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if found := r.exact[method+" "+request.URL.EscapedPath()]; found != nil {
		return found, nil
	}
	return r.match(request, method)
}

func (r *router) match(request *http.Request, method string) (*endpoint, map[string]string) {
	probe := &http.Request{Method: method, URL: request.URL, Host: request.Host}
	var match mux.RouteMatch
	if !r.mux.Match(probe, &match) || match.Route == nil || match.MatchErr != nil {
		return nil, nil
	}
	vars := make(map[string]string, len(match.Vars))
	for name, encoded := range match.Vars {
		decoded, err := url.PathUnescape(encoded)
		if err != nil || decoded == "" || strings.ContainsRune(decoded, 0) || encoded == "." || encoded == ".." {
			return nil, nil
		}
		vars[name] = decoded
	}
	return r.byName[match.Route.GetName()], vars
}

// methods lists what the request's path can be called with; empty when there is
// no such path.
func (r *router) methods(request *http.Request) []string {
	var methods []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		probe := *request
		probe.Method = method
		if found, _ := r.find(&probe); found != nil {
			methods = append(methods, method)
		}
	}
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	if len(methods) > 0 {
		methods = append(methods, http.MethodOptions)
	}
	return methods
}
