package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg"
)

// devFlags say where the economy of a first look is kept and served.
type devFlags struct {
	file      string
	ephemeral bool
	listen    string
}

func newDev() *cobra.Command {
	var f devFlags
	cmd := &cobra.Command{
		Use: "dev", Short: "Everything at once, for a first look", Args: noArgs,
		Long: "Makes a small economy in a SQLite file, serves it on this machine, and prints\n" +
			"tokens and a first request to paste. The file is kept: run it again and\n" +
			"everything is still there. The keys of tokens and of the audit log are published: never use this\n" +
			"for anything that matters. Settings of tokens, storage, keys and traces, and a configuration\n" +
			"file, are not looked at.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case f.ephemeral && cmd.Flags().Changed("file"):
				return misused("--file and --ephemeral contradict each other; leave one of them out")
			case f.file == "" || f.file == ":memory:":
				return misused("--file must name a file; to keep nothing use --ephemeral")
			}
			return f.run(cmd)
		},
	}
	cmd.Flags().StringVar(&f.file, "file", "teg-dev.db", "SQLite file that the economy is kept in")
	cmd.Flags().BoolVar(&f.ephemeral, "ephemeral", false, "keep nothing")
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1:8002", "host:port on which the server listens")
	return cmd
}

func (f *devFlags) run(cmd *cobra.Command) error {
	c, err := f.config()
	if err != nil {
		return err
	}
	ctx, stop := untilSignalled(cmd.Context())
	defer stop()
	logger := newLogger(c, cmd.ErrOrStderr())
	b, err := seededBooks(ctx, c, logger)
	if err != nil {
		return unlessEnded(ctx, err)
	}
	s, err := start(ctx, c, b, logger)
	if err != nil {
		return unlessEnded(ctx, err)
	}
	if err := f.welcome(cmd.OutOrStdout(), s); err != nil {
		return errors.Join(err, s.shutDown())
	}
	return s.wait(ctx)
}

// config leaves the database and the address to the flags alone, and tokens to
// the published key, so that no setting of the environment lets a first look
// touch a real economy, print a token that is good for one, ask a storage, an
// arbitrator or a collector, or need a policy, a registry or a workload.
func (f *devFlags) config() (*config.Config, error) {
	database := "sqlite://:memory:"
	if !f.ephemeral {
		database = "sqlite://" + filepath.ToSlash(f.file)
	}
	sources := config.FromProcess(map[string]string{"DATABASE_URL": database, "LISTEN_ADDR": f.listen})
	sources.Environ = slices.DeleteFunc(sources.Environ, func(entry string) bool {
		return strings.HasPrefix(entry, "JWT_") || strings.HasPrefix(entry, "LOGIN_") || strings.HasPrefix(entry, "IPFS_") ||
			strings.HasPrefix(entry, "ARBITRATOR_") || strings.HasPrefix(entry, "OPA_") ||
			strings.HasPrefix(entry, "REGISTR") || strings.HasPrefix(entry, "SPIFFE_") ||
			strings.HasPrefix(entry, "LOG_SIGNING_") || strings.HasPrefix(entry, "LOG_ORIGIN") ||
			strings.HasPrefix(entry, "OTEL_") || strings.HasPrefix(entry, "WEBHOOK_SECRET_") || strings.HasPrefix(entry, config.FileVariable+"=")
	})
	sources.Defaults = map[string]string{
		secretKey: config.DevelopmentSecret, logKey: config.DevelopmentLogKey, webhookKey: config.DevelopmentSecret, "WEBHOOK_ALLOW_PRIVATE": "true",
		"RATE_LIMIT_ENABLED": "false", "LOG_LEVEL": "warn", "CONSOLE_ENABLED": "true",
	}
	return config.Load(sources)
}

// seededBooks opens the economy, and makes it where it is missing.
func seededBooks(ctx context.Context, c *config.Config, logger *slog.Logger) (*books, error) {
	st, err := createStore(ctx, c.Database)
	if err != nil {
		return nil, err
	}
	if err := st.Migrate(ctx); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	b, err := startBooks(ctx, st, c, logger)
	if err != nil {
		return nil, err
	}
	if err := seed(ctx, b.Engine); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// The parties of the seeded economy.
var (
	devAlice   = teg.Agent("did:example:alice")
	devBob     = teg.Agent("did:example:bob")
	devCarol   = teg.Agent("did:example:carol")
	devAuditor = teg.Agent("did:example:auditor")
	devAdmin   = teg.Agent("did:example:admin")
)

// seed makes the small economy. Its acts have references and names that are
// taken once for ever, so that seeding again changes nothing.
func seed(ctx context.Context, e *teg.Engine) error {
	_, err := e.Issue(ctx, teg.IssueParams{
		By: devAdmin, To: e.TreasuryDID(), Amount: teg.AVT("1000000"), Reason: "the first supply", Reference: "teg-dev:supply",
	})
	if err := once(err); err != nil {
		return err
	}
	for _, agent := range []teg.DID{devAlice, devBob, devCarol, devAuditor, devAdmin} {
		_, err := e.RegisterAgent(ctx, teg.RegisterParams{Agent: agent, By: devAdmin, Grant: teg.AVT("1000")})
		if err := once(err); err != nil {
			return err
		}
	}
	for i, t := range []teg.TransferParams{
		{From: devAlice, To: devBob, Amount: teg.AVT("25"), Message: "translation of a contract"},
		{From: devBob, To: devCarol, Amount: teg.AVT("7.5"), Message: "an hour of computing"},
		{From: devCarol, To: devAlice, Amount: teg.AVT("0.25"), Message: "one search"},
	} {
		t.Reference = fmt.Sprintf("teg-dev:%d", i)
		if err := payOnce(ctx, e, t); err != nil {
			return err
		}
	}
	if err := seedStakes(ctx, e); err != nil {
		return err
	}
	return seedFlag(ctx, e)
}

// seedFlag has the auditor point at somebody, so that there is something to review.
func seedFlag(ctx context.Context, e *teg.Engine) error {
	flag := step{devAuditor, "raise_flag", func() error {
		_, err := e.RaiseFlag(ctx, teg.RaiseFlagParams{
			By: devAuditor, Agent: devCarol, Code: "PRICE_TOO_GOOD", Severity: teg.SeverityLow,
			Reason: "asks a quarter of what others ask for a search; see what it delivers",
		})
		return err
	}}
	return flag.once(ctx, e)
}

// payOnce makes a payment unless it has been made: what was paid would not
// always be paid again, the payer may be suspended by now.
func payOnce(ctx context.Context, e *teg.Engine, t teg.TransferParams) error {
	page, err := e.Transactions(ctx, teg.TransactionsQuery{Agent: t.From, Reference: t.Reference, Limit: 1})
	if err != nil || len(page.Transactions) > 0 {
		return err
	}
	_, err = e.Transfer(ctx, t)
	return once(err)
}

// once takes it for success that something has been done before.
func once(err error) error {
	if errors.Is(err, teg.ErrAlreadyExists) {
		return nil
	}
	return err
}

// welcome prints where everything is, and what to paste.
func (f *devFlags) welcome(w io.Writer, s *service) error {
	kept := "kept in " + f.file
	if f.ephemeral {
		kept = "gone when this ends"
	}
	tokens, err := devTokens(s.config)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, welcome, kept, s.url(), s.config.APIPrefix, tokens, devBob, config.DevelopmentLogVerifier)
	return err
}

const welcome = `TEG serves a small economy, %[1]s.

  API     %[2]s%[3]s
  Health  %[2]s/health
  Console %[2]s/console (log in with one of the tokens)

%[4]s
# paste the tokens above into another terminal, and then, as an agent:
curl -s -H "Authorization: Bearer $AGENT" %[2]s%[3]s/token/balance
curl -s -H "Authorization: Bearer $AGENT" %[2]s%[3]s/agent/stakes
curl -s -H "Authorization: Bearer $AGENT" -H 'Content-Type: application/json' \
  -d '{"receiver_agent_id": "%[5]s", "amount": "5", "message": "thanks"}' %[2]s%[3]s/token/transfer
# or with this program, which docs/cli.md tells more of:
TEG_URL=%[2]s TEG_TOKEN=$AGENT teg pay %[5]s 5 --message thanks
# as an auditor, and as an admin:
curl -s -H "Authorization: Bearer $AUDITOR" %[2]s%[3]s/admin/metrics
curl -s -H "Authorization: Bearer $AUDITOR" %[2]s%[3]s/admin/auditor/flags
curl -s -H "Authorization: Bearer $ADMIN" %[2]s%[3]s/admin/treasury
# and as anybody, the audit log's checkpoint, signed by %[6]s:
curl -s %[2]s%[3]s/log/checkpoint

Ctrl-C ends it.
`

// devTokens are lines for a shell, one token for each kind of caller.
func devTokens(c *config.Config) (string, error) {
	signer, err := auth.NewSigner(tokenConfig(c), nil)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, holder := range []struct {
		name  string
		agent teg.DID
		role  auth.Role
	}{{"AGENT", devAlice, auth.Agent}, {"AUDITOR", devAuditor, auth.Auditor}, {"ADMIN", devAdmin, auth.Admin}} {
		token, err := signer.Mint(auth.Identity{Agent: holder.agent, Roles: auth.RolesOf(holder.role)}, c.JWTMaxLifetime)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "# %s, for %.0f hours\nexport %s=%s\n", holder.agent, c.JWTMaxLifetime.Hours(), holder.name, token)
	}
	return text.String(), nil
}
