// Package console has the pages on which people see and run an economy, rendered by the
// server: [New] makes an [http.Handler] of them.
//
// Whatever a page shows, and whatever is done in it, is a call of the HTTP API, made by
// package client with the token of whoever looks: rights, limits and suspensions are the
// API's, and each page shows the same calls for curl. Nothing else is kept here but the
// session, which is the token, sealed in a cookie.
//
// A page is a file of Go and a template of the same name, and a line in the table of
// pages; what can be done is a line in the table of acts. Pages work without JavaScript; with
// it they filter while one types, draw charts, and have keys.
//
// What lies in dist comes from the packages htmx.org 2.0.11 and uplot 1.6.32 of npm, under
// the licences beside it, compressed and otherwise unchanged; make console-dist fetches it
// again.
package console
