package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegbench"
)

// How a server gets its transfers, and how large a page of history is.
const (
	endureBatch   = 250
	endureCallers = 8
	pageRows      = 100
)

// endure has a server as it is shipped carry out many transfers, and looks at its memory
// and at the history of the agent who has most.
func (f *goalsFlags) endure(ctx context.Context) (list []tegbench.Reading, err error) {
	s, err := serveScratch(ctx, f.place, f.Load, []string{"AUDITOR_ENABLED=true"}, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.end(ctx)) }()
	memory, err := f.fill(ctx, s)
	if err != nil {
		return nil, err
	}
	pages, err := f.pages(ctx, s.target())
	return append(pages, memory), err
}

// fill puts the transfers on the server in ten parts, and tells its memory after each.
func (f *goalsFlags) fill(ctx context.Context, s *measuredServer) (r tegbench.Reading, err error) {
	r.Goal = goalMemory
	payers := &firstPays{httpTarget: s.target()}
	payers.left.Store(int64(f.depth))
	var m memory
	for done := 0; done < f.transfers; {
		part := min(max(f.transfers/10, 1), f.transfers-done)
		load := tegbench.Load{Transfers: part, Accounts: f.Accounts, Clients: endureCallers, Batch: endureBatch}
		if _, err := tegbench.Run(ctx, load, payers); err != nil {
			return r, err
		}
		done += part
		if m, err = s.memory(ctx); err != nil {
			return r, err
		}
		f.log("%d transfers: %s", done, m)
		f.kept.Add("HTTP/memory/transfers="+strconv.Itoa(done), part, m.measures()...)
	}
	r.Values, r.Detail = []float64{m.resident}, fmt.Sprintf("%d transfers: %s", f.transfers, m)
	return r, nil
}

// firstPays has the first agent pay until it has so many rows of history.
type firstPays struct {
	*httpTarget
	left atomic.Int64
}

// Pay implements [tegbench.Target].
func (t *firstPays) Pay(ctx context.Context, from int, to []int, sums []teg.Amount, key string) error {
	if t.left.Load() > 0 {
		t.left.Add(-int64(len(to)))
		from = 0
		for i := range to {
			to[i] = max(to[i], 1) // nobody pays itself
		}
	}
	return t.httpTarget.Pay(ctx, from, to, sums, key)
}

// memory of a process, in MiB.
type memory struct {
	resident, peak float64
	files          float64 // of what is resident: the program, and what it maps of the database
	heap           float64 // of Go, in use
}

func (m memory) String() string {
	return fmt.Sprintf("%.1f MiB, of which files %.1f and Go's heap %.1f; %.1f at most so far", m.resident, m.files, m.heap, m.peak)
}

func (m memory) measures() []tegbench.Measure {
	return []tegbench.Measure{{Value: m.resident, Unit: "rss-MiB"}, {Value: m.peak, Unit: "peak-rss-MiB"}, {Value: m.files, Unit: "files-MiB"}, {Value: m.heap, Unit: "heap-MiB"}}
}

// memory reads what the system and the server say.
func (s *measuredServer) memory(ctx context.Context) (m memory, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.servers[0].Process.Pid))
	if err != nil {
		return m, fmt.Errorf("the memory of a server is read from /proc, which is Linux's: %w", err)
	}
	page, err := s.target().metrics(ctx)
	if err != nil {
		return m, err
	}
	for _, each := range []struct {
		into *float64
		text []byte
		name string
		unit float64 // in bytes
	}{
		{&m.resident, status, "VmRSS:", 1 << 10}, {&m.peak, status, "VmHWM:", 1 << 10}, {&m.files, status, "RssFile:", 1 << 10},
		{&m.heap, page, "go_memstats_heap_inuse_bytes", 1},
	} {
		value, err := numberAfter(each.text, each.name)
		if err != nil {
			return m, err
		}
		*each.into = value * each.unit / (1 << 20)
	}
	return m, nil
}

// numberAfter reads the number behind the name that a line begins with.
func numberAfter(text []byte, name string) (float64, error) {
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		if len(fields) > 1 && string(fields[0]) == name {
			return strconv.ParseFloat(string(fields[1]), 64)
		}
	}
	return 0, fmt.Errorf("there is no %s", name)
}

// pages compares the deep page of the first agent's history with the first.
func (f *goalsFlags) pages(ctx context.Context, t *httpTarget) ([]tegbench.Reading, error) {
	const path = "/token/transactions?limit=100"
	deep := fmt.Sprintf("%s&offset=%d", path, f.depth-pageRows)
	before, err := t.get(ctx, fmt.Sprintf("%s&offset=%d", path, max(f.depth-2*pageRows, 0)), t.tokens[0])
	if err != nil {
		return nil, err
	}
	var page struct {
		NextCursor string `json:"next_cursor"`
	}
	if err := json.Unmarshal(before, &page); err != nil {
		return nil, err
	}
	names, paths := []string{"first", "by_offset", "by_cursor"}, []string{path, deep, path + "&cursor=" + page.NextCursor}
	list := []tegbench.Reading{{Goal: goalOffset}, {Goal: goalCursor}}
	for i := range f.runs + 1 {
		f.log("pages of history, round %d of %d", i, f.runs)
		took, err := readPages(ctx, t, paths, f.reads)
		if err != nil {
			return nil, err
		}
		for n := range took {
			if i > 0 {
				f.kept.AddTimes("HTTP/history/"+names[n], f.reads, took[n:n+1])
			}
			if i > 0 && n > 0 {
				list[n-1].Values = append(list[n-1].Values, float64(took[n])/float64(took[0]))
				list[n-1].Detail = fmt.Sprintf("%d rows deep: %s of %s", f.depth, short(took[n]), short(took[0]))
			}
		}
	}
	return list, nil
}

// readPages has a lone caller read each page so often, by turns, and returns the medians.
func readPages(ctx context.Context, t *httpTarget, paths []string, reads int) ([]time.Duration, error) {
	took := make([][]time.Duration, len(paths))
	for range reads {
		for i, path := range paths {
			began := time.Now()
			if _, err := t.get(ctx, path, t.tokens[0]); err != nil {
				return nil, err
			}
			took[i] = append(took[i], time.Since(began))
		}
	}
	medians := make([]time.Duration, len(paths))
	for i := range took {
		slices.Sort(took[i])
		medians[i] = took[i][len(took[i])/2]
	}
	return medians, nil
}
