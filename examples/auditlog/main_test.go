package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func Example() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// a checkpoint of example.com/log, signed: 3 events
	// event 2 is in it: transfer of 10 AVT from did:example:alice to did:example:bob
	// a checkpoint of example.com/log, signed: 6 events, and nothing before them was changed
}

// rewrite changes an event behind everybody's back, as whoever owns the database can.
func (e *economy) rewrite(t *testing.T, statements ...string) {
	for _, statement := range append([]string{
		`DROP TRIGGER events_no_update`, `DROP TRIGGER log_checkpoints_no_delete`, `DROP TRIGGER log_checkpoints_no_update`,
		`UPDATE events SET body = CAST(replace(CAST(body AS TEXT), '"amount":"10"', '"amount":"9"') AS BLOB)`}, statements...) {
		_, err := e.store.DB().ExecContext(context.Background(), statement)
		require.NoError(t, err)
	}
}

// The server does not prove what it finds changed.
func TestServerRefusesAChangedEvent(t *testing.T) {
	ctx := context.Background()
	e, err := open(ctx)
	require.NoError(t, err)
	defer e.Close()
	paid, err := e.pay(ctx, "10")
	require.NoError(t, err)
	_, _, err = e.witness.seen(ctx, paid.String())
	require.NoError(t, err)
	e.rewrite(t)
	_, _, err = e.witness.seen(ctx, paid.String())
	require.ErrorIs(t, err, errRefused)
	require.ErrorContains(t, err, "503")
}

// A server that forgets what it signed, and signs another history with the same key, is
// found out by whoever kept a checkpoint.
func TestWitnessRefusesAnotherHistory(t *testing.T) {
	ctx := context.Background()
	e, err := open(ctx)
	require.NoError(t, err)
	defer e.Close()
	paid, err := e.pay(ctx, "10")
	require.NoError(t, err)
	require.NoError(t, e.witness.newest(ctx))
	require.NoError(t, func() error { _, _, err := e.witness.seen(ctx, paid.String()); return err }())
	e.rewrite(t, `DELETE FROM log_checkpoints`)
	_, err = e.pay(ctx, "1")
	require.NoError(t, err)
	_, _, err = e.witness.seen(ctx, paid.String())
	require.ErrorIs(t, err, errRefused)
	require.ErrorContains(t, err, "rewritten")
}

// Whoever stands between changes nothing that is not noticed.
func TestWitnessRefusesWhatWasChangedOnTheWay(t *testing.T) {
	ctx := context.Background()
	for name, change := range map[string][2]string{
		"the event":      {`\"amount\":\"10\"`, `\"amount\":\"9\"`},
		"its place":      {`"leaf_index":2`, `"leaf_index":1`},
		"the checkpoint": {`example.com/log\n3\n`, `example.com/log\n4\n`},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := open(ctx)
			require.NoError(t, err)
			defer e.Close()
			paid, err := e.pay(ctx, "10")
			require.NoError(t, err)
			between := httptest.NewServer(through(t, e.witness.api, change))
			defer between.Close()
			e.witness.api = between.URL + "/api/v1"
			_, _, err = e.witness.seen(ctx, paid.String())
			require.ErrorIs(t, err, errRefused)
		})
	}
}

// through passes everything on, but for one change.
func through(t *testing.T, api string, change [2]string) http.Handler {
	target, err := url.Parse(strings.TrimSuffix(api, "/api/v1"))
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		proxy.ServeHTTP(recorder, r)
		body := recorder.Body.String()
		if !strings.Contains(body, change[0]) {
			t.Error(errors.New("nothing to change in " + body))
		}
		_, _ = w.Write([]byte(strings.ReplaceAll(body, change[0], change[1])))
	})
}
