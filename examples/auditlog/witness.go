package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// witness is somebody outside, who believes the server nothing but what its log's public
// key proves. This file imports nothing of the project.
type witness struct {
	api    string // where the API is
	token  string // of the agent, for its own proofs
	origin string // the name of the log
	key    note.Verifier
	kept   tlog.Tree // of the newest checkpoint that was believed
}

// errRefused is a log that is not what it said that it was.
var errRefused = errors.New("the log is refused")

// believe checks a checkpoint: that the log's key signed it, and that the log of the one
// before is the beginning of this one. Then it keeps it.
func (w *witness) believe(ctx context.Context, text string) error {
	tree, err := w.open(text)
	if err != nil {
		return err
	}
	if w.kept.N > 0 && tree != w.kept {
		var grown struct {
			Path tlog.TreeProof `json:"consistency_path"`
		}
		if err := w.get(ctx, fmt.Sprintf("/log/consistency?from=%d&to=%d", w.kept.N, tree.N), &grown); err != nil {
			return err
		}
		if err := tlog.CheckTree(grown.Path, tree.N, tree.Hash, w.kept.N, w.kept.Hash); err != nil {
			return fmt.Errorf("%w: it was rewritten since %d events: %w", errRefused, w.kept.N, err)
		}
	}
	w.kept = tree
	return nil
}

// open verifies the signature of a checkpoint, and reads it.
func (w *witness) open(text string) (tree tlog.Tree, err error) {
	signed, err := note.Open([]byte(text), note.VerifierList(w.key))
	if err != nil {
		return tree, fmt.Errorf("%w: its key did not sign this: %w", errRefused, err)
	}
	var root string
	if _, err := fmt.Sscanf(strings.TrimPrefix(signed.Text, w.origin+"\n"), "%d\n%s\n", &tree.N, &root); err != nil {
		return tree, fmt.Errorf("%w: this is no checkpoint of %s", errRefused, w.origin)
	}
	tree.Hash, err = tlog.ParseHash(root)
	return tree, err
}

// seen returns the event of a transaction once it is proven to be in the log.
func (w *witness) seen(ctx context.Context, transaction string) (event string, position int64, err error) {
	var proof struct {
		Event      string           `json:"event"`
		LeafIndex  int64            `json:"leaf_index"`
		Path       tlog.RecordProof `json:"inclusion_path"`
		Checkpoint string           `json:"checkpoint"`
	}
	if err := w.get(ctx, "/token/transactions/"+transaction+"/proof", &proof); err != nil {
		return "", 0, err
	}
	if err := w.believe(ctx, proof.Checkpoint); err != nil {
		return "", 0, err
	}
	leaf := tlog.RecordHash([]byte(proof.Event))
	if err := tlog.CheckRecord(proof.Path, w.kept.N, w.kept.Hash, proof.LeafIndex, leaf); err != nil {
		return "", 0, fmt.Errorf("%w: it does not hold this event: %w", errRefused, err)
	}
	if !strings.Contains(proof.Event, transaction) {
		return "", 0, fmt.Errorf("%w: this is the event of another transaction", errRefused)
	}
	return proof.Event, proof.LeafIndex, nil
}

// newest reads and checks the newest checkpoint.
func (w *witness) newest(ctx context.Context) error {
	body, err := w.ask(ctx, "/log/checkpoint")
	if err != nil {
		return err
	}
	return w.believe(ctx, string(body))
}

func (w *witness) get(ctx context.Context, path string, into any) error {
	body, err := w.ask(ctx, path)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

func (w *witness) ask(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.api+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+w.token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%w: %s: %s", errRefused, answer.Status, body)
	}
	return body, err
}
