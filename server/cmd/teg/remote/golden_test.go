package remote

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden file anew")

const (
	bob    = "did:example:bob"
	golden = "testdata/answers.golden"
)

// answered are command lines, one for each command.
var answered = []string{
	"balance", "pay did:example:bob 5", "transactions", "transactions list", "transactions show tx_1", "transactions refund tx_1",
	"operation order-17", "hold", "hold list", "hold create did:example:bob 5 --expires 1h", "hold capture hold_1 --amount 2", "hold void hold_1",
	"fees", "fees 5", "stake", "stake list", "stake rewards", "stake add 5", "stake remove stake_1", "stake claim", "stake cycle",
	"stake slash did:example:bob 2.5 --evidence e --reason r --yes", "delegate", "delegate list", "delegate add stake_1 did:example:bob",
	"delegate remove del_1", "validator did:example:bob", "reputation did:example:bob", "reputation history did:example:bob",
	"reputation rankings", "reputation signal tx_1 praise", "trust did:example:bob", "attest uptime", "attestations", "attestations list",
	"attestations show att_1", "attestations review att_1 accept", "dispute", "dispute list",
	"dispute file did:example:bob --transaction tx_1 --reason NOT_DELIVERED --description late", "dispute show disp_1",
	"dispute respond disp_1 words", "dispute evidence disp_1 ipfs://x", "dispute withdraw disp_1", "dispute advance disp_1 review",
	"dispute rule disp_1 split --notes half", "panel", "panel list", "panel show disp_1", "panel reveal disp_1 split salt",
	"flags", "flags list", "flags show flag_1", "flags review flag_1 resolved", "flags escalate flag_1 --reason r",
	"flags raise did:example:bob X --severity low --reason r", "flags rules", "flags metrics",
	"policy", "policy list", "policy show pol_1", "policy put {}", "policy deactivate pol_1 --yes", "policy terms",
	"agent profile", "agent suspend did:example:bob --reason r --yes", "agent reactivate did:example:bob --reason r",
	"agent roles did:example:bob --revoke auditor --reason r", "issue did:example:bob 5 --reason r", "burn 5 --reason r --yes",
	"adjust did:example:alice did:example:bob 5 --reason r --yes", "audit-log", "metrics", "system", "treasury", "bootstrap-token new",
	"webhook", "webhook list", "webhook create https://alice.example/hooks", "webhook show wh_1", "webhook update wh_1 --to https://alice.example/other",
	"webhook pause wh_1", "webhook resume wh_1 --from-now", "webhook rotate wh_1 --overlap-hours 1", "webhook test wh_1", "webhook resend wh_1 msg_1",
	"webhook deliveries wh_1", "webhook delete wh_1",
	"api GET /token/balance", "api POST /token/transfer --data {}",
}

// elsewhere are commands that have tests of their own.
var elsewhere = []string{"keygen", "login", "events", "mcp", "panel commit", "agent register", "bootstrap-token check", "agent", "bootstrap-token"}

// Every command shows the example of its answer in the document, and with --json the
// answer as it came.
func TestAnswers(t *testing.T) {
	s := newStand(t, documented(t))
	var shown strings.Builder
	for _, line := range answered {
		code, stdout, stderr := s.run(strings.Fields(line)...)
		require.Zero(t, code, "%s: %s", line, stderr)
		require.NotEmpty(t, stdout, line)
		require.NotRegexp(t, `(?m)(^|  )\?(  |$)`, stdout, "%s: a column is no field of the document", line)
		shown.WriteString("$ teg " + line + "\n" + stdout + "\n")
		code, stdout, _ = s.run(append(strings.Fields(line), "--json")...)
		require.Zero(t, code, line)
		require.Regexp(t, `^\{.*\}\n$`, stdout, line)
	}
	for _, line := range answered { // a name is taken where a command has the flag for it
		if code, _, stderr := s.run(append(strings.Fields(line), "--key", "k")...); code != 0 && !strings.HasPrefix(line, "api") {
			require.Contains(t, stderr, "unknown flag: --key", line)
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(shown.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), shown.String())
}

// No command is without a test, an explanation, or, where it is one of a list, its columns.
func TestEveryCommandIsTried(t *testing.T) {
	tried := strings.Join(answered, " \n") + " \n"
	var visit func(path string, cmd *cobra.Command)
	visit = func(path string, cmd *cobra.Command) {
		require.NotEmpty(t, cmd.Short, path)
		found := strings.HasPrefix(tried, path+" ") || strings.Contains(tried, "\n"+path+" ")
		for _, other := range elsewhere {
			found = found || other == path
		}
		require.True(t, found, "%s is in no test", path)
		for _, child := range cmd.Commands() {
			visit(path+" "+child.Name(), child)
		}
	}
	for _, cmd := range Commands() {
		visit(cmd.Name(), cmd)
	}
}
