package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a client of the protocol says.
const (
	hello   = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`
	ready   = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
	payment = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"pay","arguments":{"to":"did:example:bob","amount":"5"}}}`
	refusal = `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"pay","arguments":{"to":"did:example:bob","amount":"50"}}}`
)

// teg mcp is an agent's wallet on stdin and stdout, within its bounds, until stdin ends.
func TestMCPOverStdio(t *testing.T) {
	t.Parallel()
	e := newServed(t, "sqlite://teg.db")
	admin := e.as("root", "admin")
	alice, bob := e.as("alice", "agent"), e.as("bob", "agent")
	alice.does("agent", "profile")
	bob.does("agent", "profile")
	admin.does("issue", "did:example:alice", "100", "--reason", "r")

	cmd := e.command(append([]string{"mcp", "--max-payment", "10"}, alice.flags...)...)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var errs strings.Builder
	cmd.Stderr = &errs
	require.NoError(t, cmd.Start())
	answers := bufio.NewScanner(out)
	ask := func(message string) string {
		t.Helper()
		_, err := io.WriteString(in, message+"\n")
		require.NoError(t, err)
		require.True(t, answers.Scan(), errs.String())
		return answers.Text()
	}
	require.Contains(t, ask(hello), "untrusted_text")
	_, err = io.WriteString(in, ready+"\n")
	require.NoError(t, err)
	require.Contains(t, ask(payment), `"available":"94.999"`)
	require.Contains(t, ask(payment), `"replayed":true`)
	require.Contains(t, ask(refusal), "wallet.max_payment")
	require.NoError(t, in.Close())
	require.False(t, answers.Scan(), "nothing else is on stdout")
	require.NoError(t, cmd.Wait(), errs.String())
	require.Equal(t, "5", bob.does("balance")["balance"])

	alice.refused(2, "above zero", "mcp", "--max-total", "0")
	alice.refused(2, "amount", "mcp", "--max-payment", "much")
	e.close()
}

// At /mcp there are the tools where that is wanted, for whoever has a token.
func TestMCPOverHTTP(t *testing.T) {
	t.Parallel()
	ask := func(url, token string) (int, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), "POST", url+"/mcp", strings.NewReader(payment))
		require.NoError(t, err)
		request.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"}, "Authorization": {"Bearer " + token}}
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(text)
	}
	b, api, tokens := startDev(newShell(t))
	url := strings.TrimSuffix(api, "/api/v1")
	status, text := ask(url, tokens["AGENT"])
	require.Equal(t, 200, status, text)
	var answer struct {
		Result struct {
			StructuredContent struct {
				To, Amount string
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &answer), text)
	require.Equal(t, "5", answer.Result.StructuredContent.Amount, text)
	status, text = ask(url, "x.y.z")
	require.Equal(t, 401, status, text)
	require.Zero(t, b.end(os.Interrupt))

	e := newServed(t, "sqlite://teg.db")
	status, _ = ask(e.url, "x.y.z")
	require.Equal(t, 404, status, "it is off where nobody asked for it")
	e.close()
}
