package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
)

func newHealth() *cobra.Command {
	var at string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use: "health", Short: "Ask a server whether it can serve", Args: noArgs,
		Long: "Asks a server whether it is ready, for containers and supervisors that have no other\n" +
			"client. Exit code 0: it is; 1: it is not, or does not answer. Without --url it asks\n" +
			"this machine at LISTEN_ADDR.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			target, err := healthURL(cmd, at)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			if err := askHealth(ctx, target); err != nil {
				return err
			}
			return say(cmd, "ready")
		},
	}
	cmd.Flags().StringVar(&at, "url", "", "address of the server, such as http://127.0.0.1:8000")
	cmd.Flags().DurationVar(&timeout, "timeout", 5*time.Second, "how long to wait for the answer")
	addSettings(cmd, "LISTEN_ADDR")
	return cmd
}

// healthURL is what is asked.
func healthURL(cmd *cobra.Command, at string) (string, error) {
	if at == "" {
		c, err := loadWithoutTokens(cmd)
		if err != nil {
			return "", err
		}
		host, port, err := net.SplitHostPort(c.ListenAddr)
		if err != nil {
			return "", err
		}
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "127.0.0.1"
		}
		at = "http://" + net.JoinHostPort(host, port)
	}
	u, err := url.Parse(at)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", misused("--url must be an address such as http://127.0.0.1:8000")
	}
	return u.JoinPath("health/ready").String(), nil
}

func askHealth(ctx context.Context, target string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", cmp.Or(errors.Unwrap(err), err))
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20)); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: it answers %d", answer.StatusCode)
	}
	return nil
}
