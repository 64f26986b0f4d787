package metrics_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/agentvault/teg-layer/server/metrics"
	"github.com/agentvault/teg-layer/store/storetest"
)

// metric is what is there to be asked for: its type, and its labels.
type metric struct {
	kind   string
	labels []string
}

// known are all metrics of a site in which a little of everything has happened, those of
// the Go runtime and of the process too.
func known(t *testing.T) map[string]metric {
	s := newSite(t, storetest.OpenSQLite(t), metrics.Config{})
	s.busy()
	all := map[string]metric{}
	for name, family := range s.families() {
		all[name] = metricOf(family)
	}
	return all
}

func metricOf(family *dto.MetricFamily) metric {
	m := metric{kind: strings.ToLower(family.GetType().String())}
	for _, each := range family.GetMetric() {
		for _, label := range each.GetLabel() {
			if !slices.Contains(m.labels, label.GetName()) {
				m.labels = append(m.labels, label.GetName())
			}
		}
	}
	slices.Sort(m.labels)
	return m
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	require.NoError(t, err)
	return string(text)
}

var (
	metricNames = regexp.MustCompile(`\b(?:teg|go|process)_[a-z0-9_]+`)
	labelsBy    = regexp.MustCompile(`\bby \(([^)]*)\)`)
	labelsIn    = regexp.MustCompile(`([a-z_]+)(?:=~|!~|!=|=)"`)
	listed      = regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([a-z]+) \\| ([^|]+) \\| ([^|]*)\\| (.+) \\|$")
	usual       = []string{"go_goroutines", "go_gc_duration_seconds_sum", "go_memstats_heap_inuse_bytes", "process_cpu_seconds_total", "process_start_time_seconds", "process_resident_memory_bytes", "process_open_fds"}
)

// What is usual is there where no registry was given.
func TestDefaultRegistry(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	metrics.New(metrics.Config{}).Page().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, name := range append(usual, `teg_build_info{goversion="`+runtime.Version()+`",version="dev"}`) {
		require.Contains(t, w.Body.String(), "\n"+name, name)
	}
}

// leadsWithATime is an expression of which the value is a moment.
var leadsWithATime = regexp.MustCompile(`^\(*\w+_timestamp_seconds\b`)

// named are the metrics that an expression asks for. Each of them is there, and each
// label that it is asked by is one of theirs.
func named(t *testing.T, all map[string]metric, expression string) []string {
	t.Helper()
	var names, labels []string
	for _, series := range metricNames.FindAllString(expression, -1) {
		if slices.Contains(usual, series) {
			continue
		}
		name := series
		for _, part := range []string{"_bucket", "_sum", "_count"} {
			if whole := strings.TrimSuffix(series, part); all[whole].kind == "histogram" {
				name = whole
			}
		}
		require.Contains(t, all, name, "there is no %s: %s", series, expression)
		require.Equal(t, all[name].kind == "histogram", name != series, "a histogram is asked for by its parts: %s", expression)
		names, labels = append(names, name), append(labels, all[name].labels...)
	}
	labels = append(labels, "instance", "le")
	for _, list := range labelsBy.FindAllStringSubmatch(expression, -1) {
		for label := range strings.SplitSeq(list[1], ",") {
			require.Contains(t, labels, strings.TrimSpace(label), expression)
		}
	}
	for _, matcher := range labelsIn.FindAllStringSubmatch(expression, -1) {
		require.Contains(t, labels, matcher[1], expression)
	}
	return names
}

// panel is what of Grafana's panels is looked at.
type panel struct {
	ID         int
	Type       string
	Title      string
	GridPos    struct{ X, Y, W, H int }
	Datasource struct{ Type, UID string }
	Targets    []struct{ Expr, LegendFormat, RefID string }
}

// The dashboard asks for what there is, and leaves nothing out.
func TestDashboard(t *testing.T) {
	t.Parallel()
	var board struct {
		Title, UID string
		Templating struct{ List []struct{ Name, Type string } }
		Panels     []panel
	}
	require.NoError(t, json.Unmarshal([]byte(readFile(t, "deploy/grafana/teg.json")), &board))
	require.Equal(t, "datasource", board.Templating.List[0].Type)
	all, shown, ids := known(t), map[string]bool{"teg_ledger_check_failures_total": true}, map[int]bool{} // which its alert tells of
	for _, p := range board.Panels {
		require.False(t, ids[p.ID], "two panels are number %d", p.ID)
		ids[p.ID] = true
		require.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24, p.Title)
		if p.Type == "row" {
			continue
		}
		require.Equal(t, "${datasource}", p.Datasource.UID, p.Title)
		require.NotEmpty(t, p.Targets, p.Title)
		for _, target := range p.Targets {
			require.Contains(t, target.Expr, `instance=~"$instance"`, p.Title)
			for _, name := range named(t, all, target.Expr) {
				shown[name] = true
			}
		}
	}
	for name := range all {
		require.True(t, shown[name] || !strings.HasPrefix(name, "teg_"), "no panel shows %s", name)
	}
}

// The alerts ask for what there is, and the documentation says what to do about each.
func TestAlerts(t *testing.T) {
	t.Parallel()
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	decoder := yaml.NewDecoder(strings.NewReader(readFile(t, "deploy/prometheus/teg.rules.yaml")))
	decoder.KnownFields(true)
	require.NoError(t, decoder.Decode(&file))
	all, text := known(t), readFile(t, "docs/observability.md")
	require.Len(t, file.Groups, 1)
	require.NotEmpty(t, file.Groups[0].Rules)
	for _, rule := range file.Groups[0].Rules {
		require.NotEmpty(t, named(t, all, rule.Expr), rule.Alert)
		require.Contains(t, []string{"critical", "warning"}, rule.Labels["severity"], rule.Alert)
		require.NotEmpty(t, rule.Annotations["summary"], rule.Alert)
		require.NotEmpty(t, rule.Annotations["description"], rule.Alert)
		require.Contains(t, text, "| `"+rule.Alert+"` |")
		said := rule.Annotations["summary"] + rule.Annotations["description"]
		require.False(t, strings.Contains(said, "humanizeDuration") && leadsWithATime.MatchString(rule.Expr), "%s tells the time of something for how long it has been", rule.Alert)
	}
	require.Equal(t, len(file.Groups[0].Rules), strings.Count(text, "| `Teg"), "an alert is described that there is not")
}

// The documentation lists every metric with its type and its labels, and no other.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	told := map[string]metric{}
	for _, row := range listed.FindAllStringSubmatch(readFile(t, "docs/observability.md"), -1) {
		m := metric{kind: row[2]}
		for _, label := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(row[4], -1) {
			m.labels = append(m.labels, label[1])
		}
		slices.Sort(m.labels)
		told[row[1]] = m
	}
	all := known(t)
	for name := range all {
		if !strings.HasPrefix(name, "teg_") {
			delete(all, name)
		}
	}
	require.Equal(t, all, told)
}
