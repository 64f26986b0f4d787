// Package spiffe lets workloads call the API by their X.509-SVIDs instead of a token: it
// gets the server's own SVID and the bundles to trust from the SPIFFE Workload API, over
// which they are rotated while the server runs, and maps SPIFFE ids to agents and roles.
//
//	source, err := spiffe.Open(ctx, spiffe.Config{
//		Address: "unix:///run/spire/agent.sock", TrustDomains: []string{"example.org"},
//		Workloads: map[string]spiffe.Workload{"spiffe://example.org/billing": {Agent: billing, Roles: auth.RolesOf(auth.System)}},
//	})
//	api := server.New(eng, server.Config{Peers: source.Identify})
//	err = (&http.Server{Handler: api}).Serve(tls.NewListener(listener, source.TLS()))
//
// It is a package of its own because of gRPC, which it brings.
package spiffe
