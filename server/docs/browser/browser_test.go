// Package browser opens the page of package docs in a real browser: headless Chromium,
// which has to be installed. It is a module of its own, as what drives the browser would
// be a dependency of the product's tests otherwise. make browser runs it.
package browser

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long anything may take; nothing here is about speed.
const patience = 2 * time.Minute

// serve runs `teg dev` with a prefix of its own, and returns where it listens.
func serve(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "teg")
	build := exec.Command("go", "build", "-o", program, "./server/cmd/teg")
	build.Dir = "../../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, "dev", "--ephemeral", "--listen", "127.0.0.1:18402")
	cmd.Env = append(os.Environ(), "API_V1_PREFIX=/economy/v1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() { // it prints its addresses once it listens
		if strings.Contains(lines.Text(), "127.0.0.1:18402") {
			go func() {
				for lines.Scan() {
				}
			}()
			return "http://127.0.0.1:18402"
		}
	}
	t.Fatal("the server did not start")
	return ""
}

// seen is what a browser complains of, and whom it asks.
type seen struct {
	mu         sync.Mutex
	complaints []string
	asked      []string
}

func (s *seen) listen(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch event := event.(type) {
	case *log.EventEntryAdded:
		s.complaints = append(s.complaints, fmt.Sprintf("%s: %s %s", event.Entry.Level, event.Entry.Text, event.Entry.URL))
	case *runtime.EventConsoleAPICalled:
		if event.Type == "error" || event.Type == "warning" {
			for _, arg := range event.Args {
				s.complaints = append(s.complaints, fmt.Sprintf("console: %s %v", arg.Value, arg.Description))
			}
		}
	case *runtime.EventExceptionThrown:
		s.complaints = append(s.complaints, "exception: "+event.ExceptionDetails.Text)
	case *network.EventRequestWillBeSent:
		s.asked = append(s.asked, event.Request.URL)
	}
}

// tried is what became of an operation that was tried out.
type tried struct {
	Count, Documented              int
	Servers, Request, Status, Body string
}

// tryOut opens an operation, sends its request as a person would, and tells what the page
// shows. It waits for each thing to be there, however long that takes.
const tryOut = `(async () => {
	const until = (find) => new Promise((found) => {
		const look = () => { const it = find(); it ? found(it) : setTimeout(look, 50); };
		look();
	});
	const one = (selector) => document.querySelector("#operations-Token-getFeeConfig " + selector);
	(await until(() => one(".opblock-summary-control"))).click();
	(await until(() => one(".try-out__btn"))).click();
	(await until(() => one(".execute"))).click();
	const status = await until(() => one(".live-responses-table .response .response-col_status"));
	const body = await until(() => one(".live-responses-table .response .highlight-code"));
	one(".live-responses-table").scrollIntoView();
	return {
		Count: document.querySelectorAll(".opblock").length,
		Documented: Object.values((await (await fetch("openapi.json")).json()).paths)
			.flatMap((item) => Object.keys(item)).filter((key) => key !== "servers").length,
		Servers: document.querySelector(".servers").textContent,
		Request: one(".request-url pre").textContent,
		Status: status.textContent,
		Body: body.textContent,
	};
})()`

// openAll opens every tag, so that all operations are listed.
const openAll = `(async () => {
	const tags = () => document.querySelectorAll(".opblock-tag-section").length;
	while (tags() < 9) await new Promise((soon) => setTimeout(soon, 50));
	document.querySelectorAll(".opblock-tag-section:not(.is-open) > h3").forEach((tag) => tag.click());
	while (document.querySelectorAll(".opblock-tag-section:not(.is-open)").length > 0) await new Promise((soon) => setTimeout(soon, 50));
	return tags();
})()`

// The page lists the operations and tries one out, under its strict policy, and asks
// nobody but the server.
func TestPage(t *testing.T) {
	url := serve(t)
	found := &seen{}
	ctx, cancel := chromedp.NewContext(context.Background(), chromedp.WithListener(found.listen),
		chromedp.WithAllocatorOptions(chromedp.NoSandbox, chromedp.WindowSize(1280, 1400)))
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()

	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%v; the browser says: %q", err, found.said())
		}
	}
	check(chromedp.Do(ctx, chromedp.Navigate(url+"/docs")))
	_, err := chromedp.Run(ctx, chromedp.Evaluate[int](openAll, chromedp.EvalAwaitPromise))
	check(err)
	list, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	check(err)
	result, err := chromedp.Run(ctx, chromedp.Evaluate[tried](tryOut, chromedp.EvalAwaitPromise))
	check(err)
	answered, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	check(err)
	keep(t, "operations.png", list)
	keep(t, "tried.png", answered)

	t.Logf("%d of %d operations on %q; %s answered %s: %s", result.Count, result.Documented, result.Servers, result.Request, result.Status, result.Body)
	if result.Documented < 80 || result.Count != result.Documented || !strings.Contains(result.Servers, "/economy/v1") {
		t.Error("not all operations are listed, or under another prefix")
	}
	if result.Request != url+"/economy/v1/token/fees/config" || !strings.HasPrefix(result.Status, "200") || !strings.Contains(result.Body, "fee_active") {
		t.Error("the operation was not answered")
	}
	for _, each := range found.said() {
		t.Error("the browser says:", each)
	}
	for _, each := range found.asked {
		if !strings.HasPrefix(each, url+"/") && !strings.HasPrefix(each, "data:") {
			t.Error("asked somebody else:", each)
		}
	}
}

// keep writes a screenshot for people to look at, where they say where.
func keep(t *testing.T, name string, picture []byte) {
	t.Helper()
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(folder, name), picture, 0o644); err != nil {
		t.Error(err)
	}
}

func (s *seen) said() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.complaints
}
