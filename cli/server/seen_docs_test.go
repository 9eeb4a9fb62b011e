package server

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"roster/cli/server/metrics"
	"roster/test/certtest"
)

const operations = "../../docs/operations/"

// rule is an alert as Prometheus reads it.
type rule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func readRules(t *testing.T) []rule {
	t.Helper()
	file, err := os.Open(operations + "alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var rules struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []rule `yaml:"rules"`
		} `yaml:"groups"`
	}
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(&rules); err != nil {
		t.Fatal(err)
	}
	return rules.Groups[0].Rules
}

// panel is one of a dashboard.
type panel struct {
	ID      int    `json:"id"`
	Type    string `json:"type"`
	Title   string `json:"title"`
	Targets []struct {
		Expr   string `json:"expr"`
		Legend string `json:"legendFormat"`
	} `json:"targets"`
}

func readDashboard(t *testing.T) []panel {
	t.Helper()
	text, err := os.ReadFile(operations + "dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		UID    string  `json:"uid"`
		Panels []panel `json:"panels"`
	}
	if err := json.Unmarshal(text, &dashboard); err != nil || dashboard.UID != "roster" {
		t.Fatal(dashboard.UID, err)
	}
	return dashboard.Panels
}

var (
	metricUse = regexp.MustCompile(`\b((?:roster|process|go)_[a-z0-9_]+|up)\b(?:\{([^}]*)\})?`)
	labelUse  = regexp.MustCompile(`([a-z_]+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"`)
	byUse     = regexp.MustCompile(`\bby \(([^)]*)\)`)
	wordUse   = regexp.MustCompile(`\$labels\.([a-z_]+)|^\{\{([a-z_]+)\}\}|\{\{([a-z_]+)\}\}`)
	sampleUse = regexp.MustCompile(`([a-z_]+)="([^"]*)"`)
)

// ofPrometheus are labels that Prometheus adds to what it scrapes.
var ofPrometheus = []string{"instance", "job"}

// shown are labels of metrics with the values that were seen.
type shown map[string]map[string]map[string]bool

func readShown(samples map[string]float64) shown {
	all := shown{"up": {}}
	for sample := range samples {
		name, labels, _ := strings.Cut(sample, "{")
		if all[name] == nil {
			all[name] = map[string]map[string]bool{}
		}
		for _, m := range sampleUse.FindAllStringSubmatch(labels, -1) {
			if all[name][m[1]] == nil {
				all[name][m[1]] = map[string]bool{}
			}
			all[name][m[1]][m[2]] = true
		}
	}
	return all
}

// check reports what an expression names that a server does not show, and words that it leaves no label for.
func (s shown) check(t *testing.T, where, expr, words string) {
	t.Helper()
	uses := metricUse.FindAllStringSubmatch(expr, -1)
	if len(uses) == 0 {
		t.Errorf("%s: %s uses no metric", where, expr)
	}
	grouped := []string{}
	aggregated := regexp.MustCompile(`\b(sum|max|min|avg|count)\b(\(| by)`).MatchString(expr)
	for _, m := range byUse.FindAllStringSubmatch(expr, -1) {
		for label := range strings.SplitSeq(m[1], ",") {
			grouped = append(grouped, strings.TrimSpace(label))
		}
	}
	for _, use := range uses {
		labels, ok := s[use[1]]
		if !ok {
			t.Errorf("%s: no server shows %s", where, use[1])
			continue
		}
		for _, m := range labelUse.FindAllStringSubmatch(use[2], -1) {
			if !slices.Contains(ofPrometheus, m[1]) && !anyMatches(labels[m[1]], m[2]) {
				t.Errorf("%s: %s has no label %s with %q: %v", where, use[1], m[1], m[2], labels[m[1]])
			}
		}
		for _, label := range grouped {
			if !slices.Contains(ofPrometheus, label) && labels[label] == nil {
				t.Errorf("%s: %s has no label %s", where, use[1], label)
			}
		}
		for _, m := range wordUse.FindAllStringSubmatch(words, -1) {
			label := m[1] + m[2] + m[3]
			known := labels[label] != nil || slices.Contains(ofPrometheus, label)
			if !known || aggregated && !slices.Contains(grouped, label) {
				t.Errorf("%s: %q names the label %s, which %s leaves out", where, words, label, expr)
			}
		}
	}
}

// anyMatches reports whether a pattern finds one of the values, or is a matter of what has not happened yet.
func anyMatches(values map[string]bool, pattern string) bool {
	if pattern == "5.." {
		return len(values) > 0
	}
	for value := range values {
		if regexp.MustCompile("^(?:" + pattern + ")$").MatchString(value) {
			return true
		}
	}
	return false
}

// A used server shows all that the dashboard, the alerts and the table speak of, and nothing else of its own.
func TestSeen_DocumentsNameWhatThereIs(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		certificate, key := certtest.Pair(t, t.TempDir(), 1, time.Hour)
		settings := []string{"ROSTER_TRACES=" + newSink(t).URL, "ROSTER_TLS_CERTIFICATE=" + certificate,
			"ROSTER_TLS_KEY=" + key}
		ofReplicas := strings.HasPrefix(database, "postgres")
		if ofReplicas {
			settings = append(settings, "ROSTER_REPLICA="+database)
		}
		s := startWatched(t, database, settings...)
		useAll(t, s)
		samples := s.scrape()
		all := readShown(samples)
		asked := 0.0
		for sample, n := range samples {
			if strings.HasPrefix(sample, `roster_ldap_questions_total{answer="silent"`) {
				asked += n
			}
		}
		if asked == 0 {
			t.Error("no question to an LDAP server is counted")
		}
		for _, p := range readDashboard(t) {
			for _, target := range p.Targets {
				if !ofReplicas && strings.Contains(target.Expr, "roster_replica_") {
					continue
				}
				all.check(t, p.Title, target.Expr, target.Legend)
			}
			if p.Type != "row" && len(p.Targets) == 0 {
				t.Errorf("%s shows nothing", p.Title)
			}
		}
		for _, r := range readRules(t) {
			if !ofReplicas && strings.Contains(r.Expr, "roster_replica_") {
				continue
			}
			all.check(t, r.Alert, r.Expr, r.Annotations["summary"])
		}
		documented := map[string]bool{}
		for _, f := range metrics.Families() {
			if !ofReplicas && strings.HasPrefix(f.Name, "roster_replica_") {
				continue
			}
			names := []string{f.Name}
			if f.Histogram {
				names = []string{f.Name + "_bucket", f.Name + "_sum", f.Name + "_count"}
			}
			for _, name := range names {
				documented[name] = true
				if all[name] == nil {
					t.Errorf("a used server does not show %s", name)
				}
				for _, label := range f.Labels {
					if all[name][label] == nil {
						t.Errorf("%s lacks the label %s", name, label)
					}
				}
				if extra := len(all[name]) - len(f.Labels); extra != 0 && !strings.HasSuffix(name, "_bucket") {
					t.Errorf("%s has other labels: %v", name, all[name])
				}
			}
		}
		for name := range all {
			if strings.HasPrefix(name, "roster_") && !documented[name] {
				t.Errorf("%s is not documented", name)
			}
		}
	})
}

// useAll makes requests after which every metric has a sample.
func useAll(t *testing.T, s watched) {
	t.Helper()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(silent.Addr().String())
	silent.Close()
	s.admin("POST", "/api/auth_source_ldaps", `{"auth_source_ldap":{"name":"gone","host":"127.0.0.1","port":`+port+
		`,"attr_login":"uid","onthefly_register":true,`+
		`"attr_firstname":"givenName","attr_lastname":"sn","attr_mail":"mail",`+
		`"base_dn":"dc=example"}}`, 201)
	s.admin("GET", "/api/users?search=login=admin", "", 200)
	ask(t, "GET", s.url+"/api/users", "stranger", "wrong", "")
	ask(t, "GET", s.url+"/strange", "", "", "")
	s.admin("GET", "/api/auth_source_ldaps", "", 200)
}

// Each alert is complete, and the guide says what it means.
func TestSeen_AlertsAreExplained(t *testing.T) {
	guide, err := os.ReadFile(operations + "monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	rules := readRules(t)
	if len(rules) < 10 { // or the file was not read whole
		t.Error("there are only", len(rules))
	}
	for _, r := range rules {
		if r.Expr == "" || r.For == "" || r.Labels["severity"] == "" || r.Annotations["summary"] == "" {
			t.Errorf("%s lacks something: %+v", r.Alert, r)
		}
		if !strings.Contains(string(guide), "| `"+r.Alert+"` |") {
			t.Errorf("the guide does not explain %s", r.Alert)
		}
	}
	var table []string
	for _, f := range metrics.Families() {
		table = append(table, f.Row())
	}
	if want := strings.Join(table, "\n"); !strings.Contains(string(guide), want+"\n") {
		t.Errorf("the table of the guide has to be:\n%s", want)
	}
	if tool, err := exec.LookPath("promtool"); err == nil {
		if out, err := exec.Command(tool, "check", "rules", operations+"alerts.yml").CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}
}
