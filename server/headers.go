package server

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/unrolled/secure"
)

// securityHeaders are those of every answer, each value in a slice that nothing can be
// appended to. They depend on no request, so that the library is asked for them once.
func securityHeaders(environment string) http.Header {
	options := secure.Options{
		ContentTypeNosniff:    true,
		ContentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
		ReferrerPolicy:        "no-referrer",
	}
	if environment == "production" {
		const year = 365 * 24 * 60 * 60
		options.STSSeconds, options.STSIncludeSubdomains = year, true
		options.ForceSTSHeader = true // TLS may end at a proxy
	}
	headers, _, err := secure.New(options).ProcessNoModifyRequest(nil, &http.Request{URL: new(url.URL), Header: http.Header{}})
	if err != nil { // only of requests that are redirected or refused, which none of these options does
		panic(err)
	}
	for name, values := range headers {
		headers[name] = slices.Clip(values)
	}
	return headers
}
